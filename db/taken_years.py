"""Which photos still need a taken year; and writing the years down with all their evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Table, and_, delete, exists, func, insert, or_, select
from sqlalchemy.sql import ColumnElement, Select

from db.models import DateEvidence, Photo, TakenYear
from db.photo_texts import StoredPhoto, read_photos, text_columns

IMPORTED = "import"
"""Source of years that a public set states itself; they are never overwritten by what a text says."""

_photo, _year = cast(Table, Photo.__table__), cast(Table, TakenYear.__table__)
_evidence = cast(Table, DateEvidence.__table__)


@dataclass(frozen=True)
class IdRange:
    """The photos from the row number `first` to `last`, both included, as far as they need a year."""

    first: int
    last: int


@dataclass(frozen=True)
class StoredYear:
    """What the catalog holds of a photo's year."""

    year: int | None
    edtf: str | None
    source: str | None
    version: str


def count_undated(connection: Connection, version: str, *, again: bool = False) -> int:
    """Return how many photos `undated_ranges` will give from the start."""
    return int(connection.execute(_select_undated(func.count(), version=version, again=again)).scalar_one())


def undated_ranges(
    connection: Connection, version: str, *, after_id: int, size: int, count: int, again: bool = False
) -> list[IdRange]:
    """Return up to `count` ranges of `size` photos each, above `after_id`, that have no year by this version.

    With `again` also those that have one. Photos whose year was imported are left out in any case.
    """
    statement = _select_undated(_photo.c.id, version=version, again=again).where(_photo.c.id > after_id)
    ids = connection.execute(statement.order_by(_photo.c.id).limit(size * count)).scalars().all()
    return [IdRange(ids[start], ids[min(start + size, len(ids)) - 1]) for start in range(0, len(ids), size)]


def undated_photos(connection: Connection, version: str, *, within: IdRange, again: bool = False) -> list[StoredPhoto]:
    """Return the photos of a range of `undated_ranges` with their texts, in the order of their row numbers."""
    statement = _select_undated(*text_columns(), version=version, again=again)
    return read_photos(connection, statement.where(_photo.c.id.between(within.first, within.last)))


def save_taken_years(
    connection: Connection, years: Sequence[Mapping[str, Any]], evidence: Sequence[Mapping[str, Any]] = ()
) -> int:
    """Write rows of `taken_year` and of `date_evidence`, in place of all older ones of the same photos.

    The rows of a table all name the same columns. Photos that were taken down since they were read are left out, and
    those that got an imported year meanwhile, unless `years` are imported ones. Returns how many years were written.
    """
    there = _cleared(connection, [row["photo_id"] for row in years if row["source"] == IMPORTED], imported=True)
    there |= _cleared(connection, [row["photo_id"] for row in years if row["source"] != IMPORTED], imported=False)
    # One short statement that the driver repeats: a long one would be built anew each time.
    if rows := [row for row in years if row["photo_id"] in there]:
        connection.execute(insert(_year), rows)
    if proofs := [row for row in evidence if row["photo_id"] in there]:
        connection.execute(insert(_evidence), proofs)
    return len(rows)


def stored_year(connection: Connection, photo_id: int) -> StoredYear | None:
    """Return the stored year of a photo, None where its texts were not read yet."""
    columns = [_year.c[name] for name in StoredYear.__dataclass_fields__]
    row = connection.execute(select(*columns).where(_year.c.photo_id == photo_id)).one_or_none()
    return None if row is None else StoredYear(*row)


def _cleared(connection: Connection, ids: Sequence[int], *, imported: bool) -> set[int]:
    """Delete the rows of these photos; return the photos that are there and free of a row."""
    if not ids:
        return set()
    replaceable = or_(_year.c.source.is_(None), _year.c.source != IMPORTED)
    of_these = _year.c.photo_id.in_(ids)
    connection.execute(delete(_year).where(of_these if imported else and_(of_these, replaceable)))
    # After the first write, so that on SQLite nobody else deletes; on Postgres the lock keeps the photos.
    has_row = exists().where(_year.c.photo_id == _photo.c.id)
    statement = select(_photo.c.id).where(_photo.c.id.in_(ids), ~has_row)
    free = set(connection.execute(statement.with_for_update(read=True, key_share=True, of=_photo)).scalars())
    connection.execute(delete(_evidence).where(_evidence.c.photo_id.in_(free)))
    return free


def _select_undated(*columns: Any, version: str, again: bool) -> Select[Any]:
    settled: ColumnElement[bool] = _year.c.source == IMPORTED
    if not again:
        # `source` is null in a row that says why there is no year; null must not make the row look absent.
        settled = or_(_year.c.version == version, and_(_year.c.source.is_not(None), settled))
    has_row = exists().where(_year.c.photo_id == _photo.c.id, settled)
    return select(*columns).select_from(_photo).where(~has_row)
