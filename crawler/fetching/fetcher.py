"""Fetching one photo's image: asked politely, tried again where that can help, and what became of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.fetching.address import Address, read_address
from crawler.fetching.answers import MAX_REDIRECTS, check_answer, redirect_target
from crawler.fetching.body import KeptImage, keep_body
from crawler.fetching.client import ConnectFailed, ImageClient
from crawler.fetching.exchange import BrokenOff, NoAnswer, TooSlow
from crawler.fetching.faults import Gone, Passing, Unfit
from crawler.fetching.settings import FetchSettings
from crawler.politeness.pace import HostPaces, HostPaused
from crawler.politeness.retry_after import backoff_s
from crawler.politeness.robots import UNREACHABLE_KEPT_S, Robots
from db.image_frontier import PendingPhoto, PhotoOutcome, State

MAX_WAIT_S = 120.0
"""Longest wait for one photo in a run; what a site asks for beyond it is left to the catalog (`next_try`)."""

PLACEHOLDER = "the site shows a placeholder in its place"


class ImageFetcher:
    """Fetches images to below the folder `data`; use it from one event loop, and close it there.

    `robots` None: robots.txt is not asked for. `is_placeholder` knows the addresses a site redirects to where a photo
    is no longer to be had. `sleep` is replaced by tests.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        data: Path,
        pace: HostPaces,
        robots: Robots | None,
        is_placeholder: Callable[[str], bool],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._data = str(data)
        self._pace = pace
        self._robots = robots
        self._is_placeholder = is_placeholder
        self._sleep = sleep
        self._client = ImageClient(user_agent=settings.user_agent, timeout_s=settings.timeout_s)
        self._known_hosts: set[str] = set()  # whose Crawl-delay was looked at

    async def fetch(self, photo: PendingPhoto) -> PhotoOutcome:
        """Return what became of the image of `photo`; raise OSError when the disk refuses the file.

        "failed" after all tries; "pending" with `next_try` where the host, not the photo, is what has to wait.
        """
        tries = holds = 0
        while True:
            tries += 1
            try:
                kept = await self._fetch_once(photo)
            except Gone as fault:
                return PhotoOutcome(photo_id=photo.id, state="gone", path=None, error=str(fault))
            except Unfit as fault:
                return _open_outcome(photo, "failed", str(fault))
            except HostPaused as pause:
                # Held for a while first: else a long pause would send every photo of the catalog through here.
                holds += 1
                if holds > 1:
                    return _open_outcome(photo, "pending", str(pause), wait_s=pause.wait_s)
                await self._sleep(MAX_WAIT_S)
                tries -= 1  # it was not asked
                continue
            except Passing as fault:
                asked_s = fault.retry_after_s
                if asked_s is not None and asked_s > MAX_WAIT_S:
                    return _open_outcome(photo, "failed", str(fault), wait_s=asked_s)
                if tries > self._settings.retries:
                    return _open_outcome(photo, "failed", str(fault))
                if not fault.is_refusal:  # for refusals the pace lets nobody in before the time
                    await self._sleep(asked_s or backoff_s(tries, first_s=self._settings.retry_delay_s))
                continue
            return PhotoOutcome(
                photo_id=photo.id,
                state="done",
                path=photo.path,
                sha256=kept.sha256,
                byte_count=kept.byte_count,
                width=kept.width,
                height=kept.height,
            )

    async def close(self) -> None:
        """Close the connections."""
        self._client.close()

    async def _fetch_once(self, photo: PendingPhoto) -> KeptImage:
        path = f"{self._data}/{photo.path}"
        url = photo.image_url
        for _ in range(MAX_REDIRECTS + 1):
            if self._is_placeholder(url):
                raise Gone(PLACEHOLDER)
            answer = await self._ask(url, path)
            if isinstance(answer, KeptImage):
                return answer
            url = answer
        raise Unfit(f"redirected more than {MAX_REDIRECTS} times")

    async def _ask(self, url: str, path: str) -> KeptImage | str:
        """Return the kept image, or the URL that the host sends us on to."""
        try:
            address = read_address(url)
        except ValueError:
            raise Unfit(f"not an address: {url[:200]}") from None
        host = address.origin
        await self._heed_robots(url, host)
        entered_at = await self._pace.enter(host, max_wait_s=MAX_WAIT_S)
        try:
            answer = await self._request(address, url, path)
        except Passing as fault:
            if fault.is_refusal:
                self._pace.slowed(host, fault.retry_after_s, entered_at)
            raise
        except (Gone, Unfit):
            self._pace.succeeded(host)  # the host was not bothered
            raise
        self._pace.succeeded(host)
        return answer

    async def _request(self, address: Address, url: str, path: str) -> KeptImage | str:
        settings = self._settings
        try:
            connection, answer = await self._client.ask(address)
            try:
                target = redirect_target(answer.status, answer.headers, url)
                if target is not None:
                    return target
                check_answer(answer.status, answer.headers, max_bytes=settings.max_image_bytes)
                return await keep_body(connection, answer, path, settings)
            finally:
                self._client.put_back(address, connection)
        except BrokenOff:
            raise Passing("truncated: the site sent fewer bytes than it said") from None
        except TooSlow as fault:
            # No answer at all tells of the host, a slow body only of this image.
            reason = f"too slow: not there within timeout_s ({settings.timeout_s:g} s)"
            raise Passing(reason, is_refusal=not fault.has_answered) from None
        except (ConnectFailed, NoAnswer) as fault:
            reason = f"{type(fault).__name__}: {fault}"[:500]
            raise Passing(reason, is_refusal=isinstance(fault, ConnectFailed)) from None

    async def _heed_robots(self, url: str, host: str) -> None:
        if self._robots is None:
            return
        verdict = await self._robots.verdict(url)
        if verdict == "forbidden":
            raise Unfit("forbidden by robots.txt")
        if verdict == "unknown":
            raise HostPaused(f"{host}: its robots.txt cannot be had", UNREACHABLE_KEPT_S)
        if host not in self._known_hosts:
            self._known_hosts.add(host)
            delay_s = await self._robots.crawl_delay_s(url)
            if delay_s is not None:
                self._pace.cap(host, 1 / delay_s)


def _open_outcome(photo: PendingPhoto, state: State, why: str, *, wait_s: float | None = None) -> PhotoOutcome:
    next_try = datetime.now(UTC) + timedelta(seconds=max(0.0, wait_s)) if wait_s is not None else None
    return PhotoOutcome(photo_id=photo.id, state=state, path=photo.path, error=why, next_try=next_try)
