"""Errors of people never seen, with intervals and p-values over people: photos of one life are not independent."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 10_000
CONFIDENCE = 0.95
SEED = 20261122

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answers:
    """What a net said of test faces: whose, true age, expected and median age, ends of the 90 % interval; (N,) each."""

    subject: NDArray[np.str_]
    true: Floats
    said: Floats
    median: Floats
    low: Floats
    high: Floats

    @property
    def errors(self) -> Floats:
        """Absolute errors in years."""
        return np.abs(self.said - self.true)


@dataclass(frozen=True)
class Measured:
    """Mean absolute error, its 95 % interval over people, that of the median, bias, coverage of the 90 % interval."""

    mae: float
    low: float
    high: float
    mae_of_median: float
    bias: float
    coverage: float
    photos: int
    people: int


def joined(parts: Sequence[Answers]) -> Answers:
    """Return the answers of several folds as one."""
    return Answers(*(np.concatenate([getattr(part, name) for part in parts]) for name in Answers.__annotations__))


def averaged(several: Sequence[Answers]) -> Answers:
    """Return the mean of what several nets say of the same faces: ages and both ends of the intervals.

    The mean of the expected ages is that of the averaged distributions; of medians and ends it is a summary.
    """
    first = several[0]
    if any(not np.array_equal(one.true, first.true) for one in several):
        raise ValueError("the answers are of different faces")
    said, median, low, high = (
        np.mean([getattr(one, name) for one in several], axis=0) for name in ("said", "median", "low", "high")
    )
    return Answers(first.subject, first.true, said, median, low, high)


def measure(answers: Answers) -> Measured:
    """Return the measures of `answers`; the interval is that of a bootstrap of people with all their photos."""
    sums, counts = by_person(answers.subject, answers.errors)
    draws = np.random.default_rng(SEED).integers(len(sums), size=(DRAWS, len(sums)))
    resampled = sums[draws].sum(axis=1) / counts[draws].sum(axis=1)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    inside = (answers.low <= answers.true) & (answers.true <= answers.high)
    error = answers.said - answers.true
    return Measured(
        mae=float(np.abs(error).mean()),
        low=float(low),
        high=float(high),
        mae_of_median=float(np.abs(answers.median - answers.true).mean()),
        bias=float(error.mean()),
        coverage=float(inside.mean()),
        photos=len(error),
        people=len(sums),
    )


def p_value(before: Answers, after: Answers) -> float:
    """Return how often chance makes the difference of two errors of the same faces as large: two-sided, over people.

    Each person's sum of differences keeps or changes its sign (Fisher's randomisation test); at least 1 / (1 + draws).
    """
    if before.subject.tolist() != after.subject.tolist() or not np.array_equal(before.true, after.true):
        raise ValueError("the two answers are of different faces")
    sums, _ = by_person(before.subject, before.errors - after.errors)
    signs = np.random.default_rng(SEED).choice([-1.0, 1.0], size=(DRAWS, len(sums)))
    # Equal sums may differ by rounding: a draw that is the observed one counts.
    as_large = np.abs(signs @ sums) >= abs(sums.sum()) - 1e-9
    return float((1 + as_large.sum()) / (1 + DRAWS))


def by_person(subject: NDArray[np.str_], values: Floats) -> tuple[Floats, Floats]:
    """Return, for each person, the sum of the `values` of its photos and their number."""
    _, place = np.unique(subject, return_inverse=True)
    sums: Floats = np.bincount(place, weights=values).astype(np.float64)
    return sums, np.bincount(place).astype(np.float64)
