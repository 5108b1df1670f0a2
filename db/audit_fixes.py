"""Reading and writing the single values that a fix changes, of photos, taken years and faces.

A column `raw.sex` is the key `sex` of the JSON in `raw`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, select, update

from db.models import Face, FaceScan, Photo, TakenYear
from db.upserts import slices

_TABLES: dict[str, tuple[Table, str]] = {
    "photo": (cast(Table, Photo.__table__), "id"),
    "taken_year": (cast(Table, TakenYear.__table__), "photo_id"),
    "face": (cast(Table, Face.__table__), "id"),
}
"""The tables that a fix may change, and the column that a change names its row by."""

_RAW = "raw."
_face = Face.__table__


def read_values(connection: Connection, table: str, row_id: int, columns: Sequence[str]) -> dict[str, Any] | None:
    """Return the values of `columns` of a row; None where the row is gone."""
    known, key = _TABLES[table]
    plain = {name.partition(".")[0] if name.startswith(_RAW) else name for name in columns}
    statement = select(*(known.c[name] for name in sorted(plain))).where(known.c[key] == row_id)
    row = connection.execute(statement.with_for_update()).mappings().first()
    if row is None:
        return None
    raw = row.get("raw") or {}
    return {name: raw.get(name.removeprefix(_RAW)) if name.startswith(_RAW) else row[name] for name in columns}


def write_values(connection: Connection, table: str, row_id: int, values: Mapping[str, Any]) -> None:
    """Write values of a row; a `raw.x` of None takes the key out."""
    known, key = _TABLES[table]
    plain = {name: value for name, value in values.items() if not name.startswith(_RAW)}
    keys = {name.removeprefix(_RAW): value for name, value in values.items() if name.startswith(_RAW)}
    if keys:
        raw = dict(connection.execute(select(known.c.raw).where(known.c[key] == row_id)).scalar_one() or {})
        raw |= keys
        plain["raw"] = {name: value for name, value in raw.items() if value is not None or name not in keys}
    connection.execute(update(known).where(known.c[key] == row_id).values(**plain))


def faces_of_age(connection: Connection, photo_id: int, age: float) -> list[int]:
    """Return the faces of a photo that carry its age label: the main one, where there is one."""
    statement = select(_face.c.id).where(_face.c.photo_id == photo_id, _face.c.age == age).order_by(_face.c.id)
    return list(connection.execute(statement).scalars())


def look_again(connection: Connection, photo_ids: Sequence[int]) -> None:
    """Let the next `curate faces` look at these photos: a face whose value would be restored is gone."""
    for some in slices(sorted(set(photo_ids))):
        connection.execute(delete(FaceScan).where(FaceScan.__table__.c.photo_id.in_(some)))
