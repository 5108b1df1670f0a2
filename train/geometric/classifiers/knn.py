"""The ages of the nearest training faces, as they are: k-nearest-neighbours without a model."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from train.geometric.settings import GeometricSettings
from train.geometric.tables import Arrays, Floats, Histograms, histograms, whole_years

_ROWS = 256  # asked at once: a block of distances to 100,000 faces is 200 MB


def fit(features: Floats, ages: Floats, settings: GeometricSettings) -> Arrays:
    """See train.geometric.classifiers."""
    return {
        "features": features,
        "ages": ages,
        "options": np.array([float(min(settings.neighbours, len(ages))), settings.smooth_years, settings.prior_faces]),
        "everyone": histograms(
            ages, np.zeros(len(ages), np.int64), 1, smooth_years=settings.smooth_years, prior_faces=0.0
        ),
    }


def shares(features: Floats, arrays: Mapping[str, Any]) -> Histograms:
    """See train.geometric.classifiers."""
    count, smooth, prior = int(arrays["options"][0]), float(arrays["options"][1]), float(arrays["options"][2])
    years = whole_years(arrays["ages"])
    found = [_nearest_ages(block, arrays["features"], years, count) for block in _blocks(features)]
    near = np.concatenate(found) if found else np.zeros((0, count), np.int64)
    owner = np.repeat(np.arange(len(features)), count)
    rows = histograms(near.ravel().astype(np.float64), owner, len(features), smooth_years=smooth, prior_faces=0.0)
    mixed = (count * rows + prior * arrays["everyone"]) / (count + prior)
    return np.asarray(mixed)


def _blocks(features: Floats) -> list[Floats]:
    return [features[first : first + _ROWS] for first in range(0, len(features), _ROWS)]


def _nearest_ages(block: Floats, known: Floats, years: Any, count: int) -> Any:
    # |a - b|^2 without |a|^2, which ranks alike.
    squared = (known**2).sum(axis=1)[None, :] - 2 * block @ known.T
    # A stable sort: of two faces as near the first counts, on every machine.
    return years[np.argsort(squared, axis=1, kind="stable")[:, :count]]
