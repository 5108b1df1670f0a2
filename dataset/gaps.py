"""How sure K is when the years of two photos are not: K as a distribution.

A taken year is `year` with probability c; what is left is spread evenly over the other years of its interval. An
interval of one year leaves nothing to spread: the rest then lies anywhere, and no K gets it. The two years are taken to
err independently, so K is the difference of two such distributions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Years:
    """Taken years, one row a face: the likeliest year, its interval, and the probability that `year` is right."""

    year: Numbers
    first: Numbers
    last: Numbers
    confidence: Floats


def gap_confidence(younger: Years, older: Years) -> Floats:
    """Return the probability of each pair that K = older.year - younger.year: both right, or both as far off."""
    low = np.maximum(_wide(younger.first) - younger.year, _wide(older.first) - older.year)
    high = np.minimum(_wide(younger.last) - younger.year, _wide(older.last) - older.year)
    shifts = np.maximum(high - low, 0)  # ways to be off alike; both hold 0, which is to be right
    both_right = younger.confidence * older.confidence
    total: Floats = both_right + shifts * _elsewhere(younger) * _elsewhere(older)
    return total


def gap_bounds(younger: Years, older: Years) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the least and the greatest K of each pair; the least is negative where their order is not sure."""
    return _wide(older.first) - younger.last, _wide(older.last) - younger.first


def gap_distribution(younger: Years, older: Years) -> tuple[NDArray[np.int64], Floats]:
    """Return every K that the first pair may have and their probabilities, which sum to 1 or to less."""
    a, b = _distribution(younger), _distribution(older)
    first, last = gap_bounds(younger, older)
    return np.arange(int(first[0]), int(last[0]) + 1), np.convolve(b, a[::-1])


def _distribution(years: Years) -> Floats:
    shares = np.full(int(years.last[0]) - int(years.first[0]) + 1, _elsewhere(years)[0])
    shares[int(years.year[0]) - int(years.first[0])] = years.confidence[0]
    return shares


def _elsewhere(years: Years) -> Floats:
    """Return the probability of each other year of the interval."""
    others = _wide(years.last) - years.first
    share: Floats = np.where(others > 0, (1 - years.confidence) / np.maximum(others, 1), 0.0)
    return share


def _wide(values: Numbers) -> NDArray[np.int64]:
    return values.astype(np.int64)
