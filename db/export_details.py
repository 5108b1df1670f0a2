"""What an export says of a face beyond `KeptFace`: bounds of year and age, credits; and who is too young for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Integer, column, func, select, table, true

from db.models import Face, FaceScan, Licence, Photo, Subject, TakenYear
from db.upserts import BATCH_ROWS

_photo_age = table(
    "photo_age",
    *(column(name, Integer) for name in ("photo_id", "subject_id", "age_min", "age_max")),
)

_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class FaceDetails:
    """The rest of what is known of a face's photo; None is what is not known."""

    year_min: int | None
    year_max: int | None
    age_min: int | None
    age_max: int | None
    title: str | None
    author: str | None
    page_url: str | None


@dataclass(frozen=True, slots=True)
class AgeBounds:
    """Least and most completed years, from the years of birth and of the photo."""

    age_min: int
    age_max: int


class DerivedAges:
    """The bounds of many faces as columns: twelve bytes each, where objects would take two hundred."""

    def __init__(self, face_id: NDArray[np.int64], bounds: NDArray[np.int16]) -> None:
        order = np.argsort(face_id)
        self._face_id, self._bounds = face_id[order], bounds[order]

    def of(self, face_id: int) -> AgeBounds | None:
        """Return the bounds of a face, None where they are not known."""
        place = int(np.searchsorted(self._face_id, face_id))
        if place == len(self._face_id) or self._face_id[place] != face_id:
            return None
        low, high = self._bounds[place].tolist()
        return AgeBounds(low, high)


def face_details(connection: Connection, face_ids: Sequence[int]) -> dict[int, FaceDetails]:
    """Return the details of each of `face_ids` that is still there."""
    found: dict[int, FaceDetails] = {}
    for start in range(0, len(face_ids), BATCH_ROWS):
        some = face_ids[start : start + BATCH_ROWS]
        rows = connection.execute(
            select(
                *(Face.id, Face.photo_id, Face.subject_id, TakenYear.year_min, TakenYear.year_max),
                *(Photo.title, Photo.owner_name, Photo.owner_id, Photo.page_url),
            )
            .join(Photo, Photo.id == Face.photo_id)
            .join(TakenYear, TakenYear.photo_id == Face.photo_id, isouter=True)
            .where(Face.id.in_(some))
        ).all()
        photos = {row.photo_id for row in rows}
        # By photo, not joined with the faces: the view is then asked for these photos only, on either database.
        ages = {
            (row.photo_id, row.subject_id): AgeBounds(row.age_min, row.age_max)
            for row in connection.execute(select(_photo_age).where(_photo_age.c.photo_id.in_(photos)))
        }
        for row in rows:
            age = ages.get((row.photo_id, row.subject_id))
            found[row.id] = FaceDetails(
                year_min=row.year_min,
                year_max=row.year_max,
                age_min=None if age is None else age.age_min,
                age_max=None if age is None else age.age_max,
                title=row.title,
                author=row.owner_name or row.owner_id,
                page_url=row.page_url,
            )
    return found


def derived_ages(connection: Connection) -> DerivedAges:
    """Return the bounds of age of every kept face whose subject's birth and photo's year are known."""
    statement = (
        select(Face.id, _photo_age.c.age_min, _photo_age.c.age_max)
        .join_from(
            Face,
            _photo_age,
            (_photo_age.c.photo_id == Face.photo_id) & (_photo_age.c.subject_id == Face.subject_id),
        )
        .where(Face.status == "kept")
    )
    result = connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE))
    parts = [np.array(rows, np.int64) for rows in result.partitions()]
    table = np.concatenate([np.zeros((0, 3), np.int64), *parts])
    return DerivedAges(table[:, 0], table[:, 1:].astype(np.int16))


def rejected_by_reason(connection: Connection, sites: Sequence[str]) -> dict[str, int]:
    """Return how many photos and faces of `sites` (all when empty) were dropped, by the reason."""
    chosen = Photo.site.in_(sites) if sites else true()
    tally: dict[str, int] = {}
    for model, reason in ((FaceScan, FaceScan.drop_reason), (Face, Face.drop_reason)):
        statement = (
            select(reason, func.count())
            .join_from(model, Photo, Photo.id == model.photo_id)
            .where(reason.is_not(None), chosen)
            .group_by(reason)
        )
        for word, count in connection.execute(statement):
            tally[str(word)] = tally.get(str(word), 0) + count
    return dict(sorted(tally.items()))


def licence_terms(connection: Connection) -> dict[tuple[str, str], tuple[str, str | None]]:
    """Return name and address of every licence that a site listed, by site and the site's own id."""
    rows = connection.execute(select(Licence.site, Licence.licence_id, Licence.name, Licence.url))
    return {(row.site, row.licence_id): (row.name, row.url) for row in rows}


def subject_names(connection: Connection, subject_ids: Sequence[int]) -> dict[int, str]:
    """Return the names of those of `subject_ids` that are there."""
    rows = connection.execute(select(Subject.id, Subject.name).where(Subject.id.in_(subject_ids)))
    return {row.id: row.name for row in rows}
