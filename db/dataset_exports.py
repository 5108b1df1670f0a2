"""Which dataset folders were written from this catalog, so that a takedown finds the faces in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Connection, Table, delete, func, select, update

from db.models import DatasetExport, Tombstone
from db.upserts import insert_new

_export = cast(Table, DatasetExport.__table__)

NOT_WRITTEN = ""
"""`manifest_sha256` of a folder that is being written, or whose writing was killed."""


@dataclass(frozen=True)
class RecordedExport:
    """A dataset folder as it was left last; `is_stale`: it may hold what was taken down since, or is gone."""

    id: int
    path: str
    manifest_sha256: str
    face_count: int
    is_stale: bool


def begin_export(connection: Connection, path: str) -> None:
    """Say that a folder is going to be written: one that a kill leaves without its figures is known all the same."""
    now = datetime.now(UTC)
    row = {"path": path, "manifest_sha256": NOT_WRITTEN, "face_count": 0, "is_stale": False, "created_at": now}
    insert_new(connection, _export, [row])


def record_export(connection: Connection, path: str, *, manifest_sha256: str, face_count: int) -> None:
    """Say what a folder holds now; it then holds nothing that was taken down."""
    begin_export(connection, path)
    values = {"manifest_sha256": manifest_sha256, "face_count": face_count, "is_stale": False}
    connection.execute(update(_export).where(_export.c.path == path).values(**values, created_at=datetime.now(UTC)))


def settle_export(connection: Connection, path: str, *, manifest_sha256: str, face_count: int) -> None:
    """Say what is left in a folder after a purge."""
    values = {"manifest_sha256": manifest_sha256, "face_count": face_count, "is_stale": False}
    connection.execute(update(_export).where(_export.c.path == path).values(**values))


def mark_stale(connection: Connection, paths: Iterable[str] | None = None) -> None:
    """Say that folders (all of them without `paths`) may hold what was taken down, or are not where they were."""
    statement = update(_export).values(is_stale=True)
    connection.execute(statement if paths is None else statement.where(_export.c.path.in_(list(paths))))


def forget_export(connection: Connection, path: str) -> None:
    """Drop a folder that is no more."""
    connection.execute(delete(_export).where(_export.c.path == path))


def recorded_exports(connection: Connection) -> list[RecordedExport]:
    """Return every recorded folder, the oldest first."""
    columns = (_export.c.id, _export.c.path, _export.c.manifest_sha256, _export.c.face_count, _export.c.is_stale)
    return [RecordedExport(*row) for row in connection.execute(select(*columns).order_by(_export.c.id))]


def newest_tombstone(connection: Connection) -> int:
    """Return the number of the tombstone written last, 0 without any."""
    return connection.scalar(select(func.max(Tombstone.id))) or 0


def buried_digests(connection: Connection, kind: str) -> set[str]:
    """Return the digests of all tombstones of a kind."""
    return set(connection.scalars(select(Tombstone.digest).where(Tombstone.kind == kind)))
