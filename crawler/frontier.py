"""The catalog's frontier for an event loop: one thread talks to the database, the spider awaits it.

One thread because SQLite has one writer; results of images are gathered and written in batches, because a
transaction a row is eight times slower (photo-sites measurements in docs/crawl.md).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import Connection, Engine

from db import frontier as rows
from db import image_frontier as images
from db.frontier import FrontierCounts, OpenQuery, PageRows, WantedQuery
from db.image_frontier import PendingPhoto, PhotoOutcome

T = TypeVar("T")

PHOTOS_AHEAD = 200
"""Photos read from the catalog at once: a few hundred bytes each, enough for a second of fetching."""


class Frontier:
    """What is still to ask and to fetch at one site, in order; nothing is handed out twice in a run."""

    def __init__(self, catalog: Engine, *, site: str, wanted: Sequence[WantedQuery]) -> None:
        self.site = site
        self._catalog = catalog
        self._wanted = wanted
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="catalog")
        self._queries: deque[OpenQuery] = deque()
        self._photos: deque[PendingPhoto] = deque()
        self._last_photo_id = 0
        self._has_more_photos = True
        self._outcomes: list[PhotoOutcome] = []

    async def open(self, *, max_attempts: int) -> FrontierCounts:
        """Add the wanted queries, give failed work another chance, and return what is in which state."""

        def _open(connection: Connection) -> FrontierCounts:
            rows.add_queries(connection, self.site, self._wanted)
            rows.revive_failed(connection, self.site, max_attempts=max_attempts)
            self._queries.extend(rows.open_queries(connection, self.site, self._wanted))
            return self._count(connection)

        return await self._run(_open)

    def next_query(self) -> OpenQuery | None:
        """Return the query to ask next, or None when all are answered."""
        return self._queries.popleft() if self._queries else None

    async def store_page(self, query: OpenQuery, page: PageRows) -> int | None:
        """Store a page in one transaction; a query with more pages is next again. Returns the number of new photos."""
        new = await self._run(lambda connection: rows.store_page(connection, self.site, query, page))
        if not page.is_last:
            self._queries.appendleft(replace(query, next_page=page.page + 1))
        self._has_more_photos = True
        return new

    async def fail_query(self, query: OpenQuery, error: str) -> None:
        """Give a query up for this run."""
        await self._run(lambda connection: rows.fail_query(connection, query.id, error))

    async def next_photo(self) -> PendingPhoto | None:
        """Return the next photo to fetch, or None when the catalog has none that was not handed out yet."""
        if not self._photos and self._has_more_photos:
            self._has_more_photos = False  # before the await: a page stored meanwhile sets it again
            after_id = self._last_photo_id
            found = await self._run(
                lambda connection: images.pending_photos(connection, self.site, after_id=after_id, limit=PHOTOS_AHEAD)
            )
            if found:
                self._last_photo_id = found[-1].id
                self._has_more_photos = True
            self._photos.extend(found)
        return self._photos.popleft() if self._photos else None

    def settle(self, outcome: PhotoOutcome) -> None:
        """Remember what became of an image; `flush` writes it."""
        self._outcomes.append(outcome)

    async def flush(self) -> None:
        """Write the outcomes gathered so far in one transaction."""
        outcomes, self._outcomes = self._outcomes, []
        if outcomes:
            await self._run(lambda connection: images.settle_photos(connection, outcomes))

    async def counts(self) -> FrontierCounts:
        """Return what is in which state."""
        return await self._run(self._count)

    def close(self) -> None:
        """Let the thread go, after what it still has to do."""
        self._thread.shutdown(wait=True)
        self._catalog.dispose()

    def _count(self, connection: Connection) -> FrontierCounts:
        return FrontierCounts(
            queries=rows.count_queries(connection, self.site, self._wanted),
            photos=images.count_photos(connection, self.site),
        )

    async def _run(self, work: Callable[[Connection], T]) -> T:
        def _in_transaction() -> T:
            with self._catalog.begin() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._thread, _in_transaction)
