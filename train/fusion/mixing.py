"""From the distributions of the members to one: their mixture, or the mean of their ages.

Both have the same expected age, the weighted mean. A mixture is as wide as its members are apart; averaging quantiles
instead of probabilities keeps the members' width (Ratcliff, Group Reaction Time Distributions, 1979; Lichtendahl et
al., Is It Better to Average Probabilities or Quantiles?, 2013).
"""

import numpy as np
from numpy.typing import NDArray

Shares = NDArray[np.float32]
Floats = NDArray[np.float64]

_LEVELS = 400
"""Quantiles of a distribution that are averaged: each stands for a quarter of a percent."""


def mixture(shares: Shares, weights: Floats) -> Shares:
    """Return sum_m w_m P_m: (N, C) of `shares` (M, N, C) and `weights` (M,)."""
    mixed: Shares = np.tensordot(weights, shares.astype(np.float64), axes=1).astype(np.float32)
    return mixed


def mean_of_ages(shares: Shares, weights: Floats) -> Shares:
    """Return distributions (N, C) whose quantiles are the weighted means of those of `shares` (M, N, C)."""
    members, faces, classes = shares.shape
    levels = (np.arange(_LEVELS) + 0.5) / _LEVELS
    found = np.zeros((faces, classes))
    edges = np.arange(classes + 1) - 0.5
    for face in range(faces):
        ages = np.zeros(_LEVELS)
        for member in range(members):
            upto = np.concatenate([[0.0], np.cumsum(shares[member, face].astype(np.float64))])
            ages += weights[member] * np.interp(levels * upto[-1], upto, edges)
        # An age between two classes is shared by both, so that the mean stays what it is.
        ages = np.clip(ages, 0, classes - 1)
        below = np.minimum(np.floor(ages).astype(np.int64), classes - 2)
        np.add.at(found[face], below, 1 - (ages - below))
        np.add.at(found[face], below + 1, ages - below)
    shares_of: Shares = (found / _LEVELS).astype(np.float32)
    return shares_of


def mean_ages(shares: Shares) -> Floats:
    """Return the expected age of each distribution, (M, N) of (M, N, C)."""
    ages: Floats = shares.astype(np.float64) @ np.arange(shares.shape[-1], dtype=np.float64)
    return ages
