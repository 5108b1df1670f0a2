"""One call of a site's API: within the key's budget and the host's pace, tried again where that can help.

Every try takes its own place in the hourly budget, which lives in the catalog: all workers of a key share it, and a
restart forgets nothing. The call itself goes through Scrapy's downloader, whose handler adds the key.
"""

import asyncio
import logging
import math
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response

from crawler.keys import NEEDS_KEY
from crawler.politeness.pace import HostPaces, HostPaused
from crawler.running.catalog_thread import CatalogThread
from crawler.running.headers import PlainHeaders
from crawler.running.waits import MAX_WAIT_S, wait_after
from crawler.sites.found import Ask, SiteFault
from db.budget import HOUR_S, MARGIN_S, key_digest, reserve_call

T = TypeVar("T")

API_SLOT = "api"
"""Scrapy's download slot of API calls, whatever the host."""

_SLOWER = (429, 503)
_log = logging.getLogger("agegap.crawl")


class ReadsStatus(Protocol):
    """Knows what an answer that is not HTTP 200 means."""

    def fault_of_status(self, status: int, headers: Mapping[str, str], body: bytes) -> SiteFault:
        """Return the fault of such an answer."""


@dataclass(frozen=True)
class CallSettings:
    """How often a key may call (0 calls an hour: no limit), and how patient a call is; times in seconds.

    `window_s` and `margin_s` make another time of the hour. No user can set them: a benchmark measures the bound over
    many windows of seconds, which would take days of hours.
    """

    calls_per_hour: int
    delay_s: float
    retries: int
    retry_delay_s: float
    window_s: float = HOUR_S
    margin_s: float = MARGIN_S


class ApiCaller:
    """Calls one site's API; `calls` counts every try that was sent, `retried` those that were not the first."""

    def __init__(
        self,
        site: ReadsStatus,
        settings: CallSettings,
        *,
        download: Callable[[Request], Awaitable[Response]],
        catalog: CatalogThread,
        pace: HostPaces,
    ) -> None:
        self.calls = 0
        self.retried = 0
        self._site = site
        self._settings = settings
        self._download = download
        self._catalog = catalog
        self._pace = pace

    async def call(self, ask: Ask) -> bytes | SiteFault:
        """Return the body of the answer to `ask`, or the fault that was left after all tries."""
        return await self.call_and_read(ask, lambda body, _headers: body)

    async def call_and_read(self, ask: Ask, read: Callable[[bytes, Mapping[str, str]], T | SiteFault]) -> T | SiteFault:
        """Return what `read` makes of the answer; a transient fault, its own included, is tried again.

        A fault whose wait is longer than MAX_WAIT_S is returned with that wait in `retry_after_s`.
        """
        retry = 0
        while True:
            answer = await self._try(ask, read)
            if not isinstance(answer, SiteFault) or answer.kind != "transient":
                return answer
            retry += 1
            pause = wait_after(answer, retry=retry, delay_s=self._settings.retry_delay_s)
            if retry > self._settings.retries or pause > MAX_WAIT_S:
                return answer
            self.retried += 1
            _log.info("%s: %s; try %d in %.1f s", urlsplit(ask.url).hostname, answer, retry + 1, pause)
            await asyncio.sleep(pause)

    async def _try(self, ask: Ask, read: Callable[[bytes, Mapping[str, str]], T | SiteFault]) -> T | SiteFault:
        host = urlsplit(ask.url).netloc.lower()
        try:
            entered_at = await self._pace.enter(host, max_wait_s=MAX_WAIT_S)
        except HostPaused as pause:
            return SiteFault("transient", str(pause), retry_after_s=pause.wait_s)
        # The budget last: a call must leave at the moment it was given.
        await self._wait_for_budget(ask, host)
        self.calls += 1
        try:
            response = await self._download(_request(ask))
        except Exception as failure:  # noqa: BLE001  the downloader's many ways of getting no answer are one to us
            return SiteFault("transient", f"no answer ({type(failure).__name__})")
        headers = PlainHeaders(response.headers)
        if response.status == 200:
            answer = read(response.body, headers)
        else:
            answer = self._site.fault_of_status(response.status, headers, response.body)
        if response.status in _SLOWER:
            asked_s = answer.retry_after_s if isinstance(answer, SiteFault) else None
            self._pace.slowed(host, asked_s, entered_at)
        else:
            self._pace.succeeded(host)
        return answer

    async def _wait_for_budget(self, ask: Ask, host: str) -> None:
        settings = self._settings
        per_hour, delay_s = settings.calls_per_hour, settings.delay_s
        if not per_hour and not delay_s:
            return
        # A site without keys counts by address; the workers of this catalog then share the host's budget.
        key = os.environ.get(ask.needs_key[0], "") if ask.needs_key else f"no key at {host}"
        budget = per_hour or math.ceil(settings.window_s / delay_s)
        moment = -math.inf
        # A machine that slept meanwhile is too late for its moment: it takes another.
        while time.time() > moment + settings.margin_s / 2:
            moment = await self._catalog.run(
                lambda connection: reserve_call(
                    connection,
                    key_digest(key),
                    now=time.time(),
                    per_hour=budget,
                    interval_s=delay_s,
                    window_s=settings.window_s,
                    margin_s=settings.margin_s,
                )
            )
            # asyncio may wake a little early; the site's clock would not forgive it.
            while (left := moment - time.time()) > 0:
                await asyncio.sleep(left)


def _request(ask: Ask) -> Request:
    meta = {
        "download_slot": API_SLOT,
        "dont_redirect": True,  # the key goes to the address that was typed and to no other
        "dont_obey_robotstxt": True,  # an API is governed by its terms
        "dont_retry": True,  # ApiCaller does, and counts each try against the budget
    }
    if ask.needs_key is not None:
        meta[NEEDS_KEY] = ask.needs_key
    if ask.method == "POST":
        return Request(
            ask.url,
            method="POST",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(ask.params),
            meta=meta,
            dont_filter=True,
        )
    joint = "&" if "?" in ask.url else "?"
    return Request(f"{ask.url}{joint}{urlencode(ask.params)}", meta=meta, dont_filter=True)
