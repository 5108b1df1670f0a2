"""Fetching: photos are leased in batches, a fixed number of coroutines fetch them, outcomes are settled in batches.

An image costs one hand-over through a queue and one append to a list; everything else is the fetcher's. At most a few
hundred rows are in memory, whatever the catalog holds.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import IntegrityError

from crawler.running.catalog_thread import CatalogThread
from crawler.running.settling import settle, without_lost_files
from crawler.tally import Tally
from db.image_frontier import PendingPhoto, PhotoOutcome, lease_photos
from db.waiting import waiting_photos

LEASED_AT_ONCE = 200
"""Photos taken from the catalog at once: a second of fetching at full speed, a few hundred bytes each."""

SETTLE_EVERY_S = 0.25
"""Outcomes that a kill can lose are those of this time; their images are fetched again."""

SETTLED_AT_ONCE = 200
_LOW = LEASED_AT_ONCE // 2  # photos left when the next are leased
_MAX_UNSETTLED = 1_000  # a catalog that is slow for once holds the fetching up, not the memory
_POLL_S = 1.0


class Fetches(Protocol):
    """Fetches one photo's image; never raises for the photo's own fault."""

    async def fetch(self, photo: PendingPhoto) -> PhotoOutcome:
        """Return what became of the image."""


@dataclass(frozen=True)
class FetchPlan:
    """Whose photos are fetched, by which worker, into which data folder, how many at once."""

    site: str
    worker_id: int
    data: Path
    at_once: int


class FetchLoop:
    """Fetches photos until `finish` was called and no photo of the site is open anywhere."""

    def __init__(self, plan: FetchPlan, *, fetcher: Fetches, catalog: CatalogThread, tally: Tally) -> None:
        self._plan = plan
        self._fetcher = fetcher
        self._catalog = catalog
        self._tally = tally
        self._ready: asyncio.Queue[PendingPhoto | None] = asyncio.Queue()
        self._news = asyncio.Event()
        self._may_end = False
        self._outcomes: list[PhotoOutcome] = []
        self._batch_is_full = asyncio.Event()
        self._settled = asyncio.Event()

    def tell_news(self) -> None:
        """Photos may have been stored: look again."""
        self._news.set()

    def finish(self) -> None:
        """No more photos will be found: end when those there are have been fetched."""
        self._may_end = True
        self._news.set()

    async def run(self) -> None:
        """Lease, fetch and settle; raise OSError when the disk refuses a file (in an exception group)."""
        async with asyncio.TaskGroup() as tasks:
            settling = tasks.create_task(self._keep_settling())
            async with asyncio.TaskGroup() as fetching:
                for _ in range(self._plan.at_once):
                    fetching.create_task(self._fetch_photos())
                await self._feed()
            settling.cancel()
        await self.settle_all()

    async def settle_all(self) -> None:
        """Write every outcome there is."""
        outcomes, self._outcomes = self._outcomes, []
        self._batch_is_full.clear()
        if outcomes:
            try:
                written = await self._settle(outcomes)
            except IntegrityError:
                written = await self._settle(without_lost_files(outcomes, self._plan.data))
            self._tally.count_images(written)
            if self._may_end:
                self._news.set()  # these may have been the last
        self._settled.set()

    async def _settle(self, outcomes: Sequence[PhotoOutcome]) -> list[PhotoOutcome]:
        plan = self._plan
        return await self._catalog.run(
            lambda connection: settle(connection, outcomes, worker_id=plan.worker_id, data=plan.data)
        )

    async def _feed(self) -> None:
        """Put photos on the queue whenever it runs low; end with a None for each coroutine that takes from it."""
        while True:
            self._news.clear()  # before the look: a page stored meanwhile sets it again
            if self._ready.qsize() > _LOW:
                await self._news.wait()
                continue
            found = await self._catalog.run(
                lambda connection: lease_photos(connection, self._plan.site, self._plan.worker_id, limit=LEASED_AT_ONCE)
            )
            for photo in found:
                self._ready.put_nowait(photo)
            if found:
                continue
            if self._may_end and await self._is_dry():
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_S):
                    await self._news.wait()
        for _ in range(self._plan.at_once):
            self._ready.put_nowait(None)

    async def _is_dry(self) -> bool:
        waiting = await self._catalog.run(lambda connection: waiting_photos(connection, self._plan.site))
        return not waiting.ready and not waiting.leased

    async def _fetch_photos(self) -> None:
        ready = self._ready
        while (photo := await ready.get()) is not None:
            if ready.qsize() == _LOW or not ready.qsize():
                self._news.set()
            outcome = await self._fetcher.fetch(photo)
            self._outcomes.append(outcome)  # on a line of its own: the list is another one after the wait
            if len(self._outcomes) >= SETTLED_AT_ONCE:
                self._batch_is_full.set()
                while len(self._outcomes) >= _MAX_UNSETTLED:
                    self._settled.clear()
                    await self._settled.wait()

    async def _keep_settling(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_EVERY_S):
                    await self._batch_is_full.wait()
            await self.settle_all()
