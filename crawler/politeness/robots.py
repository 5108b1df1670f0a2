"""robots.txt of image hosts and pages, kept per host (RFC 9309). API endpoints are governed by their terms instead.

2xx                       its rules, and its Crawl-delay
4xx                       there are no rules (RFC 9309 2.3.1.3)
5xx, 429, no answer       nothing may be fetched for now (2.3.1.4); asked again after a while
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from protego import Protego

Verdict = Literal["allowed", "forbidden", "unknown"]

MAX_BYTES = 500 * 1024
"""What is read of a robots.txt: RFC 9309 2.5 asks for at least 500 KiB."""

KEPT_S = 24 * 3600.0
"""RFC 9309 2.4: no copy older than a day is used."""

UNREACHABLE_KEPT_S = 300.0
"""An unreachable robots.txt is asked for again after this time."""

_MAX_DELAY_S = 3600.0  # a longer Crawl-delay is a slip or a no
_PLAIN_ORIGIN = re.compile(r"(https?://[a-z0-9.:-]+)/")
_RULE = re.compile(r"l[ao]w|crawl", re.IGNORECASE)  # in every spelling of disallow that Protego takes


@dataclass(frozen=True)
class RobotsText:
    """An answer to a request for /robots.txt: status and text, redirects followed."""

    status: int
    text: str = ""


FetchText = Callable[[str], Awaitable[RobotsText]]
"""Asks for a robots.txt by its URL; raises OSError or TimeoutError where there is no answer."""


@dataclass(frozen=True)
class _Rules:
    expires_at: float
    verdict: Verdict | None = None  # None: it depends on the path
    rules: Protego | None = None
    delay_s: float | None = None


class Robots:
    """What `user_agent` may fetch; each host's robots.txt is asked for once a day, through `fetch_text`."""

    def __init__(self, fetch_text: FetchText, user_agent: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch_text = fetch_text
        self._agent = user_agent.partition("/")[0].strip()  # RFC 9309 2.2.1: the product token is what is matched
        self._clock = clock
        self._hosts: dict[str, _Rules] = {}
        self._asking: dict[str, asyncio.Task[_Rules]] = {}

    async def allows(self, url: str) -> bool:
        """Whether `url` may be fetched now."""
        return await self.verdict(url) == "allowed"

    async def verdict(self, url: str) -> Verdict:
        """Return whether `url` may be fetched; "unknown" (not now) while its robots.txt cannot be reached."""
        rules = self._kept(url) or await self._rules(url)
        if rules.verdict is not None:
            return rules.verdict
        assert rules.rules is not None
        return "allowed" if rules.rules.can_fetch(url, self._agent) else "forbidden"

    async def crawl_delay_s(self, url: str) -> float | None:
        """Return the seconds between two requests that the host of `url` asks for, None where it does not."""
        return (self._kept(url) or await self._rules(url)).delay_s

    def _kept(self, url: str) -> _Rules | None:
        rules = self._hosts.get(_origin(url))
        return rules if rules is not None and self._clock() < rules.expires_at else None

    async def _rules(self, url: str) -> _Rules:
        origin = _origin(url)
        asking = self._asking.get(origin)
        if asking is None:
            asking = self._asking[origin] = asyncio.create_task(self._ask(origin))
            asking.add_done_callback(lambda _task: self._asking.pop(origin, None))
        # Several wait for one answer: whoever gives up must not take it from the others.
        return await asyncio.shield(asking)

    async def _ask(self, origin: str) -> _Rules:
        try:
            answer = await self._fetch_text(f"{origin}/robots.txt")
        except (OSError, TimeoutError):
            answer = RobotsText(503)
        rules = self._hosts[origin] = self._read(answer)
        return rules

    def _read(self, answer: RobotsText) -> _Rules:
        now = self._clock()
        if answer.status == 429 or not 200 <= answer.status < 500:
            return _Rules(now + UNREACHABLE_KEPT_S, "unknown")
        if answer.status >= 300 or not _RULE.search(answer.text):
            return _Rules(now + KEPT_S, "allowed")
        rules = Protego.parse(answer.text[:MAX_BYTES])
        delay_s = rules.crawl_delay(self._agent)
        if delay_s is not None:
            delay_s = min(delay_s, _MAX_DELAY_S) if delay_s > 0 else None
        return _Rules(now + KEPT_S, None, rules, delay_s)


def _origin(url: str) -> str:
    plain = _PLAIN_ORIGIN.match(url)
    if plain is not None:  # nearly always; taking the whole address apart costs ten times as much
        return plain[1]
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
