"""Which photos still need a taken year, with their texts; and writing the years down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, func, or_, select
from sqlalchemy.sql import ColumnElement, Select

from db.models import Photo, PhotoSubject, Subject, TakenYear
from db.upserts import upsert

IMPORTED = "import"
"""Source of years that a public set states itself; they are never overwritten by what a text says."""

_photo, _year, _subject, _link = Photo.__table__, TakenYear.__table__, Subject.__table__, PhotoSubject.__table__
_COLUMNS = (
    "year",
    "year_min",
    "year_max",
    "precision",
    "confidence",
    "source",
    "rule",
    "words",
    "reason",
    "version",
)


@dataclass(frozen=True)
class UndatedPhoto:
    """A photo's texts and dates as the site gave them, and its subject where there is exactly one."""

    id: int
    title: str | None
    description: str | None
    tags: str | None
    file_name: str | None
    date_taken: str | None
    date_taken_granularity: int | None
    date_taken_unknown: bool | None
    uploaded: datetime | None
    state: str
    path: str | None
    subject_name: str | None = None
    birth_date: str | None = None


def count_undated(connection: Connection, version: str, *, again: bool = False) -> int:
    """Return how many photos `undated_photos` will give from the start."""
    return int(connection.execute(_select_undated(func.count(), version=version, again=again)).scalar_one())


def undated_photos(
    connection: Connection, version: str, *, after_id: int, limit: int, again: bool = False
) -> list[UndatedPhoto]:
    """Return up to `limit` photos above `after_id` that have no year by this version of the extractor.

    With `again` also those that have one. Photos whose year was imported are left out in any case.
    """
    columns = [_photo.c[name] for name in UndatedPhoto.__dataclass_fields__ if name in _photo.c]
    statement = _select_undated(*columns, version=version, again=again)
    rows = connection.execute(statement.where(_photo.c.id > after_id).order_by(_photo.c.id).limit(limit)).mappings()
    photos = [dict(row) for row in rows]
    subjects = _only_subjects(connection, [photo["id"] for photo in photos])
    return [UndatedPhoto(**{**photo, **subjects.get(photo["id"], {})}) for photo in photos]


def save_taken_years(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of `taken_year`, in place of older ones of the same photos."""
    upsert(connection, _year, rows, keys=["photo_id"], update=_COLUMNS)


def _select_undated(*columns: Any, version: str, again: bool) -> Select[Any]:
    settled: ColumnElement[bool] = _year.c.source == IMPORTED
    if not again:
        # `source` is null in a row that says why there is no year; null must not make the row look absent.
        settled = or_(_year.c.version == version, and_(_year.c.source.is_not(None), settled))
    has_row = exists().where(_year.c.photo_id == _photo.c.id, settled)
    return select(*columns).select_from(_photo).where(~has_row)


def _only_subjects(connection: Connection, photo_ids: Sequence[int]) -> dict[int, dict[str, str | None]]:
    """Return name and birth date for photos with exactly one subject: of several, nobody knows which is meant."""
    if not photo_ids:
        return {}
    rows = connection.execute(
        select(_link.c.photo_id, _subject.c.display_name, _subject.c.birth_date)
        .join(_subject, _subject.c.id == _link.c.subject_id)
        .where(_link.c.photo_id.in_(photo_ids))
    ).all()
    times: dict[int, int] = {}
    for row in rows:
        times[row.photo_id] = times.get(row.photo_id, 0) + 1
    return {
        row.photo_id: {"subject_name": row.display_name, "birth_date": row.birth_date}
        for row in rows
        if times[row.photo_id] == 1
    }
