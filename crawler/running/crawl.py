"""One worker's crawl from its first row to its last: it enters, searches and fetches beside each other, and leaves."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from agegap.errors import DataFailed
from agegap.files import remove_parts
from crawler.images import PHOTOS_FOLDER
from crawler.names import Name
from crawler.plan import CrawlPlan
from crawler.running.catalog_thread import CatalogThread
from crawler.running.fetch_loop import FetchLoop, FetchPlan
from crawler.running.heart import keep_beating
from crawler.running.opening import ask_opening
from crawler.running.parts import Download, Parts, make_fetcher, make_parts
from crawler.running.progress import Progress, end_progress, show_progress
from crawler.running.search_loop import SearchLoop, SearchPlan, first_fault
from crawler.tally import Counts, Tally
from db.image_frontier import count_photos, retry_failed
from db.upserts import slices
from db.windows import WantedQuery, add_queries, count_queries, count_windows, refresh_queries, revive_failed
from db.workers import enter_crawl, leave_crawl, reclaim_dead

_ANY_ATTEMPTS = 1 << 30
_NAMES_AT_ONCE = 2_000  # names whose queries are made in one transaction: a quarter of a second of writing


class Crawl:
    """Runs a plan to its end; `close` must follow, whatever `run` did."""

    def __init__(
        self,
        plan: CrawlPlan,
        *,
        tally: Tally,
        download: Download,
        image_hosts: Sequence[str],
        read_facts: Callable[[Connection, Sequence[Name]], Mapping[str, Any]],
        is_placeholder: Callable[[str], bool],
        tell: Callable[[], None],
    ) -> None:
        self._plan = plan
        self._tally = tally
        self._download = download
        self._image_hosts = image_hosts
        self._read_facts = read_facts
        self._is_placeholder = is_placeholder
        self._tell = tell
        self._progress = Progress(tally)
        self._catalog = CatalogThread(plan.catalog)
        self._worker_id: int | None = None
        self._parts: Parts | None = None
        self._fetching: FetchLoop | None = None

    async def run(self) -> None:
        """Search and fetch until nothing of the list is open in any worker's hands; raise AgegapError."""
        try:
            await self._work()
        except (OSError, ExceptionGroup) as faults:
            fault = first_fault(faults)
            raise _no_room(fault, self._plan) if isinstance(fault, OSError) else fault from None

    async def close(self) -> None:
        """Write what was fetched, give back what is leased, count, and let everything go."""
        try:
            if self._fetching is not None:
                await self._fetching.settle_all()
            if self._parts is not None:
                await self._parts.close(self._catalog)
            if self._worker_id is not None:
                worker_id = self._worker_id
                await self._catalog.run(lambda connection: leave_crawl(connection, worker_id))
            self._tally.after = await self._catalog.run(self._count)
        finally:
            self._catalog.close()
            self._tally_calls()
            end_progress(self._progress)

    async def _work(self) -> None:
        plan, catalog = self._plan, self._catalog
        worker_id = self._worker_id = await catalog.run(self._enter)
        parts = self._parts = await make_parts(
            plan,
            catalog=catalog,
            download=self._download,
            image_hosts=self._image_hosts,
        )
        await ask_opening(plan, parts.caller, catalog)
        parts.fetcher = make_fetcher(plan, parts.paces, is_placeholder=self._is_placeholder)
        fetching = FetchLoop(
            FetchPlan(plan.site.site, worker_id, plan.data, plan.settings.image_concurrency),
            fetcher=parts.fetcher,
            catalog=catalog,
            tally=self._tally,
        )
        self._fetching = fetching
        searching = SearchLoop(
            SearchPlan(plan.site, plan.api, plan.asked_by, worker_id),
            caller=parts.caller,
            catalog=catalog,
            tally=self._tally,
            news=fetching.tell_news,
        )
        async with asyncio.TaskGroup() as beside:
            helpers = [
                beside.create_task(keep_beating(catalog, worker_id)),
                beside.create_task(show_progress(self._progress, self._look_around)),
                beside.create_task(self._count_before()),
            ]
            cleaning = beside.create_task(asyncio.to_thread(remove_parts, plan.data / PHOTOS_FOLDER))
            async with asyncio.TaskGroup() as main:
                if plan.settings.images:
                    main.create_task(fetching.run())
                await searching.run(at_once=plan.settings.api_concurrency)
                fetching.finish()
            await cleaning
            for helper in helpers:
                helper.cancel()

    def _enter(self, connection: Connection) -> int:
        plan = self._plan
        site, settings = plan.site.site, plan.settings
        worker_id = enter_crawl(connection)
        reclaim_dead(connection)
        for names in slices(plan.names, _NAMES_AT_ONCE):
            facts = self._read_facts(connection, names)
            wanted: list[WantedQuery] = []
            for name in names:
                wanted.extend(plan.site.wanted_queries(name, facts.get(name.name, {})))
            add_queries(connection, site, wanted, asked_by=plan.asked_by)
            if settings.refresh:
                refresh_queries(connection, site, wanted)
        most = _ANY_ATTEMPTS if settings.retry_failed else settings.max_attempts
        revive_failed(connection, site, asked_by=plan.asked_by, max_attempts=most)
        retry_failed(connection, site, max_attempts=None if settings.retry_failed else most)
        return worker_id

    async def _count_before(self) -> None:
        self._tally.before = await self._catalog.read(self._count)

    def _count(self, connection: Connection) -> Counts:
        site, asked_by = self._plan.site.site, self._plan.asked_by
        return Counts(
            queries=count_queries(connection, site, asked_by=asked_by),
            windows=count_windows(connection, site, asked_by=asked_by),
            photos=count_photos(connection, site),
        )

    def _look_around(self) -> None:
        self._tally_calls()
        self._tell()

    def _tally_calls(self) -> None:
        if self._parts is not None:
            self._tally.calls, self._tally.calls_retried = self._parts.caller.calls, self._parts.caller.retried


def _no_room(fault: OSError, plan: CrawlPlan) -> DataFailed:
    place = fault.filename or plan.data
    return DataFailed(f"{place}: {fault.strerror or fault}; make room, and run the same command again to go on")
