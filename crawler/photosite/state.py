"""What the hosts of one photo site share: its photos, its faults, its counts and its limits."""

import asyncio
import socket
import struct
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web

from crawler.photosite.chance import share
from crawler.photosite.faults import Faults
from crawler.photosite.limits import RollingLimit, TokenBucket
from crawler.photosite.search import Photos
from crawler.photosite.stats import SiteStats

_LINGER_NOT = struct.pack("ii", 1, 0)  # closing sends a reset instead of a proper end

TOO_MANY = (
    "<html><body><h1>429 Too Many Requests</h1>\n"
    "You have sent too many requests in a given amount of time.\n</body></html>"
)
"""The body of a 429, as seen (flickrapi issue 135)."""


class SiteState:
    """One running site."""

    def __init__(self, photos: Photos, faults: Faults, *, image_url: str | None = None) -> None:
        self.photos = photos
        self.image_url = image_url
        """Where images are, None: on the host that was asked."""
        self.set_faults(faults)
        self.reset()

    def set_faults(self, faults: Faults) -> None:
        """Have other faults from now on; the limits start anew."""
        self.faults = faults
        self.photos.set_faults(faults)
        self.keys: dict[str, RollingLimit] = {}
        self.api_bucket = TokenBucket(rate=faults.api_rate, burst=1)
        self.image_bucket = TokenBucket(rate=faults.image_rate, burst=faults.image_burst)

    def reset(self) -> None:
        """Forget all counts; with them the changes of photos begin anew."""
        self.stats = SiteStats()
        self.photos.calls = 0
        self.keys = {}
        self._asked: Counter[str] = Counter()

    def enter_call(self, method: str, key: str) -> bool:
        """Count a call of the API; say whether the key is within its limit and the host within its own."""
        self.stats.count_call(method)
        self.photos.calls = self.stats.calls
        limit = self.keys.get(key)
        if limit is None:
            limit = RollingLimit(most=self.faults.api_per_window, window_s=self.faults.api_window_s)
            self.keys[key] = limit
        now = time.monotonic()
        is_within = limit.enter(now)
        return self.api_bucket.enter(now) and is_within

    def time_of(self, request: str) -> int:
        """Return how often this was asked before, and count it."""
        self._asked[request] += 1
        return self._asked[request] - 1

    def happens(self, fault: str, *what: object) -> bool:
        """Say whether the fault of this name, a rate or share, strikes here."""
        rate = getattr(self.faults, fault)
        return bool(rate) and share(self.faults.seed, fault, *what) < rate

    def retry_headers(self, after_s: float) -> dict[str, str]:
        """Return Retry-After in the form this site uses, nothing where it sends none."""
        if not after_s:
            return {}
        if self.faults.retry_after_date:
            return {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=after_s), usegmt=True)}
        return {"Retry-After": f"{after_s:g}"}


async def reset_connection(request: web.Request) -> web.Response:
    """Cut the connection with a reset; the response returned is never sent."""
    transport = request.transport
    if transport is not None:
        peer: socket.socket | None = transport.get_extra_info("socket")
        if peer is not None:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        transport.abort()
    await asyncio.sleep(0)
    return web.Response(status=500)
