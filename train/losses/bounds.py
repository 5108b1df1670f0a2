"""What K years between two faces rule out: the younger cannot be above A-K, the older not below K.

    L_n = -log S_n, S_n = sum_{k=0}^{A-K} Q_nk      dL_n/df_np = Q_np - Q_np 1[p <= A-K] / S_n
    L_m = -log S_m, S_m = sum_{k=K}^{A}   Q_mk      dL_m/df_mp = Q_mp - Q_mp 1[p >= K]   / S_m

n is the younger face, m the older, A = C-1 the oldest age. The age-difference paper, eq. 4 and 5, with corrected
index ranges; reference equations 1.1. With S the kept and 1-S the forbidden mass,

    -log S = log(1 + (1-S)/S) = -logsigmoid(logsumexp(f kept) - logsumexp(f forbidden))

which is finite for any logits, where -log(sum Q) is infinite as soon as the kept mass underflows.

Where K has shares (train/losses/gaps.py), only what every K with a share rules out is forbidden: the bounds are those
of the least K, and of the greatest one where it is negative (then the faces may be the other way round).
"""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from train.losses.gaps import gaps_of
from train.losses.numerics import ages_of, at_least_float32, check_pair, masked_logit


def bound_cross_entropy(
    logits_younger: Tensor,
    logits_older: Tensor,
    gap_years: Tensor,
    *,
    year_jitter: bool = False,
    gap_shares: Tensor | None = None,
    first_gap: Tensor | None = None,
) -> Tensor:
    """Return L_n + L_m of each pair in nats: (B,) from logits (B, C) twice and whole years `gap_years` (B,).

    `year_jitter`: the gap is a difference of calendar years, so the ages may differ by one year less; the bounds
    then use K-1. `gap_shares` and `first_gap` as in `translated_kl`. At K = 0 nothing is ruled out and value and
    gradient are exactly 0. A gap above A counts as A. Raises ValueError on shapes that do not fit.
    """
    check_pair(logits_younger, logits_older)
    younger, older = at_least_float32(logits_younger), at_least_float32(logits_older)
    gaps = gaps_of(gap_years, logits=younger, year_jitter=year_jitter, gap_shares=gap_shares, first_gap=first_gap)
    ages = ages_of(younger)
    oldest = younger.shape[1] - 1
    least, greatest = gaps.least.clamp(max=oldest), gaps.greatest.clamp(min=-oldest)
    kept_younger = (ages <= oldest - least) & (ages >= -greatest) | ~gaps.is_known
    kept_older = (ages >= least) & (ages <= oldest + greatest) | ~gaps.is_known
    return _minus_log_mass(younger, kept_younger) + _minus_log_mass(older, kept_older)


def _minus_log_mass(logits: Tensor, kept: Tensor) -> Tensor:
    """Return -log of the mass of softmax(logits) on the classes of the mask `kept` (B, C), which is never empty."""
    nothing = masked_logit(logits)
    inside = torch.logsumexp(logits.masked_fill(~kept, nothing), dim=1)
    outside = torch.logsumexp(logits.masked_fill(kept, nothing), dim=1)
    # softplus(outside - inside) is the same, but torch's is linear above 20 and so wrong by 2e-9.
    return -logsigmoid(inside - outside)
