"""The certificate of a crawl: what the site has for each query, what is catalogued, and why the rest is not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Table, func, select

from db.models import PhotoQuery, Query, SearchWindow, Subject
from db.window_rows import Coverage

_query, _window = cast(Table, Query.__table__), cast(Table, SearchWindow.__table__)
_subject, _link = cast(Table, Subject.__table__), cast(Table, PhotoQuery.__table__)

REMOVED = "removed"
"""Reason of results that were stored once and are no more."""

_QUERIES_AT_ONCE = 500


def coverage(connection: Connection, site: str, *, asked_by: str | None = None) -> Iterator[Coverage]:
    """Yield what became of each query's results, in the order of the queries; of `asked_by`, None: of all."""
    after_id = 0
    while True:
        statement = (
            select(_query, _subject.c.name)
            .join(_subject, _subject.c.id == _query.c.subject_id)
            .where(_query.c.site == site, _query.c.id > after_id)
            .order_by(_query.c.id)
            .limit(_QUERIES_AT_ONCE)
        )
        if asked_by is not None:
            statement = statement.where(_query.c.asked_by == asked_by)
        queries = connection.execute(statement).all()
        if not queries:
            return
        ids = [query.id for query in queries]
        linked = _linked(connection, ids)
        parts = _parts(connection, ids)
        for query in queries:
            yield _covered(query, linked.get(query.id, 0), parts.get(query.id, _Parts()))
        after_id = ids[-1]


@dataclass
class _Parts:
    """The sums of a query's windows: of those with a licence filter apart."""

    unreachable: int = 0
    filtered: int = 0  # windows
    filtered_total: int = 0  # as the site said for the outermost of them
    filtered_found: int = 0  # results seen in them, or unreachable
    is_open: bool = False  # it is not known yet what a filter keeps out


def _covered(query: Any, catalogued: int, parts: _Parts) -> Coverage:
    refused = dict(query.refused or {})
    removed = query.photos_seen - query.photos_refused - catalogued
    if removed > 0:
        refused[REMOVED] = removed
    found = query.photos_seen + parts.unreachable
    # More was seen than the site said: photos were added meanwhile.
    site_total = None if query.total is None else max(query.total, found)
    filtered_out = missing = 0
    if site_total is not None:
        not_found = site_total - found
        if parts.filtered and not parts.is_open:
            missing = min(not_found, max(0, parts.filtered_total - parts.filtered_found))
            filtered_out = not_found - missing
        else:
            missing = not_found
    return Coverage(
        name=query.name,
        query_text=query.text,
        kind=query.kind,
        state=query.state,
        site_total=site_total,
        catalogued=catalogued,
        refused=refused,
        filtered_out=filtered_out,
        unreachable=parts.unreachable,
        missing=missing,
        note=query.error,
    )


def _linked(connection: Connection, query_ids: Sequence[int]) -> dict[int, int]:
    rows = connection.execute(
        select(_link.c.query_id, func.count()).where(_link.c.query_id.in_(query_ids)).group_by(_link.c.query_id)
    )
    return {query_id: count for query_id, count in rows}  # noqa: C416  a Row is no pair to mypy


def _parts(connection: Connection, query_ids: Sequence[int]) -> dict[int, _Parts]:
    parent = _window.alias("parent")
    rows = connection.execute(
        select(
            *(_window.c.query_id, _window.c.licences, _window.c.total, _window.c.photos_seen, _window.c.state),
            _window.c.photos_unreachable,
            parent.c.licences.label("licences_above"),
        )
        .join(parent, parent.c.id == _window.c.parent_id, isouter=True)
        .where(_window.c.query_id.in_(query_ids))
    )
    parts: dict[int, _Parts] = {}
    for row in rows:
        part = parts.setdefault(row.query_id, _Parts())
        part.unreachable += row.photos_unreachable
        if row.licences is None:
            # While it is read, what it has not given yet is not kept out by any filter.
            part.is_open |= row.state != "done"
            continue
        part.filtered += 1
        part.filtered_found += row.photos_seen + row.photos_unreachable
        if row.licences_above is None:
            part.filtered_total += row.total or 0
            part.is_open |= row.total is None
    return parts
