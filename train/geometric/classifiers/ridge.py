"""Ridge regression of the age, and how far it errs: Hoerl & Kennard, Ridge Regression, 1970.

Its distribution is a Gaussian about the age said, as wide as the errors of the training faces, left out one at a time.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from train.geometric.settings import GeometricSettings
from train.geometric.tables import CLASSES, Arrays, Floats, Histograms

_LEAST_WIDTH = 0.5


def fit(features: Floats, ages: Floats, settings: GeometricSettings) -> Arrays:
    """See train.geometric.classifiers."""
    design = _with_one(features)
    penalty = settings.ridge_penalty * len(ages) * np.eye(design.shape[1])
    penalty[0, 0] = 0.0  # the mean age is no part of what is held small
    inverse = np.linalg.pinv(design.T @ design + penalty)
    weights = inverse @ design.T @ ages
    # The error of a face that was left out is e / (1 - h): Hastie et al., eq. 7.52.
    leverage = np.einsum("nd,de,ne->n", design, inverse, design)
    errors = (ages - design @ weights) / np.maximum(1 - leverage, 1e-3)
    return {"weights": weights, "width": np.array([max(float(errors.std()), _LEAST_WIDTH)])}


def shares(features: Floats, arrays: Mapping[str, Any]) -> Histograms:
    """See train.geometric.classifiers."""
    said = _with_one(features) @ arrays["weights"]
    log_density = -((np.arange(CLASSES)[None, :] - said[:, None]) ** 2) / (2 * float(arrays["width"][0]) ** 2)
    density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    return np.asarray(density / density.sum(axis=1, keepdims=True))


def _with_one(features: Floats) -> Floats:
    return np.hstack([np.ones((len(features), 1)), features])
