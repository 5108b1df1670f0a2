"""In which directions people differ, and in which only photos do: learned from the catalog's own folders.

The covariances within and between subjects are made diagonal together (Ioffe: Probabilistic Linear Discriminant
Analysis, ECCV 2006), so that afterwards each direction stands alone, with 1 as the variance within. Faces count by the
belief that they are their subject's; folds keep a subject out of the space it is judged in, for a space fitted to a
wrong face finds it right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST_BETWEEN = 1e-3  # a direction that tells nobody apart must not be divided by


@dataclass(frozen=True, eq=False)
class Space:
    """A turn and stretch of the embeddings: `apply` gives points whose variance within a person is 1 everywhere."""

    mean: Floats
    directions: Floats
    """(dimensions, dimensions); a column a direction."""
    between: Floats
    """Variance of the people in each direction, (dimensions,)."""

    def apply(self, vectors: Floats) -> Floats:
        """Return embeddings (n, dimensions) in this space."""
        return np.asarray((vectors - self.mean) @ self.directions)


def fit_space(folders: Sequence[Floats], beliefs: Sequence[Floats], *, prior_faces: float) -> Space:
    """Learn the space from the faces of some subjects, (n, dimensions) each, and the belief in each face, 0..1.

    With few faces the covariance within is drawn to that of all faces and to the same in all directions.
    """
    everything = np.concatenate(folders)
    mean = everything.mean(axis=0)
    size = everything.shape[1]
    total = np.cov(everything, rowvar=False, bias=True).reshape(size, size)
    within, freedom = np.zeros((size, size)), 0.0
    for vectors, belief in zip(folders, beliefs, strict=True):
        weight = float(belief.sum())
        if weight < 1.5:  # one face says nothing of how a person's photos differ
            continue
        apart = vectors - belief @ vectors / weight
        within += (apart * belief[:, None]).T @ apart
        freedom += weight - 1
    within /= max(freedom, 1.0)
    within = _shrunk(within, _guess(within, total), prior_faces / (prior_faces + freedom))
    total = _shrunk(total, _even(total), prior_faces / (prior_faces + len(everything)))
    root = np.linalg.inv(np.linalg.cholesky(within))
    variance, turn = np.linalg.eigh(root @ total @ root.T)
    return Space(mean, root.T @ turn, np.maximum(variance - 1.0, _LEAST_BETWEEN))


def _guess(within: Floats, total: Floats) -> Floats:
    """Return what the covariance within a person may be: half that of all faces, half the same everywhere."""
    trace = float(np.trace(within)) or float(np.trace(total)) / 2
    return (total / max(float(np.trace(total)), 1e-12) + np.eye(len(total)) / len(total)) * trace / 2


def _even(covariance: Floats) -> Floats:
    return np.eye(len(covariance)) * max(float(np.trace(covariance)) / len(covariance), 1e-12)


def _shrunk(covariance: Floats, guess: Floats, share: float) -> Floats:
    return (1 - share) * covariance + share * guess
