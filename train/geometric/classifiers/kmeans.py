"""k-means clusters of faces, each labelled by the ages of its training faces: the way of Jana et al., 2013.

Lloyd's algorithm from the spread first centres of k-means++ (Arthur & Vassilvitskii, 2007), the best of several starts.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from train.geometric.settings import GeometricSettings
from train.geometric.tables import Arrays, Floats, Histograms, Ints, histograms

STARTS, MOST_ROUNDS = 8, 200


def fit(features: Floats, ages: Floats, settings: GeometricSettings) -> Arrays:
    """See train.geometric.classifiers."""
    count = min(settings.clusters, len(np.unique(features, axis=0)))
    generator = np.random.default_rng(settings.seed)
    tries = [_lloyd(features, _spread_centres(features, count, generator)) for _ in range(STARTS)]
    centres = min(tries, key=lambda centres: _squared(features, centres).min(axis=1).sum())
    owner = nearest(features, centres)
    tables = histograms(ages, owner, count, smooth_years=settings.smooth_years, prior_faces=settings.prior_faces)
    return {"centres": centres, "tables": tables, "faces": np.bincount(owner, minlength=count).astype(np.float64)}


def shares(features: Floats, arrays: Mapping[str, Any]) -> Histograms:
    """See train.geometric.classifiers."""
    return np.asarray(arrays["tables"][nearest(features, arrays["centres"])])


def nearest(features: Floats, centres: Floats) -> Ints:
    """Return the centre nearest to each row, (N,)."""
    owner: Ints = _squared(features, centres).argmin(axis=1).astype(np.int64)
    return owner


def _spread_centres(features: Floats, count: int, generator: np.random.Generator) -> Floats:
    """Return first centres (count, D): each is drawn by its squared distance from those before it."""
    chosen = [features[generator.integers(len(features))]]
    for _ in range(count - 1):
        far = _squared(features, np.array(chosen)).min(axis=1)
        chosen.append(features[generator.choice(len(features), p=far / far.sum())])
    return np.array(chosen)


def _lloyd(features: Floats, centres: Floats) -> Floats:
    for _ in range(MOST_ROUNDS):
        owner = nearest(features, centres)
        # A cluster that lost all its faces stays where it is.
        moved = np.array(
            [
                features[owner == place].mean(axis=0) if (owner == place).any() else centres[place]
                for place in range(len(centres))
            ]
        )
        if np.allclose(moved, centres, rtol=0, atol=1e-10):
            break
        centres = moved
    return centres


def _squared(features: Floats, centres: Floats) -> Floats:
    """Return the squared distances (N, K)."""
    return np.asarray(((features[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2))
