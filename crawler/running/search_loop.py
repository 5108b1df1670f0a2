"""Asking: windows are leased from the catalog one at a time, read to their end, and stored answer by answer.

Nothing of it is remembered here. Whatever the instant of a kill, the window's row says where it goes on.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from agegap.errors import AgegapError
from crawler.pages import step_rows
from crawler.running.api_caller import ApiCaller
from crawler.running.catalog_thread import CatalogThread
from crawler.running.refusals import raise_refusal, site_is_down
from crawler.running.waits import MAX_WAIT_S
from crawler.sites.found import SearchSite, SiteFault, Step
from crawler.tally import Tally
from db.waiting import Waiting, waiting_windows
from db.windows import StoredStep, Window, fail_window, lease_windows, store_step

POLL_S = 1.0
"""Seconds between two looks at windows another worker holds: if it dies, they are ours."""

MAX_PATIENCE_S = 900.0
"""Longest wait for a window that the site asked to leave alone for a while; after that the crawl ends without it."""

_FAILURES_IN_A_ROW = 3  # windows, after their retries: then the site is down, and the other names can wait


@dataclass(frozen=True)
class SearchPlan:
    """What is to be asked: the windows of the list `asked_by` at `site`, through `api`, by this worker."""

    site: SearchSite
    api: str
    asked_by: str
    worker_id: int


class SearchLoop:
    """Reads windows until none of its list is open anywhere; `news` is called when photos may have come."""

    def __init__(
        self, plan: SearchPlan, *, caller: ApiCaller, catalog: CatalogThread, tally: Tally, news: Callable[[], None]
    ) -> None:
        self._plan = plan
        self._caller = caller
        self._catalog = catalog
        self._tally = tally
        self._news = news
        self._stored = asyncio.Event()
        self._failures_in_a_row = 0
        self._has_answered = False

    async def run(self, *, at_once: int) -> None:
        """Read windows, `at_once` side by side; raise WrongUse when the site refuses us, DataFailed when it is down."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(at_once):
                tasks.create_task(self._read_windows())

    async def _read_windows(self) -> None:
        while True:
            self._stored.clear()  # before the look: what is stored meanwhile sets it again
            windows = await self._catalog.run(self._lease)
            if windows:
                await self._read(windows[0])
                continue
            waiting = await self._catalog.run(self._look)
            if not waiting.leased and not (waiting.ready or _comes_soon(waiting)):
                return
            if not waiting.ready:
                await self._pause(waiting)

    async def _pause(self, waiting: Waiting) -> None:
        """Wait for a sibling's answer, another worker's end, or the moment the site named."""
        pause_s = POLL_S
        if not waiting.leased and waiting.next_try is not None:
            pause_s = min(10.0, max(0.05, (waiting.next_try - datetime.now(UTC)).total_seconds()))
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._stored.wait()

    async def _read(self, window: Window) -> None:
        while True:
            open_window = window
            answer = await self._caller.call_and_read(
                self._plan.site.ask(open_window, self._plan.api),
                lambda body, headers: self._plan.site.read(open_window, body, headers),  # noqa: B023  awaited in place
            )
            if isinstance(answer, SiteFault):
                await self._give_up(window, answer)
                return
            stored = await self._store(window, answer)
            if stored is None or stored.is_window_done:
                return
            assert stored.window is not None
            window = stored.window

    async def _store(self, window: Window, step: Step) -> StoredStep | None:
        site = self._plan.site.site
        stored = await self._catalog.run(
            lambda connection: store_step(
                connection, window, step_rows(step, site=site, query_name=window.name), worker_id=self._plan.worker_id
            )
        )
        self._failures_in_a_row, self._has_answered = 0, True
        if stored is not None:
            self._tally.count_step(step, stored)
        self._stored.set()
        self._news()
        return stored

    async def _give_up(self, window: Window, fault: SiteFault) -> None:
        if fault.kind == "fatal":
            raise_refusal(self._plan.site, fault)
        pause_s = fault.retry_after_s or 0.0
        is_put_off = fault.kind == "transient" and pause_s > MAX_WAIT_S
        next_try = datetime.now(UTC) + timedelta(seconds=pause_s) if is_put_off else None
        await self._catalog.run(
            lambda connection: fail_window(
                connection, window, str(fault), worker_id=self._plan.worker_id, next_try=next_try
            )
        )
        self._stored.set()
        if is_put_off:
            return
        self._tally.windows_failed += 1
        if fault.kind == "permanent":
            self._has_answered = True
            return
        self._failures_in_a_row += 1
        if not self._has_answered or self._failures_in_a_row >= _FAILURES_IN_A_ROW:
            raise site_is_down(self._plan.api, fault)

    def _lease(self, connection: Connection) -> list[Window]:
        plan = self._plan
        return lease_windows(connection, plan.site.site, plan.worker_id, asked_by=plan.asked_by, limit=1)

    def _look(self, connection: Connection) -> Waiting:
        return waiting_windows(connection, self._plan.site.site, asked_by=self._plan.asked_by)


def first_fault(fault: Exception) -> Exception:
    """Return the error that stopped tasks (alone, or in nested groups): one written for the user before any other."""
    leaves: list[Exception] = []
    open_faults = [fault]
    while open_faults:
        some = open_faults.pop()
        if isinstance(some, ExceptionGroup):
            open_faults.extend(some.exceptions)
        else:
            leaves.append(some)
    return next((fault for fault in leaves if isinstance(fault, AgegapError)), leaves[0])


def _comes_soon(waiting: Waiting) -> bool:
    if waiting.next_try is None:
        return False
    return (waiting.next_try - datetime.now(UTC)).total_seconds() <= MAX_PATIENCE_S
