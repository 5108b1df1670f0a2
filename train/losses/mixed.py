"""Mixup of label distributions: of two faces laid over each other, the label is their two labels mixed.

    t = a t1 + (1-a) t2,   x = a x1 + (1-a) x2

Zhang et al., mixup: Beyond Empirical Risk Minimization, 2018, eq. 1. A mixed label has two peaks and its expectation
is a y1 + (1-a) y2; `label_kl` learns it as any other, with the gradient Q - t. Pairs are never mixed: the years
between two faces that are four mean nothing.
"""

import torch
from torch import Tensor


def mixture(first: Tensor, second: Tensor, share: Tensor | float) -> Tensor:
    """Return share * first + (1 - share) * second of label distributions (B, C), ages (B,) or images (B, 3, S, S).

    `share` is one number in 0..1 or one a row (B,). Raises ValueError on two shapes.
    """
    if first.shape != second.shape:
        raise ValueError(f"what is mixed must have one shape; got {tuple(first.shape)} and {tuple(second.shape)}")
    if isinstance(share, Tensor):
        share = share.to(first.dtype).reshape(-1, *(1 for _ in first.shape[1:]))
    # Not the formula as it stands: a share of 0 or 1, and two equal labels, give a label back to the last bit.
    return torch.lerp(second, first, share)
