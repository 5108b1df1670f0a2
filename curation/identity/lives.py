"""What a subject's other photos say a photo should look like: a life as a path that drifts with the years.

In each direction of the space a person is a place (variance: that between people) plus a drift that is forgotten over
`ageing_years` (a Gaussian process with kernel exp(-gap / ageing_years)) plus what a single photo adds. So a face is
compared most with the photos near it in time, as with several centres, and its leeway grows with the gap to them
(Rasmussen, Williams: Gaussian Processes for Machine Learning, eq. 2.25; leave-one-out: eq. 5.12).
"""

from dataclasses import dataclass

import numpy as np

from curation.identity.space import Floats

_LEAST_BELIEF = 1e-3


@dataclass(frozen=True)
class Ageing:
    """How much of the variance within a person is ageing, and over how many years it is forgotten."""

    share: float
    years: float


@dataclass(frozen=True, eq=False)
class Expected:
    """What the subject's other faces expect at the time of each face, (n, dimensions) each."""

    mean: Floats
    variance: Floats


def expect(points: Floats, gaps: Floats, belief: Floats, between: Floats, ageing: Ageing) -> Expected:
    """Return what is expected of each of `points` (n, dimensions) from all the others, each counting by its belief.

    `gaps` are the years between any two, (n, n); `between` the variance of people in each direction.
    """
    noise = (1 - ageing.share) / np.maximum(belief, _LEAST_BELIEF)
    drift = ageing.share * np.exp(-gaps / ageing.years)
    covariance = between[:, None, None] + (drift + np.diag(noise))[None]
    inverse = np.linalg.inv(covariance)
    own = np.einsum("dii->id", inverse)
    mean = points - np.einsum("dij,jd->id", inverse, points) / own
    return Expected(mean, 1 / own - noise[:, None] + (1 - ageing.share))


def evidence(expected: Expected, between: Floats, points: Floats) -> Floats:
    """Return by how much the subject explains each of `points` better than a stranger, in logarithms, (n,).

    Point i is asked at the time of face i.
    """
    total = between + 1.0
    gain = np.log(total / expected.variance) - (points - expected.mean) ** 2 / expected.variance + points**2 / total
    return np.asarray(0.5 * gain.sum(axis=1))


def rival_evidence(expected: Expected, between: Floats, rivals: Floats) -> Floats:
    """Return the same of each of `rivals` (m, dimensions) if it stood at the time of each face, (n, m)."""
    total = between + 1.0
    constant = 0.5 * (np.log(total / expected.variance) - expected.mean**2 / expected.variance).sum(axis=1)
    linear = (expected.mean / expected.variance) @ rivals.T
    square = 0.5 * (1 / total - 1 / expected.variance) @ (rivals**2).T
    return np.asarray(constant[:, None] + linear + square)
