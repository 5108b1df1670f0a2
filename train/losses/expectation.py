"""The expected age of a distribution, and its distance to a label.

    yhat = sum_k k Q_k,   L = |yhat - y|,   dL/df_p = sign(yhat - y) Q_p (p - yhat)

Gao et al., Age Estimation Using Expectation of Label Distribution Learning (DLDL-v2), 2018; reference
equations 1.2.
"""

import torch
from torch import Tensor

from train.losses.numerics import ages_of, at_least_float32


def expected_age(logits: Tensor) -> Tensor:
    """Return the mean of softmax(logits) over the classes, in years: (B,) from (B, C)."""
    q = torch.softmax(at_least_float32(logits), dim=1)
    # A product and a sum, not a matrix product: autocast would take that to bfloat16.
    return (q * ages_of(logits)).sum(dim=1)


def expectation_l1(logits: Tensor, ages: Tensor) -> Tensor:
    """Return |expected age - age| in years: (B,) from logits (B, C) and ages (B,). The gradient at 0 is 0."""
    expected = expected_age(logits)
    return (expected - ages.to(expected.dtype)).abs()
