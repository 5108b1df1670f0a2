"""What a crawl is asked for: subjects, their queries, and the window each begins with."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, func, select, update

from db.models import PhotoQuery, Query, SearchWindow, Subject
from db.tombstones import buried_values
from db.upserts import insert_each, insert_returning, slices
from db.window_rows import NewWindow, WantedQuery

_query, _window = cast(Table, Query.__table__), cast(Table, SearchWindow.__table__)
_subject, _link = cast(Table, Subject.__table__), cast(Table, PhotoQuery.__table__)

_LOCK_KEY = 727_202  # any number, the same in each process: it names our advisory lock in Postgres


def add_queries(connection: Connection, site: str, wanted: Sequence[WantedQuery], *, asked_by: str | None) -> None:
    """Create the subjects, queries and first windows that do not exist yet; leave those that do as they are.

    Windows come in the order of `wanted`. Every query of these subjects at `site` is marked as asked for by
    `asked_by`, the digest of a list of names, whose crawl then reads them; None changes no mark. A subject under a
    tombstone is passed over.
    """
    if connection.dialect.name == "postgresql":
        # Two workers that start at once insert the same names: one after the other, or each waits for the other.
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK_KEY)))
    now = datetime.now(UTC)
    buried = buried_values(connection, "subject", None, {want.name for want in wanted})
    wanted = [want for want in wanted if want.name not in buried]
    shown = {want.name: want.display_name for want in wanted}
    ids = _subject_ids(connection, shown)
    new = sorted(shown.keys() - ids.keys())
    if new:
        rows = [{"name": name, "display_name": shown[name], "created_at": now} for name in new]
        insert_each(connection, _subject, rows)
        ids |= _subject_ids(connection, new)
    add_for_subjects(connection, site, wanted, ids, asked_by=asked_by, now=now)
    if asked_by is not None:
        for some in slices(sorted(ids.values())):
            connection.execute(
                update(_query)
                .where(_query.c.site == site, _query.c.subject_id.in_(some))
                .where(_query.c.asked_by.is_distinct_from(asked_by))
                .values(asked_by=asked_by)
            )


def add_for_subjects(
    connection: Connection,
    site: str,
    wanted: Sequence[WantedQuery],
    subject_ids: Mapping[str, int],
    *,
    asked_by: str | None,
    now: datetime,
) -> None:
    """Create the queries of known subjects that do not exist yet, each with its first window."""
    first: dict[tuple[int, str], WantedQuery] = {}  # of a query given twice the first counts
    for want in wanted:
        first.setdefault((subject_ids[want.name], want.text), want)
    known = _known_queries(connection, site, {subject_id for subject_id, _ in first})
    rows = [
        {
            "site": site,
            "subject_id": subject_id,
            "text": text,
            "kind": first[subject_id, text].kind,
            "asked_by": asked_by,
            "updated_at": now,
        }
        for subject_id, text in sorted(first.keys() - known)
    ]
    new = insert_returning(connection, _query, rows, columns=("id", "subject_id", "text"))
    query_ids = {(subject_id, text): query_id for query_id, subject_id, text in new}
    windows = [window_row(site, query_ids[key], want.window, now) for key, want in first.items() if key in query_ids]
    insert_each(connection, _window, windows)


def refresh_queries(connection: Connection, site: str, wanted: Sequence[WantedQuery]) -> int:
    """Let the queries of `wanted` that are done or failed be read again from their start; return how many.

    What they found stays found. `add_queries` comes first.
    """
    now = datetime.now(UTC)
    ids = _subject_ids(connection, {want.name for want in wanted})
    windows = {(ids[want.name], want.text): want.window for want in wanted if want.name in ids}
    closed: dict[int, NewWindow] = {}
    for some in slices(sorted(set(ids.values()))):
        rows = connection.execute(
            select(_query.c.id, _query.c.subject_id, _query.c.text)
            .where(_query.c.site == site, _query.c.subject_id.in_(some), _query.c.state.in_(("done", "failed")))
            .order_by(_query.c.id)
        )
        closed |= {row.id: windows[row.subject_id, row.text] for row in rows if (row.subject_id, row.text) in windows}
    for part in slices(closed):
        # A result counts once a query, so what it found before is seen already.
        found = dict.fromkeys(part, 0) | _links(connection, part)
        connection.execute(delete(_window).where(_window.c.query_id.in_(part)))
        connection.execute(
            update(_query)
            .where(_query.c.id.in_(part))
            .values(state="pending", photos_refused=0, refused=None, attempts=0, error=None, updated_at=now)
        )
        for query_id in part:
            connection.execute(update(_query).where(_query.c.id == query_id).values(photos_seen=found[query_id]))
        rows_of_windows = [
            {**window_row(site, query_id, closed[query_id], now), "photos_seen": found[query_id]} for query_id in part
        ]
        insert_each(connection, _window, rows_of_windows)
    return len(closed)


def window_row(
    site: str, query_id: int, window: NewWindow, now: datetime, *, parent_id: int | None = None
) -> dict[str, Any]:
    """Return the row of a window that is still to be made."""
    return {
        "site": site,
        "query_id": query_id,
        "parent_id": parent_id,
        "licences": window.licences,
        "min_upload": window.min_upload,
        "max_upload": window.max_upload,
        "sort": window.sort,
        "cursor": None if window.cursor is None else dict(window.cursor),
        "updated_at": now,
    }


def _subject_ids(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for some in slices(names):
        rows = connection.execute(select(_subject.c.name, _subject.c.id).where(_subject.c.name.in_(some)))
        ids.update({row.name: row.id for row in rows})
    return ids


def _known_queries(connection: Connection, site: str, subject_ids: Iterable[int]) -> set[tuple[int, str]]:
    found: set[tuple[int, str]] = set()
    for some in slices(sorted(subject_ids)):
        of_subjects = select(_query.c.subject_id, _query.c.text).where(_query.c.subject_id.in_(some))
        found.update((row.subject_id, row.text) for row in connection.execute(of_subjects.where(_query.c.site == site)))
    return found


def _links(connection: Connection, query_ids: Sequence[int]) -> dict[int, int]:
    rows = connection.execute(
        select(_link.c.query_id, func.count()).where(_link.c.query_id.in_(query_ids)).group_by(_link.c.query_id)
    )
    return {query_id: count for query_id, count in rows}  # noqa: C416  a Row is no pair to mypy
