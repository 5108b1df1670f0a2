"""The error a net makes in all photos of a kind, told without any age: by the years between the photos of a life.

A net that meets photos unlike its labelled ones errs in one direction in most of them, and by more where it is less
sure: after UTKFace it says of FG-NET's people 2 years too many at the age of one and 8 at sixteen, about one standard
deviation of what it says at every age below 25. An error of as many years in all photos of a life cannot be seen; this
one differs between them, so the years between show it. With s_j the standard deviation of what the net says of face
j, Q_j, and d the error of a subject's photos in such deviations,

    Q_j(a; d) = Q_j(a + d s_j),        d ~ N(m, v^2) for each subject,        m ~ N(0, 1)

m and v are those that make all timelines likeliest (empirical Bayes), and the d of each subject is integrated out.
Where all s_j are alike nothing can be told, and m stays 0. Where the net says everybody nearer to the middle, d takes
that for itself and makes the labels worse (docs/experiments.md); `years_told` shows it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Shares = NDArray[np.float32]
Floats = NDArray[np.float64]

ERRORS: Floats = np.linspace(-2.0, 2.5, 19)
"""The d that are tried, a quarter of a deviation apart."""

MEANS: Floats = np.linspace(-1.5, 2.0, 29)
SPREADS: Floats = np.array([0.05, 0.15, 0.3, 0.5, 0.75, 1.0])
"""The m and v that are tried; the least v is one error for everybody."""


@dataclass(frozen=True)
class SharedError:
    """How the errors of subjects are distributed: mean m and spread v, in standard deviations of what the net says."""

    mean: float
    spread: float

    @property
    def log_prior(self) -> Floats:
        """Return log p(d) of each of ERRORS, (D,)."""
        found: Floats = _log_priors(np.array([self.mean]), np.array([self.spread]))[0]
        return found


NO_ERROR = np.zeros(1)
"""In the place of ERRORS: the net is taken at its word."""


def corrected(shares: Shares, errors: Floats) -> Floats:
    """Return Q_j(a + d s_j) of each d of `errors` (D,) and each row of `shares` (N, C), as shares (D, N, C).

    The mass of a year is spread evenly over it while it moves; what would leave the classes stays in the first or last.
    """
    classes = shares.shape[1]
    ages = np.arange(classes)
    mean = shares @ ages
    width = np.sqrt(np.maximum((shares * (ages - mean[:, None]) ** 2).sum(axis=1), 0))
    # F[k] is the mass below age k - 1/2.
    below = np.concatenate([np.zeros((len(shares), 1)), np.cumsum(shares, axis=1, dtype=np.float64)], axis=1)
    place = np.clip(np.arange(classes + 1) + (errors[:, None] * width)[:, :, None], 0, classes)
    low = np.minimum(place.astype(np.int64), classes - 1)
    rows = np.arange(len(shares))[None, :, None]
    moved = below[rows, low] + (place - low) * (below[rows, low + 1] - below[rows, low])
    moved[:, :, 0], moved[:, :, -1] = 0, below[:, -1]
    found: Floats = np.diff(moved, axis=2)
    return found


def fit_shared_error(evidence: Iterable[Floats]) -> SharedError:
    """Return the likeliest error; `evidence` is log p(timeline | d) of each subject for each of ERRORS, (D,)."""
    of_subjects = np.stack(list(evidence))
    means, spreads = (grid.ravel() for grid in np.meshgrid(MEANS, SPREADS, indexing="ij"))
    priors = _log_priors(means, spreads)
    likelihood = np.logaddexp.reduce(of_subjects[:, None, :] + priors[None], axis=2).sum(axis=0) - means**2 / 2
    best = int(np.argmax(likelihood))
    return SharedError(float(means[best]), float(spreads[best]))


def _log_priors(means: Floats, spreads: Floats) -> Floats:
    """Return log p(d) of ERRORS under each mean and spread (P,), normalised over the grid: (P, D)."""
    found: Floats = -(((ERRORS[None] - means[:, None]) / spreads[:, None]) ** 2) / 2
    return found - np.logaddexp.reduce(found, axis=1, keepdims=True)
