"""The progress line: how far the crawl is, how fast it goes now, and when it will end at that speed."""

import asyncio
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from agegap.progress import LINE_EVERY_S
from crawler.tally import Tally

RATES_OVER_S = 15.0
"""Rates are of the last seconds: long enough to be steady at one call a second, short enough to be now."""

_TERMINAL_EVERY_S = 0.5  # a terminal shows one line that changes


@dataclass(frozen=True)
class Moment:
    """The two sums that rates are made of, at a moment of the run."""

    seconds: float
    calls: int
    images: int


@dataclass(frozen=True)
class Rates:
    """What happens a second, lately."""

    calls: float
    images: float


class Progress:
    """Makes the progress line of a tally; remembers a few seconds of it."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._moments: deque[Moment] = deque([Moment(0.0, 0, 0)])

    def line(self) -> str:
        """Return how far the crawl is, as one line."""
        tally = self._tally
        rates = self._rates()
        done, total = names_so_far(tally)
        parts = [
            f"{tally.site}: names {done}/{total}",
            *([f"windows {windows} open"] if (windows := open_windows(tally)) else []),
            f"photos {photos_so_far(tally)} found",
            f"{_settled(tally)} settled",
            f"{rates.calls:.1f} calls/s",
            f"{rates.images:.0f} images/s",
            *([f"about {_span(left_s)} left"] if (left_s := seconds_left(tally, rates)) is not None else []),
        ]
        parts += [f"{tally.images[state]} {state}" for state in ("gone", "failed") if tally.images[state]]
        if tally.refused:
            parts.append(f"{sum(tally.refused.values())} refused")
        if tally.windows_failed:
            parts.append(f"{tally.windows_failed} windows failed")
        return ", ".join(parts)

    def _rates(self) -> Rates:
        tally = self._tally
        now = Moment(tally.seconds, tally.calls, tally.images.total())
        while len(self._moments) > 1 and self._moments[1].seconds <= now.seconds - RATES_OVER_S:
            self._moments.popleft()
        first = self._moments[0]
        span = max(now.seconds - first.seconds, 1e-3)
        self._moments.append(now)
        return Rates((now.calls - first.calls) / span, (now.images - first.images) / span)


def names_so_far(tally: Tally) -> tuple[int, int]:
    """Return how many queries are done, and of how many."""
    before = tally.before.queries if tally.before is not None else {}
    return before.get("done", 0) + tally.names_done, max(sum(before.values()), tally.names_total)


def open_windows(tally: Tally) -> int:
    """Return how many windows are to be read yet, as far as this worker knows."""
    before = tally.before.windows if tally.before is not None else {}
    at_start = before.get("pending", 0) + before.get("leased", 0)
    return max(0, at_start + tally.windows_new - tally.windows_done - tally.windows_failed)


def photos_so_far(tally: Tally) -> int:
    """Return how many photos the catalog holds."""
    before = tally.before.photos if tally.before is not None else {}
    return sum(before.values()) + tally.photos_new


def seconds_left(tally: Tally, rates: Rates) -> float | None:
    """Return when the slower of searching and fetching will be through, None while nothing is known.

    Names not asked yet are taken to cost what the names of this run cost on average.
    """
    done, total = names_so_far(tally)
    if not tally.names_done and done < total:
        return None
    to_search = (total - done) * tally.calls / max(tally.names_done, 1)
    to_come = (total - done) * tally.photos_new / max(tally.names_done, 1)
    to_fetch = photos_so_far(tally) - _settled(tally) + to_come
    spans = [(to_search, rates.calls), (to_fetch if tally.images.total() else 0.0, rates.images)]
    if any(left > 0 and rate <= 0 for left, rate in spans):
        return None
    return max((left / rate for left, rate in spans if left > 0), default=0.0)


async def show_progress(progress: Progress, each_time: Callable[[], None]) -> None:
    """Write the progress line to standard error until cancelled; call `each_time` before it."""
    is_terminal = sys.stderr.isatty()
    while True:
        await asyncio.sleep(_TERMINAL_EVERY_S if is_terminal else LINE_EVERY_S)
        each_time()
        sys.stderr.write(f"\r\x1b[K{progress.line()}" if is_terminal else f"{progress.line()}\n")
        sys.stderr.flush()


def end_progress(progress: Progress) -> None:
    """Write the last progress line."""
    sys.stderr.write(f"\r\x1b[K{progress.line()}\n" if sys.stderr.isatty() else f"{progress.line()}\n")
    sys.stderr.flush()


def _settled(tally: Tally) -> int:
    before = tally.before.photos if tally.before is not None else {}
    at_start = sum(before.values()) - before.get("pending", 0) - before.get("leased", 0)
    # A failed photo of an earlier run counts as settled there, and again when it is tried now.
    return min(at_start + tally.images.total(), photos_so_far(tally))


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
