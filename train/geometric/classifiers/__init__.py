"""What decides over the features: one classifier a file, one line here.

A file has two functions. `fit(features, ages, settings)` learns from standardised features (N, D) and returns arrays by
name; `shares(features, arrays)` says the distribution over ages (M, 101) from those arrays alone.
"""

import importlib
from collections.abc import Mapping
from typing import Any, Protocol

from agegap.errors import UnknownName
from train.geometric.settings import GeometricSettings
from train.geometric.tables import Arrays, Floats, Histograms

CLASSIFIERS = {
    "kmeans": "train.geometric.classifiers.kmeans",
    "lda": "train.geometric.classifiers.lda",
    "knn": "train.geometric.classifiers.knn",
    "ridge": "train.geometric.classifiers.ridge",
}


class Classifier(Protocol):
    """A module of this package."""

    def fit(self, features: Floats, ages: Floats, settings: GeometricSettings) -> Arrays:
        """Return what was learned from features (N, D) of faces with `ages` (N,)."""
        ...

    def shares(self, features: Floats, arrays: Mapping[str, Any]) -> Histograms:
        """Return distributions over the ages 0..100 (M, 101) for features (M, D)."""
        ...


def classifier(name: str) -> Classifier:
    """Return the classifier called `name`; raise UnknownName with the nearest."""
    if name not in CLASSIFIERS:
        raise UnknownName("classifier", name, CLASSIFIERS)
    module: Classifier = importlib.import_module(CLASSIFIERS[name])
    return module
