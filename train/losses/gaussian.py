"""Label distributions: an age becomes a Gaussian over the classes, and the net learns it by KL divergence.

    t_k = exp(-(k - y)^2 / 2 s^2) / sum_j exp(-(j - y)^2 / 2 s^2)
    L   = sum_k t_k (log t_k - log Q_k),   Q = softmax(f),   dL/df_p = Q_p - t_p

Gao et al., Deep Label Distribution Learning with Label Ambiguity, 2017; reference equations 1.2. That label (`density`)
is cut off at age 0 on one side, which makes the label of a child too old. The other kind (`cdf`) gives each class the
mass of its year and cuts both tails at the same distance d, that of the nearer end of the classes:

    t_k = (Phi(min(k + 1/2, y+d)) - Phi(max(k - 1/2, y-d))) / (Phi(y+d) - Phi(y-d)),   d = min(y + 1/2, A + 1/2 - y)

with Phi the normal distribution N(y, s) and an empty range counting 0. It is symmetric about y, so that its
expectation is y: exactly for whole and half years, within 0.09 years between them where y < 1 or y > A-1.
"""

import math
from typing import Literal

import torch
from torch import Tensor

from train.losses.numerics import at_least_float32

LabelKind = Literal["density", "cdf"]
"""`density`: the Gaussian at each age, normalised. `cdf`: its mass over each year, both tails cut alike."""

KlReduction = Literal["batchmean", "element"]
"""`batchmean`: the sum over the classes, the paper's loss. `element`: their mean, as the released Lua code has it."""

SIGMA = 2.0
"""Years; the fixed width that benchmarks use for sets with real ages."""

YOUNG_SIGMA = 0.5
"""Years, at age 0. With a width of 2 the expectation of the label of a newborn is 1.3 years too old, because the
Gaussian is cut off at 0; and a year of a child is seen better than a year of an adult."""

YOUNG_SLOPE = 0.1
"""Years of width a year of age, so that the full width of 2 is reached at 15."""

SIGMA_FLOOR = 1e-3
"""Years; a width of 0 (all raters said one number) would divide by zero. Below 0.1 the label is one-hot anyway."""


def label_sigma(
    ages: Tensor, *, sigma: float = SIGMA, young_sigma: float = YOUNG_SIGMA, young_slope: float | None = YOUNG_SLOPE
) -> Tensor:
    """Return the width of the label of each age: s(y) = min(sigma, young_sigma + young_slope * y).

    `ages` (B,) in years gives (B,) in years. `young_slope` None gives `sigma` everywhere.
    """
    if young_slope is None:
        return torch.full_like(ages, sigma)
    return (young_sigma + young_slope * ages).clamp(max=sigma)


def gaussian_labels(ages: Tensor, sigma: Tensor | float, *, classes: int = 101, kind: LabelKind = "density") -> Tensor:
    """Return the label distributions (B, classes) of `ages` (B,), which may be fractional; rows sum to 1.

    `sigma` is one width in years or one a face (B,): the deviation of the votes where several people rated it. An age
    beyond the classes gives a label at their end. A NaN age gives a row of NaN: faces without a label are the
    caller's to leave out. Raises ValueError on an unknown kind.
    """
    ages = at_least_float32(ages)
    width = torch.as_tensor(sigma, dtype=ages.dtype, device=ages.device).clamp(min=SIGMA_FLOOR)
    if width.ndim:
        width = width[:, None]
    grid = torch.arange(classes, dtype=ages.dtype, device=ages.device)
    if kind == "cdf":
        return _masses(ages.clamp(0, classes - 1)[:, None], width, grid)
    if kind != "density":
        raise ValueError(f"kind must be 'density' or 'cdf', not {kind!r}")
    return torch.softmax(-0.5 * ((grid - ages[:, None]) / width).square(), dim=1)


def label_kl(logits: Tensor, labels: Tensor, *, reduction: KlReduction = "batchmean") -> Tensor:
    """Return KL(labels || softmax(logits)) of each row in nats, (B,) from (B, C) and (B, C).

    `labels` are constants: rows that sum to 1, zeros allowed. The mean over the batch is the paper's loss
    (`batchmean`); its released code takes the mean over the classes too (`element`), which weighs it 1/C beside the
    error of the expectation. Raises ValueError on an unknown reduction.
    """
    log_q = torch.log_softmax(at_least_float32(logits), dim=1)
    labels = labels.detach().to(log_q.dtype)
    terms = torch.xlogy(labels, labels) - labels * log_q
    if reduction == "element":
        return terms.mean(dim=1)
    if reduction != "batchmean":
        raise ValueError(f"reduction must be 'batchmean' or 'element', not {reduction!r}")
    return terms.sum(dim=1)


def _masses(ages: Tensor, width: Tensor, grid: Tensor) -> Tensor:
    """Return the mass over each class of Gaussians around `ages` (B, 1), both tails cut at the nearer end."""
    reach = torch.minimum(ages + 0.5, len(grid) - 0.5 - ages)
    low = (grid - 0.5 - ages).clamp(min=-reach, max=reach)
    high = (grid + 0.5 - ages).clamp(min=-reach, max=reach)
    # erf is odd, so that the label is symmetric to the last bit where its classes are.
    scale = width * math.sqrt(2.0)
    mass = torch.erf(high / scale) - torch.erf(low / scale)
    return mass / mass.sum(dim=1, keepdim=True)
