"""One softmax layer over the features of all members, side by side (deep age distribution learning, ChaLearn 2016).

    f = log(mean_m P_m) + W x + b

where x are the features, each brought to mean 0 and deviation 1. The layer begins as the average of what the members
say and learns from their features by how much to correct it, with the KL to the label distribution and ridge/2 |W|^2;
an endless ridge is the average itself. So the strength, chosen on held-out people, decides how far to believe features.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from train.losses.gaussian import gaussian_labels, label_kl, label_sigma

Shares = NDArray[np.float32]
Features = NDArray[np.float32]

RIDGES = (1e-3, 1e-2, 1e-1, 1.0)
"""Strengths that are tried beside the endless one, for features whose squares sum to about 1 a face."""

_MOST_PARTS = 256
"""Directions of the features that are kept: four VGG-16 have 16,384, more than validation faces."""

_STEPS = 60  # of L-BFGS; the problem is convex
_LEAST_SHARE = 1e-6


@dataclass(frozen=True, eq=False)
class Layer:
    """An affine map from features (N, D) to corrections of the log of the average, (N, C); float64."""

    middle: NDArray[np.float64]
    """Mean of each feature, (D,)."""
    matrix: NDArray[np.float64]
    """(D, C)."""
    bias: NDArray[np.float64]
    """(C,)."""

    def corrected(self, average: Shares, features: Features) -> Shares:
        """Return the distributions (N, C) from the average of the members (N, C) and their features (N, D)."""
        logits = _log(average) + (features.astype(np.float64) - self.middle) @ self.matrix + self.bias
        logits -= logits.max(axis=1, keepdims=True)
        grown = np.exp(logits)
        shares: Shares = (grown / grown.sum(axis=1, keepdims=True)).astype(np.float32)
        return shares


def no_correction(width: int, classes: int) -> Layer:
    """Return the layer that leaves the average as it is."""
    return Layer(np.zeros(width), np.zeros((width, classes)), np.zeros(classes))


def fit_layer(
    average: Shares,
    features: Features,
    ages: NDArray[np.float32],
    *,
    ridge: float,
    stds: NDArray[np.float32] | None = None,
) -> Layer:
    """Return the layer learned from N faces; `stds` is the spread of the votes on each age, NaN where nobody voted."""
    classes = average.shape[1]
    if not np.isfinite(ridge):
        return no_correction(features.shape[1], classes)
    plain = features.astype(np.float64)
    middle, spread = plain.mean(axis=0), plain.std(axis=0)
    scale = np.where(spread > 0, 1.0 / np.maximum(spread, 1e-12), 0.0) / np.sqrt(plain.shape[1])
    parts, directions = _directions((plain - middle) * scale)
    labels = _labels(ages, stds, classes=classes)
    start, seen = torch.from_numpy(_log(average)), torch.from_numpy(parts)
    weight = torch.zeros(parts.shape[1], classes, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(classes, dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        solver.zero_grad()
        loss = label_kl(start + seen @ weight + bias, labels).mean()
        # A bias of a class nobody is would grow for ever.
        loss = loss + ridge / 2 * (weight.square().sum() + bias.square().sum())
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    solver.step(closure)  # type: ignore[no-untyped-call]
    matrix = scale[:, None] * (directions @ weight.detach().numpy())
    return Layer(middle, matrix, bias.detach().numpy())


def _directions(features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the features along their main directions (N, d), and these (D, d)."""
    kept = min(_MOST_PARTS, *features.shape)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # svd_lowrank begins with random directions
        whole = torch.from_numpy(features)
        if min(features.shape) <= 2 * _MOST_PARTS:
            found = torch.linalg.svd(whole, full_matrices=False).Vh.T[:, :kept]
        else:
            found = torch.svd_lowrank(whole, q=kept, niter=4)[2]
    directions = found.numpy()
    return features @ directions, directions


def _labels(ages: NDArray[np.float32], stds: NDArray[np.float32] | None, *, classes: int) -> torch.Tensor:
    years = torch.from_numpy(np.asarray(ages, dtype=np.float64))
    sigma = label_sigma(years)
    if stds is not None:
        voted = torch.from_numpy(np.asarray(stds, dtype=np.float64))
        sigma = torch.where(torch.isfinite(voted), voted, sigma)
    return gaussian_labels(years, sigma, classes=classes)


def _log(shares: Shares) -> NDArray[np.float64]:
    logs: NDArray[np.float64] = np.log(shares.astype(np.float64) + _LEAST_SHARE)
    return logs
