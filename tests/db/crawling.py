"""A crawl in rows for tests: names, leased windows and answers of a site."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from db.windows import StepRows, StoredStep, WantedQuery, Window, add_queries, lease_windows, store_step
from db.workers import enter_crawl

SITE = "flickr"
LIST = "1" * 64
"""Digest of a list of names."""

MARTA = WantedQuery("Marta_Quillon", "Marta Quillon", '"Marta Quillon"')
TOM = WantedQuery("Tom_Berg", "Tom Berg", '"Tom Berg"')


def found_photo(site_id: str, **changes: Any) -> dict[str, Any]:
    """Return a row of `photo` as the crawler makes it of a result."""
    return {
        "site_id": site_id,
        "page_url": f"http://host/page/{site_id}",
        "image_url": f"http://host/{site_id}.jpg",
        "licence": "4",
        "owner_id": "7@N00",
        "title": "an \x00 odd title",
        "uploaded": datetime(2004, 5, 6, tzinfo=UTC),
        "raw": {"id": site_id},
        "state": "pending",
        "attempts": 0,
        "path": f"photos/Marta_Quillon/{site_id}.jpg",
        **changes,
    }


def answer(
    *site_ids: str,
    refused: Mapping[str, int] | None = None,
    cursor: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
    **values: Any,
) -> StepRows:
    """Return an answer with these photos; it ends its window unless there is a cursor."""
    photos = [found_photo(site_id, **(changes or {})) for site_id in site_ids]
    refusals = refused or {}
    rows = StepRows(
        photos=photos,
        ranks=list(range(len(photos))),
        seen=len(photos) + sum(refusals.values()),
        refused=refusals,
        total=None,
        query_total=None,
        cursor=cursor,
    )
    return replace(rows, **values)


def enter(catalog: Engine) -> int:
    """Return the id of a new worker of this process."""
    with catalog.begin() as connection:
        return enter_crawl(connection)


def begin(catalog: Engine, *wanted: WantedQuery, site: str = SITE, asked_by: str | None = LIST) -> int:
    """Add queries and return the id of a new worker."""
    with catalog.begin() as connection:
        add_queries(connection, site, wanted or (MARTA,), asked_by=asked_by)
    return enter(catalog)


def lease(catalog: Engine, worker_id: int, *, limit: int = 1, **values: Any) -> list[Window]:
    """Lease windows of the list."""
    with catalog.begin() as connection:
        return lease_windows(connection, SITE, worker_id, **{"asked_by": LIST, "limit": limit, **values})


def store(catalog: Engine, window: Window, rows: StepRows, *, worker_id: int) -> StoredStep:
    """Store an answer that must be stored."""
    with catalog.begin() as connection:
        stored = store_step(connection, window, rows, worker_id=worker_id)
    assert stored is not None
    return stored


def store_all(catalog: Engine, window: Window, answers: Sequence[StepRows], *, worker_id: int) -> StoredStep:
    """Store answers one after the other; return what came of the last."""
    for rows in answers[:-1]:
        stored = store(catalog, window, rows, worker_id=worker_id)
        assert stored.window is not None
        window = stored.window
    return store(catalog, window, answers[-1], worker_id=worker_id)


def column(connection: Connection, sql: str) -> list[Any]:
    """Return the first column of what `sql` gives."""
    return list(connection.exec_driver_sql(sql).scalars())
