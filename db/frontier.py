"""The crawl's frontier as rows: which names are still to be asked, and storing the pages of their results.

Every function works in the caller's transaction. Whatever the instant of a kill, a page of results is in the
catalog with all of its photos or not at all. The images are in `db/image_frontier.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, func, select, update

from db.models import Photo, PhotoQuery, PhotoSubject, Query, Subject
from db.upserts import BATCH_ROWS, insert_new

_photo, _query = cast(Table, Photo.__table__), cast(Table, Query.__table__)
_subject = Subject.__table__


@dataclass(frozen=True)
class WantedQuery:
    """A subject and what is to be typed into a site's search for it."""

    name: str
    display_name: str
    text: str


@dataclass(frozen=True)
class OpenQuery:
    """A query that still has pages to read, from `next_page` on."""

    id: int
    subject_id: int
    name: str
    text: str
    next_page: int


@dataclass(frozen=True)
class PageRows:
    """One page of results as rows.

    `photos` are rows of `photo` (less `site`, `found_at`), in the order of the results; `ranks` their places in
    the results, from 0. `seen` counts the results of the page, `refused` those that are not in `photos`.
    """

    page: int
    pages: int | None
    total: int | None
    seen: int
    refused: int
    is_last: bool
    photos: Sequence[Mapping[str, Any]] = ()
    ranks: Sequence[int] = ()
    note: str | None = None


@dataclass(frozen=True)
class FrontierCounts:
    """How many rows of a site are in which state."""

    queries: Mapping[str, int] = field(default_factory=dict)
    photos: Mapping[str, int] = field(default_factory=dict)


def add_queries(connection: Connection, site: str, wanted: Sequence[WantedQuery]) -> None:
    """Create the subjects and queries that do not exist yet; leave those that do as they are."""
    now = datetime.now(UTC)
    subjects = [{"name": want.name, "display_name": want.display_name, "created_at": now} for want in wanted]
    insert_new(connection, _subject, subjects)
    ids = _subject_ids(connection, [want.name for want in wanted])
    queries = [
        {
            "site": site,
            "subject_id": ids[want.name],
            "text": want.text,
            "state": "pending",
            "next_page": 1,
            "photos_seen": 0,
            "photos_refused": 0,
            "attempts": 0,
            "updated_at": now,
        }
        for want in wanted
    ]
    insert_new(connection, _query, queries)


def revive_failed(connection: Connection, site: str, *, max_attempts: int) -> None:
    """Make failed queries and photos of `site` pending again, unless they failed in `max_attempts` runs already."""
    for table in (_query, _photo):
        connection.execute(
            update(table)
            .where(table.c.site == site, table.c.state == "failed", table.c.attempts < max_attempts)
            .values(state="pending")
        )


def open_queries(connection: Connection, site: str, wanted: Sequence[WantedQuery]) -> list[OpenQuery]:
    """Return the pending queries of `wanted`, in the order of `wanted`."""
    found: dict[tuple[str, str], OpenQuery] = {}
    columns = (_query.c.id, _query.c.subject_id, _subject.c.name, _query.c.text, _query.c.next_page)
    for names in _slices([want.name for want in wanted]):
        rows = connection.execute(
            select(*columns)
            .join(_subject, _subject.c.id == _query.c.subject_id)
            .where(_query.c.site == site, _query.c.state == "pending", _subject.c.name.in_(names))
        )
        found.update({(row.name, row.text): OpenQuery(*row) for row in rows})
    keys = dict.fromkeys((want.name, want.text) for want in wanted)
    return [found[key] for key in keys if key in found]


def count_queries(connection: Connection, site: str, wanted: Sequence[WantedQuery]) -> dict[str, int]:
    """Return how many of the wanted queries are in which state."""
    counts: dict[str, int] = {}
    for names in _slices([want.name for want in wanted]):
        rows = connection.execute(
            select(_query.c.state, func.count())
            .join(_subject, _subject.c.id == _query.c.subject_id)
            .where(_query.c.site == site, _subject.c.name.in_(names))
            .group_by(_query.c.state)
        )
        for state, count in rows:
            counts[state] = counts.get(state, 0) + count
    return counts


def store_page(connection: Connection, site: str, query: OpenQuery, rows: PageRows) -> int | None:
    """Store a page of results: photos, their links to query and subject, and where the query goes on.

    Returns how many photos are new to the catalog, or None when the page is there already.
    """
    now = datetime.now(UTC)
    # The first statement writes, so that a second writer waits here and not half-way.
    moved_on = connection.execute(
        update(_query)
        .where(_query.c.id == query.id, _query.c.next_page == rows.page, _query.c.state != "done")
        .values(
            next_page=rows.page + 1,
            pages=rows.pages,
            total=rows.total,
            photos_seen=_query.c.photos_seen + rows.seen,
            photos_refused=_query.c.photos_refused + rows.refused,
            state="done" if rows.is_last else "pending",
            error=rows.note,
            updated_at=now,
        )
    ).rowcount
    if not moved_on:
        return None
    new = insert_new(connection, _photo, [{**photo, "site": site, "found_at": now} for photo in rows.photos])
    ids = _photo_ids(connection, site, [photo["site_id"] for photo in rows.photos])
    ranks = {ids[photo["site_id"]]: rank for photo, rank in zip(rows.photos, rows.ranks, strict=True)}
    insert_new(
        connection,
        PhotoQuery.__table__,
        [{"photo_id": photo_id, "query_id": query.id, "rank": rank} for photo_id, rank in ranks.items()],
    )
    insert_new(
        connection,
        PhotoSubject.__table__,
        [{"photo_id": photo_id, "subject_id": query.subject_id} for photo_id in ranks],
    )
    return new


def fail_query(connection: Connection, query_id: int, error: str) -> None:
    """Mark a query as failed in this run, with what the site said; its stored pages stay."""
    connection.execute(
        update(_query)
        .where(_query.c.id == query_id)
        .values(state="failed", error=error, attempts=_query.c.attempts + 1, updated_at=datetime.now(UTC))
    )


def _subject_ids(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for some in _slices(names):
        rows = connection.execute(select(_subject.c.name, _subject.c.id).where(_subject.c.name.in_(some)))
        ids.update({row.name: row.id for row in rows})
    return ids


def _photo_ids(connection: Connection, site: str, site_ids: Sequence[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for some in _slices(site_ids):
        rows = connection.execute(
            select(_photo.c.site_id, _photo.c.id).where(_photo.c.site == site, _photo.c.site_id.in_(some))
        )
        ids.update({row.site_id: row.id for row in rows})
    return ids


def _slices(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), BATCH_ROWS):
        yield values[start : start + BATCH_ROWS]
