"""Taking rows for one worker: the same rows never go to two, and no worker waits for another's."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, or_, select, update
from sqlalchemy.sql import ColumnElement


def is_due(table: Table, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a row need not wait for its next try any longer."""
    return or_(table.c.next_try.is_(None), table.c.next_try <= now)


def take(connection: Connection, table: Table, wanted: Select[Any], worker_id: int, **values: Any) -> list[int]:
    """Lease the rows of `table` whose ids `wanted` selects; return those ids, in order.

    `wanted` may join other tables. On Postgres rows in other hands are passed over; on SQLite the statement waits
    for the writer lock and then sees every lease, since it is the first of its transaction that touches the rows.
    """
    if connection.dialect.name == "postgresql":
        wanted = wanted.with_for_update(skip_locked=True, of=table)
    # The subselect is made once and apart: planned as a semi-join, Postgres could run it, limit and all, once a row.
    chosen = wanted.cte("chosen").prefix_with("MATERIALIZED", dialect="postgresql")
    taken = connection.execute(
        update(table)
        .where(table.c.id.in_(select(chosen.c.id)))
        .values(state="leased", leased_by=worker_id, next_try=None, **values)
        .returning(table.c.id)
    )
    return sorted(taken.scalars())
