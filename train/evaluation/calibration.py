"""Intervals that hold what they promise: one factor on their half-widths, measured on the validation split.

Split conformal prediction (Lei et al., Distribution-Free Predictive Inference for Regression, 2018): of each validation
face, by how much would its interval have to grow to hold its age; the 90 % quantile of those is the factor. On
faces of the same kind 90 % of the intervals then hold the age; on photos of another kind fewer may.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from train.evaluation.predictions import COVERAGE, predict_ages

_LEAST_WIDTH = 0.25  # years to either side: a net that is sure of one class still cannot know the birthday

Ages = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SaidAges:
    """What is said of each of N faces, in years."""

    age: Ages
    median: Ages
    low: Ages
    high: Ages


def said_ages(shares: NDArray[np.float32], *, scale: float | None) -> SaidAges:
    """Return age, median and 90 % interval of distributions (N, C); `scale` widens the interval about the age."""
    said = predict_ages(torch.from_numpy(shares))
    age, median, low, high = (one.double().numpy() for one in (said.age, said.median, said.low, said.high))
    factor = 1.0 if scale is None else scale
    below, above = half_widths(age, low, high)
    oldest = shares.shape[1] - 1
    return SaidAges(age, median, np.clip(age - factor * below, 0, oldest), np.clip(age + factor * above, 0, oldest))


def interval_at(shares: NDArray[np.float32], *, scale: float | None, coverage: float) -> tuple[Ages, Ages]:
    """Return the ends (N,) of the central intervals of `coverage` of distributions (N, C), `scale` times as far off.

    At the usual coverage these are the intervals of `said_ages`.
    """
    if coverage == COVERAGE:
        usual = said_ages(shares, scale=scale)
        return usual.low, usual.high
    said = predict_ages(torch.from_numpy(shares), coverage=coverage)
    age, low, high = (one.double().numpy() for one in (said.age, said.low, said.high))
    factor, oldest = 1.0 if scale is None else scale, shares.shape[1] - 1
    # A narrow interval may lie to one side of the mean: then it stays there.
    return np.clip(age + factor * (low - age), 0, oldest), np.clip(age + factor * (high - age), 0, oldest)


def interval_scale(shares: NDArray[np.float32], ages: NDArray[np.float32]) -> float:
    """Return the factor with which at least 90 % of the intervals of (N, C) hold the true `ages` (N,)."""
    said = predict_ages(torch.from_numpy(shares))
    age, low, high = (one.double().numpy() for one in (said.age, said.low, said.high))
    below, above = half_widths(age, low, high)
    error = np.clip(ages, 0, shares.shape[1] - 1) - age
    needed = np.sort(np.where(error < 0, -error / below, error / above))
    # The (N + 1)-th share instead of the N-th: the face to come counts too.
    place = min(len(needed), math.ceil((len(needed) + 1) * COVERAGE)) - 1
    return float(needed[place])


def half_widths(age: Ages, low: Ages, high: Ages) -> tuple[Ages, Ages]:
    """Return by how far (N,) each interval reaches below and above its age, never less than a quarter of a year."""
    return np.maximum(age - low, _LEAST_WIDTH), np.maximum(high - age, _LEAST_WIDTH)
