"""How sure a figure is: resampling people, not photos.

Photos of one person err alike, so a bootstrap over photos promises too narrow an interval. Whole people are drawn
with replacement (Davison & Hinkley, Bootstrap Methods and their Application, 1997, section 3.8); a face without a
subject counts as a person of its own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

DRAWS = 2000
"""Resamplings: the ends of a 95 % interval then move by about a hundredth of its width from seed to seed."""

LEVEL = 0.95

_CHUNK_CELLS = 4_000_000  # drawn counts held at once, 32 MB


@dataclass(frozen=True)
class Doubt:
    """A mean over faces and the central 95 % interval of its bootstrap over people."""

    value: float
    low: float
    high: float
    people: int


@dataclass(frozen=True)
class PairedDoubt:
    """A mean difference over the same faces, its 95 % interval, and how likely one as far from 0 is by chance."""

    value: float
    low: float
    high: float
    p: float
    people: int


def people_of(subjects: ArrayLike) -> NDArray[np.int64]:
    """Return a person number 0..P-1 for each face; `subjects` below 0 are each a person of their own."""
    codes = np.asarray(subjects, dtype=np.int64).copy()
    nobody = np.flatnonzero(codes < 0)
    codes[nobody] = codes.max(initial=-1) + 1 + np.arange(len(nobody))
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def mean_doubt(values: ArrayLike, people: ArrayLike, *, seed: int = 0, draws: int = DRAWS) -> Doubt:
    """Return the mean of `values` (N,) and its interval, people (N,) drawn with replacement.

    Raises ValueError where there is no value or the lengths differ.
    """
    sums, counts = _by_person(values, people)
    low, high = np.quantile(_resampled(sums, counts, seed=seed, draws=draws), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Doubt(float(sums.sum() / counts.sum()), float(low), float(high), len(sums))


def paired_doubt(
    first: ArrayLike, second: ArrayLike, people: ArrayLike, *, seed: int = 0, draws: int = DRAWS
) -> PairedDoubt:
    """Return the mean of second - first over the same faces, its interval and its two-sided p-value.

    p is the share of resamplings on the far side of 0, doubled, with one added so that it is never 0.
    """
    difference = np.asarray(second, dtype=np.float64) - np.asarray(first, dtype=np.float64)
    sums, counts = _by_person(difference, people)
    means = _resampled(sums, counts, seed=seed, draws=draws)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    far = min(int((means <= 0).sum()), int((means >= 0).sum()))
    value = float(sums.sum() / counts.sum())
    return PairedDoubt(value, float(low), float(high), min(1.0, 2 * (far + 1) / (draws + 1)), len(sums))


def person_means(values: ArrayLike, people: ArrayLike) -> NDArray[np.float64]:
    """Return the mean of `values` of each person (P,)."""
    sums, counts = _by_person(values, people)
    return sums / counts


def _by_person(values: ArrayLike, people: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    numbers, owner = np.asarray(values, dtype=np.float64), np.asarray(people, dtype=np.int64)
    if numbers.ndim != 1 or not numbers.size or numbers.shape != owner.shape:
        raise ValueError(f"values {numbers.shape} and people {owner.shape} must be two rows of one length, not empty")
    place = np.unique(owner, return_inverse=True)[1]
    sums = np.bincount(place, weights=numbers).astype(np.float64)
    return sums, np.bincount(place).astype(np.float64)


def _resampled(sums: NDArray[np.float64], counts: NDArray[np.float64], *, seed: int, draws: int) -> NDArray[np.float64]:
    """Return the mean over faces of each resampling (draws,): how often a person is drawn weighs all his faces."""
    people = len(sums)
    rng = np.random.default_rng(seed)
    step = max(1, _CHUNK_CELLS // people)
    means = []
    for start in range(0, draws, step):
        drawn = rng.multinomial(people, np.full(people, 1 / people), size=min(step, draws - start))
        means.append((drawn @ sums) / (drawn @ counts))
    return np.concatenate(means)
