"""Reading what is said of photos and faces, for an audit: who, how old, when, and which faces show one picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, and_, func, or_, select

from db.models import Face, Photo, PhotoSubject, Subject, TakenYear

_ROWS_AT_ONCE = 5_000

_photo, _year, _subject = Photo.__table__, TakenYear.__table__, Subject.__table__
_link, _face = PhotoSubject.__table__, Face.__table__


@dataclass(frozen=True)
class LabelledPhoto:
    """What is said of one photo; `subject_id` only where it shows one person and that one is known."""

    photo_id: int
    site: str
    site_id: str
    subject_id: int | None
    subject: str | None
    age: float | None
    year: int | None
    year_min: int | None
    year_max: int | None
    birth_min: int | None  # years of the subject's birth and death, as `subject` has them
    birth_max: int | None
    death_min: int | None
    death_max: int | None
    sex: str | None  # of `raw`, as the set tells it, like all below
    race: str | None
    picture: int | None
    """Number of the photo in the order in which the set took them."""
    birth_date: str | None
    taken_date: str | None


@dataclass(frozen=True, eq=False)
class PicturedFaces:
    """Columns of the kept faces that have hashes, in the order of their ids; 0 stands for "nobody" and "no hash"."""

    face_id: NDArray[np.int64]
    photo_id: NDArray[np.int64]
    subject_id: NDArray[np.int64]
    age: NDArray[np.float64]  # NaN: unknown
    year_min: NDArray[np.float64]
    year_max: NDArray[np.float64]
    perceptual_hash: NDArray[np.uint64]
    crop_key: NDArray[np.uint64]  # 64 bits of crop_sha256
    file_key: NDArray[np.uint64]  # 64 bits of the photo's sha256

    def __len__(self) -> int:
        return len(self.face_id)


def labelled_photos(connection: Connection) -> Iterator[LabelledPhoto]:
    """Yield the photos that have a subject, an age or a year, subject by subject, a subject's in order of id.

    Those without a subject come together, first or last. Read in parts: memory does not grow with the catalog.
    """
    alone = (
        select(_link.c.photo_id, func.min(_link.c.subject_id).label("subject_id"))
        .group_by(_link.c.photo_id)
        .having(func.count() == 1)
        .subquery()
    )
    said = [_photo.c.raw[name].as_string().label(name) for name in ("sex", "race", "picture", "birth_date")]
    statement = (
        select(
            *(_photo.c.id.label("photo_id"), _photo.c.site, _photo.c.site_id, alone.c.subject_id),
            *(_subject.c.name.label("subject"), _photo.c.age_label.label("age")),
            *(_year.c.year, _year.c.year_min, _year.c.year_max),
            *(_subject.c.birth_year_min.label("birth_min"), _subject.c.birth_year_max.label("birth_max")),
            *(_subject.c.death_year_min.label("death_min"), _subject.c.death_year_max.label("death_max")),
            *said,
            _photo.c.raw["taken_date"].as_string().label("taken_date"),
        )
        .select_from(_photo)
        .outerjoin(alone, alone.c.photo_id == _photo.c.id)
        .outerjoin(_subject, _subject.c.id == alone.c.subject_id)
        .outerjoin(_year, _year.c.photo_id == _photo.c.id)
        .where(or_(alone.c.subject_id.is_not(None), _photo.c.age_label.is_not(None), _year.c.year_min.is_not(None)))
        .order_by(alone.c.subject_id, _photo.c.id)
    )
    for row in connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE)).mappings():
        values = dict(row)
        picture = _text(values["picture"])
        values |= {name: _text(values[name]) for name in ("sex", "race", "birth_date", "taken_date")}
        values["picture"] = int(picture) if picture is not None and picture.isdecimal() else None
        yield LabelledPhoto(**values)


def pictured_faces(connection: Connection) -> PicturedFaces:
    """Return the kept faces that have a perceptual hash, with what is said of them: 72 bytes a face."""
    statement = (
        select(
            *(_face.c.id, _face.c.photo_id, _face.c.subject_id, _face.c.age, _year.c.year_min, _year.c.year_max),
            *(_face.c.perceptual_hash, _face.c.crop_sha256, _photo.c.sha256),
        )
        .join(_photo, _photo.c.id == _face.c.photo_id)
        .outerjoin(_year, and_(_year.c.photo_id == _face.c.photo_id))
        .where(_face.c.status == "kept", _face.c.perceptual_hash.is_not(None))
        .order_by(_face.c.id)
    )
    parts: list[list[NDArray[Any]]] = [[] for _ in range(9)]
    result = connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE))
    for rows in result.partitions():
        columns = list(zip(*rows, strict=True))
        for place, values in enumerate(columns):
            parts[place].append(_column(place, values))
    empty = [_column(place, ()) for place in range(9)]
    whole = [np.concatenate([none, *some]) for none, some in zip(empty, parts, strict=True)]
    return PicturedFaces(*whole)


def _column(place: int, values: tuple[Any, ...]) -> NDArray[Any]:
    if place < 3:
        return np.array([value or 0 for value in values], np.int64)
    if place < 6:
        return np.array([np.nan if value is None else value for value in values], np.float64)
    if place == 6:
        return np.array(values, np.int64).view(np.uint64)
    return np.array([int(value[:16], 16) if value else 0 for value in values], np.uint64)


def _text(value: object) -> str | None:
    """Return a value of `raw` as text: SQLite gives numbers as numbers."""
    return None if value is None or value == "" else str(value)
