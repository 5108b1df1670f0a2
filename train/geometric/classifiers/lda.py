"""Linear discriminant analysis over age groups: Gaussians of one covariance, then the ages inside each group.

Fisher 1936; the posterior is that of Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, eq. 4.9.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from train.bins import bins_named
from train.geometric.settings import GeometricSettings
from train.geometric.tables import Arrays, Floats, Histograms, group_of, histograms, within_groups

_SHRINK = 1e-3  # of the covariance towards the unit matrix: features are standardised, two may be nearly one


def fit(features: Floats, ages: Floats, settings: GeometricSettings) -> Arrays:
    """See train.geometric.classifiers."""
    bins = bins_named(settings.groups)
    group = group_of(ages, bins)
    counts = np.bincount(group, minlength=len(bins))
    here = counts > 0
    means = np.zeros((len(bins), features.shape[1]))
    np.add.at(means, group, features)
    means[here] /= counts[here, None]
    inner = features - means[group]
    covariance = inner.T @ inner / max(len(features) - int(here.sum()), 1)
    covariance = (1 - _SHRINK) * covariance + _SHRINK * np.eye(len(covariance))
    weights = np.linalg.solve(covariance, means.T)
    # A group without a face cannot be chosen: its prior is 0.
    with np.errstate(divide="ignore"):
        prior = np.log(counts / counts.sum())
    tables = histograms(ages, group, len(bins), smooth_years=settings.smooth_years, prior_faces=settings.prior_faces)
    return {
        "weights": weights,
        "bias": prior - 0.5 * (means.T * weights).sum(axis=0),
        "tables": within_groups(tables, bins),
    }


def shares(features: Floats, arrays: Mapping[str, Any]) -> Histograms:
    """See train.geometric.classifiers."""
    return np.asarray(posteriors(features, arrays) @ arrays["tables"])


def posteriors(features: Floats, arrays: Mapping[str, Any]) -> Floats:
    """Return the probability of each group, (M, B)."""
    scores = features @ arrays["weights"] + arrays["bias"]
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))
