"""The rate one host bears: a pure state machine that finds a limit the host does not tell.

Additive increase, multiplicative decrease, as TCP has it (RFC 5681, CUBIC's memory of the last limit from RFC 9438):

    refused         the rate is halved and the host left alone, as long as it asks or longer each time;
                    the rate at which it happened is remembered as the `ceiling`
    below 0.9       quickly back to nine tenths of the ceiling: that much was borne before
    0.9 to 1.1      slowly and evenly through the place of the last refusal, the slower the dearer a refusal is
    above 1.1       the limit has moved up: the ceiling is forgotten, the rate grows by a share of itself

Requests that were under way when the rate was halved say nothing new when they are refused too.
"""

import math
from dataclasses import dataclass, field

from crawler.politeness.retry_after import backoff_s

DECREASE = 0.5
LEAST_RATE = 1 / 60
"""Requests a second that are always tried, pauses aside: one a minute."""

_SAFE, _PASSED = 0.9, 1.1  # of the ceiling: where the quick way back ends, and where the ceiling is forgotten
_RECOVERY_S = 2.0  # from half the rate back to the safe share ...
_RECOVERY_REQUESTS = 6  # ... or that many requests, where they take longer
_PROBE_S = 40.0  # from the safe share to the passed share: a refusal each time costs little of it ...
_PROBE_REQUESTS = 120  # ... at slow hosts that many requests, so that refusals stay near one in a hundred
_PROBE_PAUSES = 24.0  # ... and this many of the pauses that the last refusal cost
_EXPLORE_SHARE = 0.10  # a second, with no ceiling known: 8 requests a second become 64 in 22 seconds
_WANTED_S = 2.0  # the rate grows only while somebody had to wait for it within this time ...
_WANTED_TURNS = 3.0  # ... or within this many turns
_MEASURED_S = 2.0  # over which the rate that was really used is counted
_SHORTEST_S = 0.05


@dataclass
class HostRate:
    """What is known of one host. Times are seconds of any one clock; rates are requests a second, inf for no limit."""

    rate: float
    max_rate: float = math.inf
    ceiling: float | None = None
    paused_until: float = -math.inf
    refusals_in_a_row: int = 0
    _decreased_at: float = -math.inf
    _pause_s: float = 0.0
    _waited_at: float = -math.inf
    _grown_at: float | None = None
    _last_used: float = field(default=0.0, repr=False)
    _count: int = field(default=0, repr=False)
    _count_from: float = field(default=-math.inf, repr=False)

    def __post_init__(self) -> None:
        self.rate = min(self.rate, self.max_rate)

    def entered(self, now: float, *, has_waited: bool) -> None:
        """Count a request that begins `now`; `has_waited` when the rate was what held it back."""
        if (elapsed_s := now - self._count_from) > _MEASURED_S:
            self._last_used = self._count / elapsed_s
            self._count, self._count_from = 0, now
        self._count += 1
        if has_waited:
            self._waited_at = now

    def succeeded(self, now: float) -> None:
        """Take note of an answer that was no refusal: the rate may grow."""
        self.refusals_in_a_row = 0
        if self.rate >= self.max_rate:
            return
        since = self._grown_at if self._grown_at is not None else now
        self._grown_at = now
        turn_s = 1 / self.rate
        if now - self._waited_at > max(_WANTED_S, _WANTED_TURNS * turn_s):
            return  # not the rate but the work was what there was too little of: nothing was tested
        elapsed_s = min(now - since, max(1.0, turn_s))
        self.rate = min(self.max_rate, self.rate + self._slope() * elapsed_s)
        if self.ceiling is not None and self.rate > _PASSED * self.ceiling:
            self.ceiling = None

    def refused(self, now: float, *, retry_after_s: float | None, entered_at: float | None) -> None:
        """Take note of a 429 or 503 to the request that entered at `entered_at` (None: unknown, taken as just now)."""
        is_news = now >= self.paused_until if entered_at is None else entered_at > self._decreased_at
        if is_news:
            self.refusals_in_a_row += 1
            self._halve(now)
        pause_s = retry_after_s
        if pause_s is None:
            pause_s = backoff_s(self.refusals_in_a_row) if is_news else 0.0
        if now + pause_s > self.paused_until:
            self.paused_until = now + pause_s
            self._pause_s = pause_s

    def cap(self, max_rate: float) -> None:
        """Never go above `max_rate` from here on."""
        self.max_rate = min(self.max_rate, max_rate)
        self.rate = min(self.rate, self.max_rate)

    def _halve(self, now: float) -> None:
        used = self.rate
        if math.isinf(used) or now - self._waited_at > _WANTED_S + 1 / used:
            # Nothing held the requests back: what was really asked is what was too much.
            used = min(used, self._used(now))
        self.ceiling = used
        self.rate = max(LEAST_RATE, used * DECREASE)
        self._decreased_at = now
        self._grown_at = None

    def _used(self, now: float) -> float:
        elapsed_s = now - self._count_from
        if elapsed_s < _MEASURED_S / 2 and self._last_used > 0:
            return self._last_used  # a window that has only begun says little
        return max(self._count, 1) / max(elapsed_s, _SHORTEST_S)

    def _slope(self) -> float:
        if self.ceiling is None:
            return self.rate * _EXPLORE_SHARE
        if self.rate < _SAFE * self.ceiling:
            return (_SAFE - DECREASE) * self.ceiling / max(_RECOVERY_S, _RECOVERY_REQUESTS / self.ceiling)
        probe_s = max(_PROBE_S, _PROBE_REQUESTS / self.ceiling, _PROBE_PAUSES * self._pause_s)
        return (_PASSED - _SAFE) * self.ceiling / probe_s
