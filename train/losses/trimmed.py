"""Means of pair losses that wrong pairs cannot rule: two photos of two people, or a year misread, cost far more.

    trimmed   T = mean of the ceil(keep B) least losses             dT/dL_i = 1[i is kept] / ceil(keep B)
    tilted    R = -t log( (1/B) sum_i exp(-L_i / t) )               dR/dL_i = softmax(-L / t)_i

Trimmed: Rousseeuw, Least Median of Squares Regression, 1984 (least trimmed squares), batch by batch as in Shen and
Sanghavi, Learning with Bad Training Data via Iterative Trimmed Loss Minimization, 2019. Tilted: Li et al., Tilted
Empirical Risk Minimization, 2021, eq. 2 with a negative tilt -1/t: no share of wrong pairs has to be known.
"""

import math

import torch
from torch import Tensor

from train.losses.numerics import at_least_float32


def trimmed_mean(losses: Tensor, keep: float) -> Tensor:
    """Return the mean of the share `keep` of `losses` (B,) that is least, a scalar; the others get no gradient.

    At least one is kept; no row gives 0. Raises ValueError where `keep` is not above 0 and at most 1.
    """
    if not 0.0 < keep <= 1.0:
        raise ValueError(f"keep must be above 0 and at most 1, not {keep}")
    losses = at_least_float32(losses)
    if not len(losses):
        return losses.sum()
    # 0.8 * 10 is 8.000000000000002 in places: a share that is meant to be whole stays whole.
    count = max(1, math.ceil(keep * len(losses) - 1e-9))
    return losses.mean() if count == len(losses) else losses.topk(count, largest=False, sorted=False).values.mean()


def tilted_mean(losses: Tensor, temperature: float) -> Tensor:
    """Return the soft minimum R of `losses` (B,), a scalar between their least and their mean.

    `temperature` t is in the unit of the losses: one that lies t above another counts e times less. A large t gives
    the mean. No row gives 0. Raises ValueError where `temperature` is not above 0.
    """
    if not temperature > 0.0:
        raise ValueError(f"temperature must be above 0, not {temperature}")
    losses = at_least_float32(losses)
    if not len(losses):
        return losses.sum()
    return -temperature * (torch.logsumexp(-losses / temperature, dim=0) - math.log(len(losses)))
