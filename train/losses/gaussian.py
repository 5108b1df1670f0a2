"""Label distributions: an age becomes a Gaussian over the classes, and the net learns it by KL divergence.

    t_k = exp(-(k - y)^2 / 2 s^2) / sum_j exp(-(j - y)^2 / 2 s^2)
    L   = sum_k t_k (log t_k - log Q_k),   Q = softmax(f),   dL/df_p = Q_p - t_p

Gao et al., Deep Label Distribution Learning with Label Ambiguity, 2017; reference equations 1.2.
"""

import torch
from torch import Tensor

from train.losses.numerics import at_least_float32

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


def gaussian_labels(ages: Tensor, sigma: Tensor | float, *, classes: int = 101) -> Tensor:
    """Return the label distributions (B, classes) of `ages` (B,), which may be fractional; rows sum to 1.

    `sigma` is one width in years or one a face (B,). An age beyond the classes gives a label at their end. A NaN
    age gives a row of NaN: faces without a label are the caller's to leave out.
    """
    ages = at_least_float32(ages)
    width = torch.as_tensor(sigma, dtype=ages.dtype, device=ages.device).clamp(min=SIGMA_FLOOR)
    if width.ndim:
        width = width[:, None]
    grid = torch.arange(classes, dtype=ages.dtype, device=ages.device)
    return torch.softmax(-0.5 * ((grid - ages[:, None]) / width).square(), dim=1)


def label_kl(logits: Tensor, labels: Tensor) -> Tensor:
    """Return KL(labels || softmax(logits)) of each row in nats, (B,) from (B, C) and (B, C).

    `labels` are constants: rows that sum to 1, zeros allowed. The mean over the batch is the paper's loss
    (`batchmean`); its released code divides by C once more.
    """
    log_q = torch.log_softmax(at_least_float32(logits), dim=1)
    labels = labels.detach().to(log_q.dtype)
    return (torch.xlogy(labels, labels) - labels * log_q).sum(dim=1)
