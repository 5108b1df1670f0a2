"""The texts and dates of stored photos, with the one subject each shows: what the reader of years is given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, and_, select
from sqlalchemy.sql import ColumnElement, Select

from db.models import Photo, PhotoSubject, Subject

_photo = cast(Table, Photo.__table__)
_subject, _link = Subject.__table__, PhotoSubject.__table__

_LIFE = ("display_name", "birth_date", "birth_year_min", "death_date", "death_year_max")
_LONGEST_ID = 18  # digits; more are no row number of either database
_IDS_AT_ONCE = 10_000


@dataclass(frozen=True)
class StoredPhoto:
    """A photo's texts and dates as the site gave them, and its subject where there is exactly one.

    `birth_year` is the first and `death_year` the last it may be.
    """

    id: int
    site: str
    site_id: str
    page_url: str | None
    title: str | None
    description: str | None
    tags: str | None
    machine_tags: str | None
    file_name: str | None
    date_taken: str | None
    date_taken_granularity: int | None
    date_taken_unknown: bool | None
    date_text: str | None
    exif_taken: str | None
    uploaded: datetime | None
    state: str
    path: str | None
    subject_name: str | None = None
    birth_year: int | None = None
    death_year: int | None = None


def text_columns() -> list[ColumnElement[Any]]:
    """Return the columns of `photo` that a `StoredPhoto` has."""
    return [_photo.c[name] for name in StoredPhoto.__dataclass_fields__ if name in _photo.c]


def read_photos(connection: Connection, statement: Select[Any]) -> list[StoredPhoto]:
    """Return the photos of a statement over `text_columns()`, in the order of their row numbers."""
    photos = [dict(row) for row in connection.execute(statement.order_by(_photo.c.id)).mappings()]
    subjects = _only_subjects(connection, [photo["id"] for photo in photos])
    return [StoredPhoto(**photo, **subjects.get(photo["id"], {})) for photo in photos]


def photos_with_texts(connection: Connection, photo_ids: Sequence[int]) -> list[StoredPhoto]:
    """Return the photos of these row numbers, dated or not, in the order of their row numbers."""
    return read_photos(connection, select(*text_columns()).where(_photo.c.id.in_(photo_ids)))


def find_photo(connection: Connection, words: str) -> int | None:
    """Return the row number of the photo `words` name: a row number, `site:site_id`, or the address of its page."""
    if words.isascii() and words.isdigit():
        if len(words) > _LONGEST_ID:
            return None
        condition: ColumnElement[bool] = _photo.c.id == int(words)
    elif words.lower().startswith(("https://", "http://")):
        bare = words.rstrip("/")
        condition = _photo.c.page_url.in_([words, bare, f"{bare}/"])
    else:
        site, _, site_id = words.partition(":")
        condition = and_(_photo.c.site == site, _photo.c.site_id == site_id)
    found = connection.execute(select(_photo.c.id).where(condition).order_by(_photo.c.id).limit(1)).scalar_one_or_none()
    return None if found is None else int(found)


def photo_ids(connection: Connection) -> Iterator[int]:
    """Yield the row numbers of all photos in their order, without holding them."""
    statement = select(_photo.c.id).order_by(_photo.c.id)
    yield from connection.execute(statement, execution_options={"yield_per": _IDS_AT_ONCE}).scalars()


def _only_subjects(connection: Connection, photo_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return name and years of life for photos with exactly one subject: of several, nobody knows which is meant."""
    if not photo_ids:
        return {}
    rows = connection.execute(
        select(_link.c.photo_id, *(_subject.c[name] for name in _LIFE))
        .join(_subject, _subject.c.id == _link.c.subject_id)
        .where(_link.c.photo_id.in_(photo_ids))
    ).all()
    times: dict[int, int] = {}
    for row in rows:
        times[row.photo_id] = times.get(row.photo_id, 0) + 1
    return {
        row.photo_id: {
            "subject_name": row.display_name,
            "birth_year": row.birth_year_min if row.birth_year_min is not None else _year_of(row.birth_date),
            "death_year": row.death_year_max if row.death_year_max is not None else _year_of(row.death_date),
        }
        for row in rows
        if times[row.photo_id] == 1
    }


def _year_of(date: str | None) -> int | None:
    start = (date or "")[:4]
    return int(start) if start.isascii() and start.isdigit() and len(start) == 4 else None
