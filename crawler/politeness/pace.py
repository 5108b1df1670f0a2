"""Waiting for a host's turn: first come, first served, as fast as the host bears (`rate.py` finds how fast).

A host that nobody limited and that never refused costs no wait and no task switch.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from crawler.politeness.rate import HostRate

ANY_HOST = "*"
"""Key of `start_rates` for hosts that have none of their own; without it they start unlimited."""

_CATCH_UP_S = 0.05
"""Turns missed within this time are made up at once: sleeps end a little late, and the rate is kept on average."""


class HostPaused(Exception):
    """A host is to be left alone for longer than the caller waits."""

    def __init__(self, reason: str, wait_s: float) -> None:
        self.wait_s = wait_s
        super().__init__(f"{reason}; not before {wait_s:.0f} s")


@dataclass
class _Host:
    rate: HostRate
    next_at: float = -math.inf
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # wakes its waiters in their order


class HostPaces:
    """The pace of every host that a crawl asks.

    `start_rates` are requests a second to begin with, by host (`ANY_HOST` for the others); `max_rate` is never
    exceeded, whatever a host bears. `clock` and `sleep` are replaced by tests.
    """

    def __init__(
        self,
        start_rates: Mapping[str, float] | None = None,
        max_rate: float = math.inf,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._start_rates = dict(start_rates or {})
        self._max_rate = max_rate
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}

    async def enter(self, host: str, *, max_wait_s: float = math.inf) -> float:
        """Wait until `host` may be asked; return the moment, to be given back to `slowed`.

        Raises HostPaused where the host asked for a pause that lasts longer than `max_wait_s` from now.
        """
        state = self._host(host)
        now = self._clock()
        has_waited = False
        if state.turn.locked() or self._wait_s(state, now) > 0:
            has_waited = True
            async with state.turn:
                while (wait_s := self._wait_s(state, now := self._clock())) > 0:
                    if state.rate.paused_until - now > max_wait_s:
                        raise HostPaused(f"{host} is left alone", state.rate.paused_until - now)
                    await self._sleep(wait_s)  # a refusal meanwhile moves the turn on: look again
        if not math.isinf(state.rate.rate):
            since = now - _CATCH_UP_S if has_waited else now
            state.next_at = max(state.next_at, since) + 1 / state.rate.rate
        state.rate.entered(now, has_waited=has_waited)
        return now

    def succeeded(self, host: str) -> None:
        """Tell that `host` answered without complaint: its rate may grow."""
        self._host(host).rate.succeeded(self._clock())

    def slowed(self, host: str, retry_after_s: float | None = None, entered_at: float | None = None) -> None:
        """Tell that `host` answered 429 or 503: its rate is halved, and everybody leaves it alone for a while.

        `retry_after_s` is how long it asked for (None: it did not say). `entered_at` is what `enter` returned: of the
        requests that were under way together, only the first refusal halves the rate.
        """
        self._host(host).rate.refused(self._clock(), retry_after_s=retry_after_s, entered_at=entered_at)

    def cap(self, host: str, max_rate: float) -> None:
        """Keep `host` at or below `max_rate` requests a second from here on: the Crawl-delay of its robots.txt."""
        self._host(host).rate.cap(max_rate)

    def paused_s(self, host: str) -> float:
        """Return for how long `host` is still to be left alone; 0 where it is not."""
        return max(0.0, self._host(host).rate.paused_until - self._clock())

    def rates(self) -> Mapping[str, float]:
        """Return the rate of each host asked so far that has one; unlimited hosts are left out."""
        return {host: state.rate.rate for host, state in self._hosts.items() if not math.isinf(state.rate.rate)}

    def set_rate(self, host: str, rate: float) -> None:
        """Go on at `rate` with `host`: what an earlier crawl found out."""
        self._host(host).rate.rate = min(rate, self._host(host).rate.max_rate)

    def _host(self, host: str) -> _Host:
        state = self._hosts.get(host)
        if state is None:
            start = self._start_rates.get(host, self._start_rates.get(ANY_HOST, math.inf))
            state = self._hosts[host] = _Host(HostRate(start, self._max_rate))
        return state

    @staticmethod
    def _wait_s(state: _Host, now: float) -> float:
        return max(state.next_at, state.rate.paused_until) - now
