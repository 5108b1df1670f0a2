"""Asking a host for its robots.txt: one small request a host and day, so a session of its own is no matter."""

import asyncio
from urllib.parse import urljoin, urlsplit

import aiohttp

from crawler.politeness.robots import MAX_BYTES, RobotsText

MAX_REDIRECTS = 5
"""RFC 9309 2.3.1.2: at least five are followed."""


async def fetch_robots_text(url: str, *, user_agent: str, timeout_s: float = 30.0) -> RobotsText:
    """Return the answer to a request for the robots.txt at `url`.

    Raises OSError or TimeoutError where there is no answer. More redirects than MAX_REDIRECTS, and those that leave
    the web, count as "there is none", as RFC 9309 2.3.1.2 permits.
    """
    headers = {"User-Agent": user_agent, "Accept": "text/plain, */*;q=0.1"}
    try:
        async with (
            asyncio.timeout(timeout_s),
            aiohttp.ClientSession(headers=headers, cookie_jar=aiohttp.DummyCookieJar()) as session,
        ):
            for _ in range(MAX_REDIRECTS + 1):
                async with session.get(url, allow_redirects=False) as response:
                    location = response.headers.get("Location")
                    if 300 <= response.status < 400 and location is not None:
                        url = urljoin(url, location)
                        if urlsplit(url).scheme in ("http", "https"):
                            continue
                        break
                    return RobotsText(response.status, await _start_of(response.content))
    except (aiohttp.ClientError, ValueError) as fault:  # yarl raises ValueError for addresses that are none
        raise OSError(f"{url}: {type(fault).__name__}: {fault}") from fault
    return RobotsText(404)


async def _start_of(body: aiohttp.StreamReader) -> str:
    content = bytearray()
    async for chunk in body.iter_any():
        content += chunk
        if len(content) >= MAX_BYTES:
            break
    return bytes(content[:MAX_BYTES]).decode("utf-8", errors="replace").removeprefix("\ufeff")
