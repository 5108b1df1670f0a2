"""Age histograms of the faces of a cluster or group: how a group becomes a distribution over years."""

import numpy as np
from numpy.typing import NDArray

from train.bins import OLDEST, AgeBins, nearest_bin_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Histograms = NDArray[np.float64]
Arrays = dict[str, NDArray[np.float64]]

CLASSES = OLDEST + 1


def whole_years(ages: Floats) -> Ints:
    """Return the class of each age (N,): completed years, nobody older than 100."""
    years: Ints = np.clip(np.floor(ages), 0, OLDEST).astype(np.int64)
    return years


def histograms(ages: Floats, owner: Ints, count: int, *, smooth_years: float, prior_faces: float) -> Histograms:
    """Return the blurred age histogram of each of `count` owners, (count, 101); rows sum to 1.

    `owner` (N,) says whose each face is. Every row also gets `prior_faces` faces spread as all ages are, and all ages
    a thousandth of that evenly: no age is impossible because a small cluster never saw it.
    """
    seen = np.zeros((count, CLASSES))
    np.add.at(seen, (owner, whole_years(ages)), 1.0)
    everyone = seen.sum(axis=0) / max(len(ages), 1)
    prior = 0.999 * everyone + 0.001 / CLASSES
    rows = (seen + prior_faces * prior) @ _blur(smooth_years)
    rows += 1e-9
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def group_of(ages: Floats, bins: AgeBins) -> Ints:
    """Return the age group of each age (N,), in a gap the nearer one."""
    # The middle of the year lies in no two groups; its first day is the end of one and the beginning of the next.
    return nearest_bin_of(np.floor(ages) + 0.5, bins)


def within_groups(rows: Histograms, bins: AgeBins) -> Histograms:
    """Return the histograms of the groups (B, 101), each cut to the years that are nearest to its own group."""
    years = group_of(np.arange(CLASSES, dtype=np.float64), bins)
    cut = np.where(years[None, :] == np.arange(len(bins))[:, None], rows, 0.0)
    return np.asarray(cut / cut.sum(axis=1, keepdims=True))


def _blur(years: float) -> Floats:
    """Return the (101, 101) matrix that spreads each age as a Gaussian, none of it beyond 0 and 100."""
    ages = np.arange(CLASSES)
    kernel = np.exp(-((ages[:, None] - ages[None, :]) ** 2) / (2 * years**2))
    return np.asarray(kernel / kernel.sum(axis=1, keepdims=True))
