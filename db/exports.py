"""Reading the kept faces as an export needs them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, select

from db.models import Face, Photo, Subject, TakenYear

_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class KeptFace:
    """A kept face with what is known of its person and its photo."""

    face_id: int
    subject: str | None
    site: str
    site_id: str
    age: float | None
    age_std: float | None
    year: int | None
    year_confidence: float | None
    crop_path: str | None
    crop_template: str | None
    licence: str | None


def load_kept_faces(connection: Connection, *, sites: Sequence[str], labelled_only: bool) -> list[KeptFace]:
    """Read the kept faces of `sites` (of all when empty), by (site, site id): alike in every catalog of the photos."""
    statement = (
        select(
            *(Face.id, Subject.name, Photo.site, Photo.site_id, Face.age, TakenYear.year, TakenYear.confidence),
            *(Face.crop_path, Face.crop_template, Photo.licence),
            # Of labelled faces only: the long answers of sites need not be parsed for it.
            case((Face.age.is_not(None), Photo.raw["age_std"].as_float()), else_=None).label("age_std"),
        )
        .join(Photo, Photo.id == Face.photo_id)
        .join(Subject, Subject.id == Face.subject_id, isouter=True)
        .join(TakenYear, TakenYear.photo_id == Face.photo_id, isouter=True)
        .where(Face.status == "kept")
    )
    if sites:
        statement = statement.where(Photo.site.in_(sites))
    if labelled_only:
        statement = statement.where(Face.age.is_not(None))
    result = connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE))
    # A database gives every row words of its own: of a million faces, half a gigabyte of "flickr" and the like.
    words: dict[str | None, str | None] = {}
    faces = [
        KeptFace(
            face_id=row.id,
            subject=words.setdefault(row.name, row.name),
            site=str(words.setdefault(row.site, row.site)),
            site_id=row.site_id,
            age=row.age,
            age_std=row.age_std,
            year=row.year,
            year_confidence=row.confidence,
            crop_path=row.crop_path,
            crop_template=words.setdefault(row.crop_template, row.crop_template),
            licence=words.setdefault(row.licence, row.licence),
        )
        for rows in result.partitions()
        for row in rows
    ]
    # Sorted here: each database has its own order of letters.
    return sorted(faces, key=lambda face: (face.site, face.site_id, face.face_id))


def site_names(connection: Connection) -> list[str]:
    """Return every site that photos came from."""
    return list(connection.scalars(select(Photo.site).distinct().order_by(Photo.site)))
