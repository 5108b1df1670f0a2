"""Age groups: the bins of AgeNet and of Adience, and what a distribution over bins says about years.

AgeNet trains on ten bins without gaps; Adience labels eight groups with gaps between them (0-2, 4-6, 8-12, 15-20,
25-32, 38-43, 48-53, 60-): a predicted age in a gap is in no group.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agegap.errors import UnknownName

BinsName = Literal["", "agenet", "adience"]

Shares = NDArray[np.float32]


@dataclass(frozen=True)
class AgeBins:
    """Groups of ages: first and last whole year of each, youngest first; the last group is open above."""

    name: str
    first: tuple[int, ...]
    last: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.first)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the groups as text, such as "0-2" and "60+"."""
        closed = [f"{low}-{high}" for low, high in zip(self.first[:-1], self.last[:-1], strict=True)]
        return (*closed, f"{self.first[-1]}+")


OLDEST = 100
"""Where the open group ends when its mass is spread over years."""

BINS = {
    "agenet": AgeBins("agenet", (0, 3, 7, 13, 18, 23, 27, 34, 45, 60), (2, 6, 12, 17, 22, 26, 33, 44, 59, OLDEST)),
    "adience": AgeBins("adience", (0, 4, 8, 15, 25, 38, 48, 60), (2, 6, 12, 20, 32, 43, 53, OLDEST)),
}


def bins_named(name: str) -> AgeBins:
    """Return the groups called `name`; raise UnknownName with the nearest."""
    if name not in BINS:
        raise UnknownName("bins", name, BINS)
    return BINS[name]


def bin_of(ages: ArrayLike, bins: AgeBins) -> NDArray[np.int64]:
    """Return the group of each age in completed years (N,); -1 in a gap between two groups and below the first."""
    years = np.floor(np.asarray(ages, dtype=np.float64))
    place = np.searchsorted(np.asarray(bins.first), years, side="right") - 1
    is_open = place == len(bins) - 1
    is_inside = (place >= 0) & (is_open | (years <= np.asarray(bins.last)[np.maximum(place, 0)]))
    return np.where(is_inside, place, -1).astype(np.int64)


def nearest_bin_of(ages: ArrayLike, bins: AgeBins) -> NDArray[np.int64]:
    """Return the group of each age (N,), in a gap the one whose end is nearer; the younger of two as near."""
    years = np.asarray(ages, dtype=np.float64)[:, None]
    below = np.asarray(bins.first) - years
    # A person is 32 until the day of 33: a group ends where its last year does.
    above = years - (np.asarray(bins.last) + 1.0)
    above[:, -1] = -np.inf
    distance = np.maximum(np.maximum(below, above), 0.0)
    # The day of the 3rd birthday ends 0-2 and begins 3-6: of two groups that touch, the one the year is in.
    inside = bin_of(ages, bins)
    return np.where(inside >= 0, inside, np.argmin(distance, axis=1)).astype(np.int64)


def spread(shares: NDArray[np.floating], bins: AgeBins, *, classes: int = OLDEST + 1) -> Shares:
    """Return the distribution over whole years (N, classes) of one over bins (N, B), each bin's mass spread evenly."""
    weights = np.zeros((len(bins), classes))
    for place, (low, high) in enumerate(zip(bins.first, bins.last, strict=True)):
        weights[place, low : high + 1] = 1.0 / (high + 1 - low)
    spread_out: Shares = (np.asarray(shares, dtype=np.float64) @ weights).astype(np.float32)
    return spread_out


def gathered(shares: NDArray[np.floating], bins: AgeBins) -> Shares:
    """Return the mass of a distribution over years (N, C) that falls into each bin, (N, B); rows sum to 1.

    Mass in the gaps is left out and the rest scaled: the question is which of the groups.
    """
    classes = shares.shape[1]
    mass = np.stack(
        [
            np.asarray(shares[:, low : (classes if place == len(bins) - 1 else high + 1)], dtype=np.float64).sum(axis=1)
            for place, (low, high) in enumerate(zip(bins.first, bins.last, strict=True))
        ],
        axis=1,
    )
    total = mass.sum(axis=1, keepdims=True)
    even = np.full_like(mass, 1.0 / len(bins))
    inside: Shares = np.divide(mass, total, out=even, where=total > 0).astype(np.float32)
    return inside
