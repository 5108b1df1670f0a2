"""How unsure a face's distribution is; without this term two flat distributions would satisfy every pair.

    H = -sum_k Q_k log Q_k in [0, log C],   dH/df_p = -Q_p (log Q_p + H)

The age-difference paper, eq. 1-3, with the sum and the minus sign that its print lost; reference equations 1.1.
"""

import torch
from torch import Tensor

from train.losses.numerics import at_least_float32


def entropy(logits: Tensor) -> Tensor:
    """Return the entropy of softmax(logits) in nats: (B,) from (B, C); 0 is one-hot, log C is uniform."""
    log_q = torch.log_softmax(at_least_float32(logits), dim=1)
    return -(log_q.exp() * log_q).sum(dim=1)
