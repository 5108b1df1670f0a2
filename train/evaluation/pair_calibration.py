"""Intervals for photos of another kind than the labelled ones, from pairs whose years between are known.

A net fine-tuned on family albums errs otherwise there than on the labelled validation faces on which its intervals were
measured. Held-out pairs of the new photos show by how much: if the errors of two photos are independent and scaled
alike, the difference of the ages said misses K by as many of their joint half-widths as each misses its age by its own.
The same figure on pairs of labelled faces takes out what the shape of the errors does to it:

    scale = scale_labelled x miss(new pairs) / miss(labelled pairs)

with miss the 90 % quantile of |said difference - K| / sqrt(h_younger^2 + h_older^2), h the half-widths on the sides the
miss points to. What all photos of a person have in common is in no pair, so this holds too few on real faces; a net
that was moved to new photos errs more on the old ones, so the labelled factor holds too many. `between` takes the
middle. A level that is off for all new photos is in neither (docs/evaluation.md has what was measured).
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from agegap.errors import NothingToDo
from train.evaluation.calibration import half_widths, interval_scale
from train.evaluation.predictions import COVERAGE, predict_ages

LEAST_PEOPLE = 10
"""With fewer people in the held-out pairs their 90 % quantile is that of one or two of them."""

LABELLED_PAIRS = 20_000
"""Drawn pairs of labelled faces: the quantile is then known to about a hundredth of itself."""

Rows = NDArray[np.int64]
Shares = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class HeldOutPairs:
    """What a net says of faces (N, C), and pairs of them: rows, years between, whose they are; (M,) each."""

    shares: Shares
    younger: Rows
    older: Rows
    gap_years: NDArray[np.floating]
    subject: Rows


def transferred_scale(labelled: Shares, ages: NDArray[np.float32], pairs: HeldOutPairs, *, seed: int = 0) -> float:
    """Return the factor on half-widths for faces like those of `pairs`; `labelled` (N, C) are faces of known `ages`.

    Raises NothingToDo where the pairs are of too few people.
    """
    people = len(np.unique(pairs.subject))
    if people < LEAST_PEOPLE:
        raise NothingToDo(
            "held-out pairs",
            f"are of {people} people, {LEAST_PEOPLE} are needed to measure intervals",
            "export more people into split 'val', or measure the intervals on labelled faces",
        )
    plain = interval_scale(labelled, ages)
    return plain * miss_quantile(pairs) / miss_quantile(labelled_pairs(labelled, ages, seed=seed))


def between(labelled: float, transferred: float) -> float:
    """Return the factor half way, as factors go, between that of the labelled faces and that of the pairs."""
    return math.sqrt(labelled * transferred)


def miss_quantile(pairs: HeldOutPairs, coverage: float = COVERAGE) -> float:
    """Return the quantile of the misses in joint half-widths; everybody counts alike, however many pairs he has."""
    said = predict_ages(torch.from_numpy(pairs.shares))
    age, low, high = (one.double().numpy() for one in (said.age, said.low, said.high))
    below, above = half_widths(age, low, high)
    miss = age[pairs.older] - age[pairs.younger] - pairs.gap_years
    # Too long a difference: the older face is said too old, so its age lies below, or the younger's above.
    joint = np.where(
        miss > 0,
        np.hypot(below[pairs.older], above[pairs.younger]),
        np.hypot(above[pairs.older], below[pairs.younger]),
    )
    who, counts = np.unique(pairs.subject, return_inverse=True, return_counts=True)[1:]
    return _weighted_quantile(np.abs(miss) / joint, 1.0 / counts[who], coverage)


def labelled_pairs(shares: Shares, ages: NDArray[np.float32], *, seed: int = 0) -> HeldOutPairs:
    """Return pairs of labelled faces drawn at random, each a pair of its own, the younger first."""
    drawn = np.random.default_rng(seed).integers(0, len(ages), size=(2, LABELLED_PAIRS))
    is_turned = ages[drawn[0]] > ages[drawn[1]]
    younger, older = np.where(is_turned, drawn[::-1], drawn)
    gaps = ages[older].astype(np.float64) - ages[younger]
    is_two = younger != older
    return HeldOutPairs(shares, younger[is_two], older[is_two], gaps[is_two], np.arange(int(is_two.sum())))


def _weighted_quantile(values: NDArray[np.float64], weights: NDArray[np.float64], level: float) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    place = min(int(np.searchsorted(reached, level * reached[-1])), len(values) - 1)
    return float(values[order][place])
