"""Which windows are to be read, by whom, and what became of those that could not be."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, func, select, true, update

from db.leases import is_due, take
from db.models import Query, SearchWindow, Subject
from db.upserts import slices
from db.window_rows import Window

_query, _window = cast(Table, Query.__table__), cast(Table, SearchWindow.__table__)
_subject = cast(Table, Subject.__table__)


def lease_windows(
    connection: Connection,
    site: str,
    worker_id: int,
    *,
    asked_by: str | None,
    limit: int = 1,
    now: datetime | None = None,
) -> list[Window]:
    """Give up to `limit` pending windows to a worker, the oldest first; those of queries of `asked_by`, None: of any.

    A window stays in the worker's hands over all of its steps, until it is done, fails, or is given back.
    """
    wanted = (
        select(_window.c.id)
        .where(_window.c.site == site, _window.c.state == "pending", is_due(_window, now or datetime.now(UTC)))
        .order_by(_window.c.id)
        .limit(limit)
    )
    if asked_by is not None:
        wanted = wanted.join(_query, _query.c.id == _window.c.query_id).where(_query.c.asked_by == asked_by)
    return _windows(connection, take(connection, _window, wanted, worker_id))


def fail_window(
    connection: Connection, window: Window, error: str, *, worker_id: int, next_try: datetime | None
) -> None:
    """Give a window up for this run (`next_try` None), or put it back until `next_try`; its stored steps stay.

    Does nothing when the window is in other hands by now.
    """
    has_failed = next_try is None
    given_up = connection.execute(
        update(_window)
        .where(_window.c.id == window.id, _window.c.leased_by == worker_id, _window.c.state == "leased")
        .values(
            state="failed" if has_failed else "pending",
            leased_by=None,
            next_try=next_try,
            error=error,
            attempts=_window.c.attempts + int(has_failed),
            updated_at=datetime.now(UTC),
        )
    ).rowcount
    if given_up:
        values = {"attempts": _query.c.attempts + 1} if has_failed else {}
        close_query(connection, window.query_id, error=error, **values)


def close_query(connection: Connection, query_id: int, **values: Any) -> bool:
    """Write `values` to a query and then the state its windows give it; return whether none of them is open.

    The row is written before the windows are looked at, so that of two workers that close the last two windows of
    a query the second waits for the first and sees what it did.
    """
    connection.execute(update(_query).where(_query.c.id == query_id).values(**values, updated_at=datetime.now(UTC)))
    states = set(connection.scalars(select(_window.c.state).where(_window.c.query_id == query_id).distinct()))
    is_open = bool(states & {"pending", "leased"})
    state = "pending" if is_open else "failed" if "failed" in states else "done"
    connection.execute(update(_query).where(_query.c.id == query_id, _query.c.state != state).values(state=state))
    return not is_open


def revive_failed(connection: Connection, site: str, *, asked_by: str | None, max_attempts: int) -> int:
    """Make failed windows pending again, unless they failed in `max_attempts` runs already; return how many."""
    revived = connection.execute(
        update(_window)
        .where(
            _window.c.site == site,
            _window.c.state == "failed",
            _window.c.attempts < max_attempts,
            _window.c.query_id.in_(select(_query.c.id).where(_is_asked_by(asked_by))),
        )
        .values(state="pending", next_try=None)
        .returning(_window.c.query_id)
    ).scalars()
    queries = list(revived)
    for some in slices(sorted(set(queries))):
        connection.execute(update(_query).where(_query.c.id.in_(some)).values(state="pending"))
    return len(queries)


def count_queries(connection: Connection, site: str, *, asked_by: str | None) -> dict[str, int]:
    """Return how many queries are in which state; of `asked_by`, None: of all."""
    statement = select(_query.c.state, func.count()).where(_query.c.site == site, _is_asked_by(asked_by))
    return _by_state(connection.execute(statement.group_by(_query.c.state)))


def count_windows(connection: Connection, site: str, *, asked_by: str | None) -> dict[str, int]:
    """Return how many windows are in which state; of queries of `asked_by`, None: of all."""
    statement = select(_window.c.state, func.count()).where(_window.c.site == site)
    if asked_by is not None:
        statement = statement.join(_query, _query.c.id == _window.c.query_id).where(_query.c.asked_by == asked_by)
    return _by_state(connection.execute(statement.group_by(_window.c.state)))


def _windows(connection: Connection, ids: Sequence[int]) -> list[Window]:
    statement = (
        select(
            *(_window.c.id, _window.c.query_id, _query.c.subject_id, _subject.c.name, _subject.c.display_name),
            *(_query.c.text, _query.c.kind, _window.c.licences, _window.c.min_upload, _window.c.max_upload),
            *(_window.c.sort, _window.c.cursor, _window.c.steps, _window.c.total, _window.c.attempts),
        )
        .join(_query, _query.c.id == _window.c.query_id)
        .join(_subject, _subject.c.id == _query.c.subject_id)
        .order_by(_window.c.id)
    )
    found: list[Window] = []
    for some in slices(ids):
        found += [Window(**row) for row in connection.execute(statement.where(_window.c.id.in_(some))).mappings()]
    return found


def _is_asked_by(asked_by: str | None) -> ColumnElement[bool]:
    return true() if asked_by is None else _query.c.asked_by == asked_by


def _by_state(rows: Iterable[Any]) -> dict[str, int]:
    return {state: count for state, count in rows}  # noqa: C416  a Row is no pair to mypy
