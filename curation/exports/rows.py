"""Kept faces of the catalog as rows of an export, a batch of details at a time."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Engine

from curation.export_settings import ExportSettings
from curation.export_tables import split_key, sure_year_confidence
from dataset.splits import Split
from dataset.writers.rows import FaceRow
from db.export_details import FaceDetails, face_details, licence_terms
from db.exports import KeptFace
from db.removal import hidden_id
from db.upserts import BATCH_ROWS

_NOTHING = FaceDetails(None, None, None, None, None, None, None)


class RowMaker:
    """Makes rows of faces; `splits` has the split of each `split_key`."""

    def __init__(self, engine: Engine, splits: Mapping[str, Split], *, settings: ExportSettings) -> None:
        self._engine, self._splits, self._settings = engine, splits, settings
        with engine.connect() as connection:
            self._terms = licence_terms(connection)

    def rows(self, faces: Sequence[KeptFace]) -> Iterator[FaceRow]:
        """Yield the row of each of `faces`; each batch of details is a transaction of its own."""
        for start in range(0, len(faces), BATCH_ROWS):
            some = faces[start : start + BATCH_ROWS]
            with self._engine.connect() as connection:
                details = face_details(connection, [face.face_id for face in some])
            for face in some:
                # A face that was found anew meanwhile has no details any more, and no pairs.
                yield self._row(face, details.get(face.face_id, _NOTHING))

    def _row(self, face: KeptFace, details: FaceDetails) -> FaceRow:
        confidence = sure_year_confidence(face, self._settings.min_year_confidence)
        is_dated, is_open = confidence is not None, not self._settings.hide_ages
        name, url = self._terms.get((face.site, face.licence or ""), (face.licence, None))
        return FaceRow(
            face_id=face.face_id,
            subject=face.subject,
            split=self._splits[split_key(face)].label,
            age=face.age if is_open else None,
            age_std=face.age_std if is_open else None,
            age_min=details.age_min if is_open and is_dated else None,
            age_max=details.age_max if is_open and is_dated else None,
            year=face.year if is_dated else None,
            year_min=details.year_min if is_dated else None,
            year_max=details.year_max if is_dated else None,
            year_confidence=confidence or 0.0,
            site=face.site,
            site_id=face.site_id if is_open else hidden_id(face.site, face.site_id),
            licence=face.licence,
            licence_name=name,
            licence_url=url,
            # They may spell the age too: public sets write it into names, people into titles.
            title=details.title if is_open else None,
            author=details.author if is_open else None,
            page_url=details.page_url if is_open else None,
        )
