"""What K years between two faces rule out: the younger cannot be above A-K, the older not below K.

    L_n = -log S_n, S_n = sum_{k=0}^{A-K} Q_nk      dL_n/df_np = Q_np - Q_np 1[p <= A-K] / S_n
    L_m = -log S_m, S_m = sum_{k=K}^{A}   Q_mk      dL_m/df_mp = Q_mp - Q_mp 1[p >= K]   / S_m

n is the younger face, m the older, A = C-1 the oldest age. The age-difference paper, eq. 4 and 5, with corrected
index ranges; reference equations 1.1. With S the kept and 1-S the forbidden mass,

    -log S = log(1 + (1-S)/S) = -logsigmoid(logsumexp(f kept) - logsumexp(f forbidden))

which is finite for any logits, where -log(sum Q) is infinite as soon as the kept mass underflows.
"""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from train.losses.numerics import ages_of, as_column, at_least_float32, check_pair, masked_logit


def bound_cross_entropy(
    logits_younger: Tensor, logits_older: Tensor, gap_years: Tensor, *, year_jitter: bool = False
) -> Tensor:
    """Return L_n + L_m of each pair in nats: (B,) from logits (B, C) twice and whole years `gap_years` (B,).

    `year_jitter`: the gap is a difference of calendar years, so the ages may differ by one year less; the bounds
    then use K-1. At K = 0 nothing is ruled out and value and gradient are exactly 0. A gap above A counts as A.
    Raises ValueError on shapes that do not fit.
    """
    check_pair(logits_younger, logits_older)
    younger, older = at_least_float32(logits_younger), at_least_float32(logits_older)
    gap = as_column(gap_years, logits=younger)
    if year_jitter:
        gap = (gap - 1).clamp(min=0)
    ages = ages_of(younger)
    oldest = younger.shape[1] - 1
    return _minus_log_mass(younger, ages <= oldest - gap) + _minus_log_mass(older, ages >= gap)


def _minus_log_mass(logits: Tensor, kept: Tensor) -> Tensor:
    """Return -log of the mass of softmax(logits) on the classes of the mask `kept` (B, C), which is never empty."""
    nothing = masked_logit(logits)
    inside = torch.logsumexp(logits.masked_fill(~kept, nothing), dim=1)
    outside = torch.logsumexp(logits.masked_fill(kept, nothing), dim=1)
    # softplus(outside - inside) is the same, but torch's is linear above 20 and so wrong by 2e-9.
    return -logsigmoid(inside - outside)
