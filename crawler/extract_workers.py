"""Ranges of photos over worker processes, in order and with bounded memory; only the parent writes.

Spawned, not forked: the parent has threads and a connection to the catalog. A worker has a connection of its own,
reads the photos of its range and gives rows back, so that no texts travel between processes.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.errors import DataFailed
from crawler.extract_photo import evidence_rows, read_stored, year_row
from crawler.taken_year import VERSION
from db.session import connect
from db.taken_years import IdRange, undated_photos

AHEAD = 3
"""Ranges handed out for each worker: one in hand, one waiting, one whose rows are being written."""


@dataclass
class Rows:
    """Rows of a range of photos, for `save_taken_years`."""

    years: list[dict[str, Any]] = field(default_factory=list)
    evidence: list[dict[str, Any]] = field(default_factory=list)


ReadRange = Callable[[IdRange], Rows]

_read: ReadRange | None = None  # in a worker: what it does with a range


def read_range(within: IdRange, *, catalog: Engine, data: Path, again: bool) -> Rows:
    """Return the rows of the photos of a range that need a year."""
    with catalog.connect() as connection:
        photos = undated_photos(connection, VERSION, within=within, again=again)
    rows = Rows()
    for photo in photos:
        reading = read_stored(photo, data)
        rows.years.append(year_row(photo.id, reading.taken))
        rows.evidence += evidence_rows(photo.id, reading)
    return rows


def core_count() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_ranges(ranges: Iterable[IdRange], *, catalog: Engine, data: Path, again: bool, workers: int) -> Iterator[Rows]:
    """Yield the rows of each range, in order; with one worker they are read in this process.

    Raises DataFailed when a worker dies.
    """
    if workers == 1:
        for within in ranges:
            yield read_range(within, catalog=catalog, data=data, again=again)
        return
    url = catalog.url.render_as_string(hide_password=False)
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(url, str(data.resolve()), again),
    )
    waiting: deque[tuple[IdRange, Future[Rows]]] = deque()
    source = iter(ranges)
    try:
        while True:
            for within in islice(source, workers * AHEAD - len(waiting)):
                waiting.append((within, pool.submit(_run, within)))
            if not waiting:
                return
            yield waiting[0][1].result()
            waiting.popleft()
    except BrokenProcessPool:
        where = f" at the photos {waiting[0][0].first} to {waiting[0][0].last}" if waiting else ""
        raise DataFailed(
            f"a worker process died{where} (too little memory, or an image file that crashes its reader); "
            "what was committed is kept, go on with --workers 1"
        ) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(url: str, data: str, again: bool) -> None:
    global _read
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    threading.Thread(target=_end_with_parent, daemon=True).start()
    catalog, folder = connect(url), Path(data)

    def read(within: IdRange) -> Rows:
        return read_range(within, catalog=catalog, data=folder, again=again)

    _read = read


def _end_with_parent() -> None:
    """End this worker when its parent is killed: it would wait for a range for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run(within: IdRange) -> Rows:
    assert _read is not None
    return _read(within)
