"""Which labels are doubted, given what nets that never saw them say.

`agenet`: P(b-1) + P(b) + P(b+1) < 0.4 on AgeNet's ten bins, b the bin of the label; a bin at either end has one
neighbour and is judged more strictly (reference equations 1.4). A net that knows nothing (0.1 a bin) is at 0.3 and
drops everything: the rule drops hard faces beside wrong labels.

`errors`: r = |label - E| / sqrt(V + sigma^2), with E and V the mean and variance of what is said and sigma the width of
a label. Divided by its median for labels of that decade (a half-normal's is 0.67) it is a robust z, and 3.5 the usual
threshold (Iglewicz & Hoaglin, How to Detect and Handle Outliers, 1993). So nets may be too sure or not sure enough, and
faces of an age that is hard to tell are compared with each other, as in confident learning (Northcutt et al., 2021),
where each class has a threshold of its own. The label's likelihood and the tail beyond it were measured too and find
fewer: docs/clean-labels.md.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from train.bins import bin_of, bins_named
from train.losses.gaussian import label_sigma

RuleName = Literal["agenet", "errors"]
RULES: tuple[RuleName, ...] = get_args(RuleName)

THRESHOLDS: dict[RuleName, float] = {"agenet": 0.4, "errors": 3.5}

Shares = NDArray[np.float32]
Floats = NDArray[np.float64]

_HALF_NORMAL_MEDIAN = 0.6744897501960817
_OF_ALL = 20.0  # faces: a decade with fewer takes more than half of its factor from the whole set


@dataclass(frozen=True, eq=False)
class Doubts:
    """What a rule found, (N,) each."""

    score: Floats
    """The greater, the less the label is believed."""
    is_doubted: NDArray[np.bool_]
    figure: Floats
    """What the rule compares with its threshold: a mass for `agenet`, a robust z for `errors`."""


def doubts(rule: RuleName, shares: Shares, ages: Floats, *, threshold: float | None = None) -> Doubts:
    """Return the doubts of a rule about `ages` (N,), given distributions over years (N, 101) or AgeNet's bins."""
    limit = THRESHOLDS[rule] if threshold is None else threshold
    if rule == "agenet":
        mass = neighbour_mass(shares, ages)
        return Doubts(1.0 - mass, mass < limit, mass)
    z = robust_z(shares, ages)
    return Doubts(z, z > limit, z)


def neighbour_mass(shares: Shares, ages: Floats) -> Floats:
    """Return P(b-1) + P(b) + P(b+1) of each label's bin b, (N,)."""
    bins = bins_named("agenet")
    grouped = shares if shares.shape[1] == len(bins) else _in_bins(shares)
    bordered = np.pad(grouped.astype(np.float64), ((0, 0), (1, 1)))
    place = bin_of(np.clip(ages, 0, None), bins)
    rows = np.arange(len(ages))
    mass: Floats = bordered[rows, place] + bordered[rows, place + 1] + bordered[rows, place + 2]
    return mass


def robust_z(shares: Shares, ages: Floats) -> Floats:
    """Return by how many standard deviations of its decade each label is off what is said, (N,)."""
    r = deviations(shares, ages)
    of_all = float(np.median(r)) / _HALF_NORMAL_MEDIAN
    decade = np.clip(ages // 10, 0, 9).astype(np.int64)
    factor = np.ones(10)
    for one in np.unique(decade):
        of_decade = r[decade == one]
        own = float(np.median(of_decade)) / _HALF_NORMAL_MEDIAN
        factor[one] = (len(of_decade) * own + _OF_ALL * of_all) / (len(of_decade) + _OF_ALL)
    z: Floats = r / np.maximum(factor[decade], 1e-9)
    return z


def deviations(shares: Shares, ages: Floats) -> Floats:
    """Return r of each label (N,): by how many standard deviations of its distribution (N, C) it is off the mean."""
    plain, grid = shares.astype(np.float64), np.arange(shares.shape[1], dtype=np.float64)
    mean = plain @ grid
    variance = (plain * (grid - mean[:, None]) ** 2).sum(axis=1)
    sigma = label_sigma(torch.from_numpy(np.clip(ages, 0, grid[-1]))).numpy()
    off: Floats = np.abs(np.clip(ages, 0, grid[-1]) - mean) / np.sqrt(variance + sigma**2)
    return off


def _in_bins(shares: Shares) -> Shares:
    from train.bins import gathered

    return gathered(shares, bins_named("agenet"))
