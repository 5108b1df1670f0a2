"""Which rows make up the batch of a step: pure functions of (seed, step).

Nothing is remembered between steps, so there is no state to save: a resumed run, or a thread that prepares a batch
ahead of time, draws the very same rows.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from train.crops import Rows
from train.data import FacePairs

B = TypeVar("B")
Weights = NDArray[np.float64]

GAP_BUCKETS = (0, 1, 3, 6, 10, 15, 20, 30, 45)
"""Lower ends of the ranges of K that are drawn equally often: short gaps are many, long ones say most."""

_AGE_SMOOTHING = 2.0  # years: the width of a label; an age is as rare as its neighbourhood, not as its own count


@dataclass(frozen=True, eq=False)
class Places:
    """Which rows of a batch of `count` some images are: all of them, or those of one process (train/distributed.py)."""

    rows: Rows
    count: int


def all_places(count: int) -> Places:
    """Return the places of every row of a batch."""
    return Places(np.arange(count, dtype=np.int64), count)


def generator(seed: int, *keys: int) -> np.random.Generator:
    """Return the generator of one purpose and step; different keys give independent streams."""
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=keys))


class EndlessOrder:
    """Rows 0..N-1 in passes, each pass shuffled anew; a row of weight w comes w N times a pass, to within one."""

    def __init__(self, count: int, *, seed: int, key: int, weights: Weights | None = None) -> None:
        self.count, self.seed, self.key = count, seed, key
        self.weights = np.full(count, 1.0 / count) if weights is None else weights / weights.sum()
        # Two passes at most are open at once: a batch may straddle the end of one.
        self._pass = lru_cache(maxsize=2)(self._draw_pass)

    def rows(self, start: int, count: int) -> Rows:
        """Return `count` rows from position `start` of the endless sequence."""
        places = np.arange(start, start + count)
        passes, offsets = np.divmod(places, self.count)
        rows = np.empty(count, dtype=np.int64)
        for number in np.unique(passes):
            here = passes == number
            rows[here] = self._pass(int(number))[offsets[here]]
        return rows

    def _draw_pass(self, number: int) -> Rows:
        rng = generator(self.seed, self.key, number)
        # Systematic sampling: equal steps through the cumulated weights from one random start.
        ticks = (np.arange(self.count) + rng.random()) / self.count
        edges = np.cumsum(self.weights)
        rows = np.minimum(np.searchsorted(edges, ticks * edges[-1], side="right"), self.count - 1)
        return rng.permutation(rows).astype(np.int64)


def age_weights(ages: NDArray[np.float32], balance: str) -> Weights | None:
    """Return how often each face is to be drawn ("inverse": 1 / its age's smoothed count, or its root), or None."""
    if balance == "none":
        return None
    years = np.rint(np.clip(ages, 0, None)).astype(np.int64)
    counts = np.bincount(years).astype(np.float64)
    reach = np.arange(-3 * int(_AGE_SMOOTHING), 3 * int(_AGE_SMOOTHING) + 1)
    kernel = np.exp(-0.5 * (reach / _AGE_SMOOTHING) ** 2)
    smooth = np.convolve(np.pad(counts, len(reach) // 2), kernel / kernel.sum(), mode="valid")
    return np.asarray(smooth[years] ** (-1.0 if balance == "inverse" else -0.5))


class PairSampler:
    """Draws pairs subject first, then a range of K, then one pair: a prolific subject or a common K does not rule.

    `order` holds the pair numbers by (subject, range of K), `cell_starts` where each range of each subject begins in
    it, `subject_starts` where each subject begins in those; both have one end more.
    """

    def __init__(self, pairs: FacePairs, *, seed: int, key: int) -> None:
        self.seed, self.key = seed, key
        bucket = np.searchsorted(GAP_BUCKETS, pairs.gap_years, side="right") - 1
        self.order = np.lexsort((bucket, pairs.subject))
        cells = np.stack([pairs.subject[self.order], bucket[self.order]], axis=1)
        is_cell = np.r_[True, np.any(cells[1:] != cells[:-1], axis=1)]
        self.cell_starts = np.r_[np.flatnonzero(is_cell), len(cells)]
        subjects = cells[self.cell_starts[:-1], 0]
        is_subject = np.r_[True, subjects[1:] != subjects[:-1]]
        self.subject_starts = np.r_[np.flatnonzero(is_subject), len(subjects)]

    def rows(self, step: int, count: int) -> Rows:
        """Return the `count` pair numbers of `step`, with replacement."""
        u = generator(self.seed, self.key, step).random((3, count))
        subject = _within(np.zeros(count, np.int64), len(self.subject_starts) - 1, u[0])
        first, last = self.subject_starts[subject], self.subject_starts[subject + 1]
        cell = _within(first, last - first, u[1])
        first, last = self.cell_starts[cell], self.cell_starts[cell + 1]
        return self.order[_within(first, last - first, u[2])].astype(np.int64)


def _within(first: Rows, width: Rows | int, u: NDArray[np.float64]) -> Rows:
    return first + np.floor(u * width).astype(np.int64)


def prefetched(make: Callable[[int], B], steps: range) -> Iterator[B]:
    """Yield make(step) for each step; the next is made in one thread while the caller works on the present one."""
    if not steps:
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="batches") as pool:
        coming = pool.submit(make, steps[0])
        for step in steps:
            batch = coming.result()
            if step + 1 < steps.stop:
                coming = pool.submit(make, step + 1)
            yield batch
