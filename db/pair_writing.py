"""Writing pair sets: the record, and rows by the fastest way of each database.

On SQLite the indexes of the table are made anew after a large set is in: one sort each, where a row at a time would
touch four trees. On Postgres rows go through binary COPY, made by numpy. Both within the caller's transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, delete, exists, select

from db.models import NegativePair, Pair, PairSet
from db.pairs import PairRows, StrangerRows
from db.upserts import upsert

_BATCH = 50_000
_ROWS_A_STATEMENT = 200  # of SQLite, which takes 32,766 parameters
_WORTH_NEW_INDEXES = 20_000
"""Pairs: for fewer, keeping the indexes up to date costs less than making them."""

_PAIR = ("pair_set_id", "younger_face_id", "older_face_id", "subject_id", "gap_years", "confidence")
_WITH_BOUNDS = (*_PAIR, "gap_min", "gap_max")
_STRANGERS = ("pair_set_id", "younger_face_id", "older_face_id", "gap_years")
# https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"
_COPY_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_END = b"\xff\xff"
_POSTGRES_TYPES = {"gap_years": ">i4", "gap_min": ">i4", "gap_max": ">i4", "confidence": ">f8"}

Column = NDArray[Any]


def replace_pair_set(
    connection: Connection,
    pairs: PairRows | None,
    *,
    name: str,
    recipe: Mapping[str, Any],
    seed: int,
    code_version: str,
    sha256: str,
    strangers: StrangerRows | None = None,
    storage: str = "rows",
    path: str | None = None,
    counts: Mapping[str, Any] | None = None,
    pair_count: int | None = None,
) -> None:
    """Write the set `name`, in the place of what it held; `pairs` are None where they lie elsewhere."""
    row = {
        "name": name,
        "recipe": dict(recipe),
        "seed": seed,
        "code_version": code_version,
        "pair_count": len(pairs) if pairs is not None else pair_count,
        "sha256": sha256,
        "storage": storage,
        "path": path,
        "counts": None if counts is None else dict(counts),
        "created_at": datetime.now(UTC),
    }
    # The upsert locks the row: a second build of this set on Postgres waits here and then replaces.
    upsert(connection, PairSet.__table__, [row], keys=["name"], update=[key for key in row if key != "name"])
    pair_set_id = connection.execute(select(PairSet.id).where(PairSet.name == name)).scalar_one()
    for table, values in _tables(pairs, strangers):
        count = 0 if values is None else len(values["younger_face_id"])
        with _fresh_indexes(connection, table, pair_set_id, count):
            _clear(connection, table, pair_set_id)
            if values is not None:
                _write(connection, table, pair_set_id, values)


def _tables(pairs: PairRows | None, strangers: StrangerRows | None) -> Iterator[tuple[Table, dict[str, Column] | None]]:
    yield (
        cast(Table, Pair.__table__),
        None
        if pairs is None
        else {
            "younger_face_id": pairs.younger,
            "older_face_id": pairs.older,
            "subject_id": pairs.subject_id,
            "gap_years": pairs.gap_years,
            "confidence": pairs.confidence,
            "gap_min": pairs.gap_min,
            "gap_max": pairs.gap_max,
        },
    )
    yield (
        cast(Table, NegativePair.__table__),
        None
        if strangers is None
        else {
            "younger_face_id": strangers.younger,
            "older_face_id": strangers.older,
            "gap_years": strangers.gap_years,
        },
    )


@contextmanager
def _fresh_indexes(connection: Connection, table: Table, pair_set_id: int, count: int) -> Iterator[None]:
    """Do without the table's indexes inside the block, on SQLite, for many rows and where no larger set lies there."""
    others = select(table.c.pair_set_id).where(table.c.pair_set_id != pair_set_id).limit(count + 1).subquery()
    is_worth_it = (
        connection.dialect.name == "sqlite"
        and count >= _WORTH_NEW_INDEXES
        and len(connection.execute(select(others.c.pair_set_id)).all()) <= count
    )
    indexes = sorted(table.indexes, key=lambda index: str(index.name)) if is_worth_it else []
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:  # an error rolls the whole transaction back, the indexes with it
        index.create(connection)


def _clear(connection: Connection, table: Table, pair_set_id: int) -> None:
    of_others = connection.scalar(select(exists().where(table.c.pair_set_id != pair_set_id)))
    # Without a condition SQLite empties the table at once, without looking at each row.
    connection.execute(delete(table).where(table.c.pair_set_id == pair_set_id) if of_others else delete(table))


def _write(connection: Connection, table: Table, pair_set_id: int, values: Mapping[str, Column]) -> None:
    if table.name != "pair":
        _write_columns(connection, table, pair_set_id, values, _STRANGERS)
        return
    # Null bounds say "as gap_years": most rows have no others, and are narrower for it.
    is_sure = (values["gap_min"] == values["gap_years"]) & (values["gap_max"] == values["gap_years"])
    for rows, columns in ((np.flatnonzero(is_sure), _PAIR), (np.flatnonzero(~is_sure), _WITH_BOUNDS)):
        if len(rows) == len(is_sure):
            _write_columns(connection, table, pair_set_id, values, columns)
        elif len(rows):
            _write_columns(connection, table, pair_set_id, {key: col[rows] for key, col in values.items()}, columns)


def _write_columns(
    connection: Connection, table: Table, pair_set_id: int, values: Mapping[str, Column], columns: Sequence[str]
) -> None:
    # Sorted by the primary key: a tree that grows at its end only.
    order = np.lexsort((values["older_face_id"], values["younger_face_id"]))
    driver: Any = connection.connection.driver_connection
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql":
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(_COPY_HEADER)
            for start in range(0, len(order), _BATCH):
                copy.write(_binary(pair_set_id, values, columns, order[start : start + _BATCH]))
            copy.write(_COPY_END)
        return
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        _insert(driver, table.name, pair_set_id, columns, [values[name][rows].tolist() for name in columns[1:]])


def _insert(driver: Any, table: str, pair_set_id: int, columns: Sequence[str], lists: Sequence[list[Any]]) -> None:
    """Insert rows of SQLite, many a statement: a statement a row takes two and a half times as long (2026-11-22)."""
    width, count = len(lists), len(lists[0])
    flat: list[Any] = [None] * (width * count)
    for place, values in enumerate(lists):
        flat[place::width] = values
    row = f"({pair_set_id:d}, {', '.join('?' * width)})"
    start = f"insert into {table} ({', '.join(columns)}) values "
    whole = count - count % _ROWS_A_STATEMENT
    step = width * _ROWS_A_STATEMENT
    parts = (flat[begin : begin + step] for begin in range(0, width * whole, step))
    driver.executemany(start + ", ".join([row] * _ROWS_A_STATEMENT), parts)
    if whole < count:
        driver.execute(start + ", ".join([row] * (count - whole)), flat[width * whole :])


def _binary(pair_set_id: int, values: Mapping[str, Column], columns: Sequence[str], rows: NDArray[np.int64]) -> bytes:
    """Return rows as Postgres' COPY reads them: the number of fields, then length and big-endian value of each."""
    types = [_POSTGRES_TYPES.get(name, ">i8") for name in columns]
    fields: list[tuple[str, str]] = [("field_count", ">i2")]
    for name, kind in zip(columns, types, strict=True):
        fields += [(f"{name}_size", ">i4"), (name, kind)]
    table = np.zeros(len(rows), np.dtype(fields))
    table["field_count"] = len(columns)
    for name, kind in zip(columns, types, strict=True):
        table[f"{name}_size"] = np.dtype(kind).itemsize
        table[name] = pair_set_id if name == "pair_set_id" else values[name][rows]
    return table.tobytes()
