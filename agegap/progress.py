"""Progress on standard error: a bar on a terminal, a line now and then in a log file."""

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

T = TypeVar("T")

LINE_EVERY_S = 5.0
"""Seconds between two lines where there is no terminal: often enough to see life, rare enough for a log."""


def track(items: Iterable[T], *, label: str, total: int | None = None, unit: str = "it") -> Iterator[T]:
    """Yield `items` unchanged and show how many have passed, on standard error."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    if sys.stderr.isatty():
        from tqdm import tqdm  # only a terminal pays for it

        yield from tqdm(items, desc=label, total=total, unit=unit, dynamic_ncols=True)
        return
    started = last = time.monotonic()
    done = 0
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - last >= LINE_EVERY_S:
            _line(label, done, total, now - started)
            last = now
    _line(label, done, total, time.monotonic() - started)


def _line(label: str, done: int, total: int | None, elapsed_s: float) -> None:
    of_total = f"/{total}" if total is not None else ""
    rate = done / elapsed_s if elapsed_s > 0 else 0.0
    sys.stderr.write(f"{label}: {done}{of_total} ({rate:.0f}/s)\n")
    sys.stderr.flush()
