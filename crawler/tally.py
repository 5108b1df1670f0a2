"""Counting a crawl while it runs: the progress line, and the result at its end."""

import asyncio
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from agegap.progress import LINE_EVERY_S
from db.frontier import FrontierCounts

_TERMINAL_EVERY_S = 0.5  # a terminal shows one line that changes


@dataclass
class Tally:
    """What this run did, and what the catalog held before and after it."""

    site: str
    before: FrontierCounts = field(default_factory=FrontierCounts)
    after: FrontierCounts = field(default_factory=FrontierCounts)
    names_done: int = 0
    names_failed: int = 0
    photos_new: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    images: Counter[str] = field(default_factory=Counter)
    bytes_kept: int = 0
    started: float = field(default_factory=time.monotonic)

    def line(self) -> str:
        """Return the progress as one line."""
        names_total = sum(self.before.queries.values())
        names_done = self.before.queries.get("done", 0) + self.names_done
        photos = sum(self.before.photos.values()) + self.photos_new
        waiting = self.before.photos.get("pending", 0) + self.photos_new - sum(self.images.values())
        rate = self.images["done"] / max(self.seconds, 1e-9)
        parts = [
            f"{self.site}: names {names_done}/{names_total}",
            f"photos {photos} found",
            f"{photos - max(waiting, 0)} settled",
            f"{self.images['done']} images fetched now ({rate:.0f}/s)",
        ]
        faults = [f"{self.images[state]} {state}" for state in ("gone", "failed") if self.images[state]]
        refused = [f"{sum(self.refused.values())} refused"] if self.refused else []
        failed = [f"{self.names_failed} names failed"] if self.names_failed else []
        return ", ".join([*parts, *faults, *refused, *failed])

    def result(self) -> dict[str, Any]:
        """Return the final tally: this run, and the state of the catalog after it."""
        after = self.after
        return {
            "site": self.site,
            "names": {"total": sum(after.queries.values()), **_states(after)["names"]},
            "photos": {"total": sum(after.photos.values()), **_states(after)["photos"]},
            "this_run": {
                "names_searched": self.names_done,
                "photos_new": self.photos_new,
                "photos_refused": dict(sorted(self.refused.items())),
                "images_fetched": self.images["done"],
                "images_gone": self.images["gone"],
                "images_failed": self.images["failed"],
                "megabytes": round(self.bytes_kept / 1e6, 3),
                "seconds": round(self.seconds, 3),
            },
        }

    @property
    def seconds(self) -> float:
        """Seconds since the crawl began."""
        return time.monotonic() - self.started


async def show_progress(tally: Tally) -> None:
    """Write the progress line to standard error until cancelled."""
    is_terminal = sys.stderr.isatty()
    while True:
        await asyncio.sleep(_TERMINAL_EVERY_S if is_terminal else LINE_EVERY_S)
        sys.stderr.write(f"\r\x1b[K{tally.line()}" if is_terminal else f"{tally.line()}\n")
        sys.stderr.flush()


def end_progress(tally: Tally) -> None:
    """Write the last progress line."""
    sys.stderr.write(f"\r\x1b[K{tally.line()}\n" if sys.stderr.isatty() else f"{tally.line()}\n")
    sys.stderr.flush()


def _states(counts: FrontierCounts) -> dict[str, dict[str, int]]:
    return {
        "names": {state: counts.queries.get(state, 0) for state in ("done", "pending", "failed")},
        "photos": {state: counts.photos.get(state, 0) for state in ("done", "pending", "gone", "failed")},
    }
