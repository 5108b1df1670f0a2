"""The distribution of the older face should be that of the younger one, moved by K years.

    J = sum_{k=K}^{A} (P_k - Q_mk) (log P_k - log Q_mk),   P_k = Q_n(k-K)

Both directions of the KL divergence in one sum, over the ages that both can have. n is the younger face, m the
older, A = C-1 the oldest age. The age-difference paper, eq. 6 to 9 (its eq. 7 and 8 are this one number), with
corrected index ranges; reference equations 1.1. Every summand is >= 0, so J = 0 iff P = Q_m on those ages.
J alone says nothing about mass outside them, about flat distributions, or about a shift common to both
faces: that is the work of the bounds, of the entropy and of labelled replay.

Where K is not one number but has shares w_g = P(K = K_0 + g) (train/losses/gaps.py), the older face is compared with
the mixture of the moved distributions, over the ages that any of them reaches:

    P_k = sum_g w_g Q_n(k - K_0 - g)

That is what the older age is distributed like if n's age is drawn from Q_n and K from w. The mean over K of J would ask
for one Q_m that equals every moved copy at once, and is least for a Q_m narrower than the mixture.
With r_k = log(P_k / Q_mk) + 1 - Q_mk / P_k and s_k = log(Q_mk / P_k) + 1 - P_k / Q_mk on those ages, else 0:

    dJ/df_np = Q_np (sum_g w_g r_(p+K_0+g) - sum_k r_k P_k)      dJ/df_mp = Q_mp (s_p - sum_k s_k Q_mk)
"""

from typing import Literal

import torch
from torch import Tensor

from train.losses.gaps import Gaps, gaps_of
from train.losses.numerics import ages_of, at_least_float32, check_pair, masked_logit

TranslatedMode = Literal["overlap", "renormalised"]
"""`overlap`: the masses as they are (the paper). `renormalised`: each made to sum to 1 on the overlap first."""


def translated_kl(
    logits_younger: Tensor,
    logits_older: Tensor,
    gap_years: Tensor,
    *,
    mode: TranslatedMode = "overlap",
    year_jitter: bool = False,
    gap_shares: Tensor | None = None,
    first_gap: Tensor | None = None,
) -> Tensor:
    """Return J of each pair in nats: (B,) from logits (B, C) twice and whole years `gap_years` (B,).

    `year_jitter` compares with the mixture of K-1, K, K+1 in the shares 1/6, 2/3, 1/6. `gap_shares` (B, G) with
    `first_gap` (B,) take the place of `gap_years`: the shares of K = first_gap, first_gap + 1, ...; a row of zeros
    knows nothing of K and costs 0. Two Gaussians of one width s that miss the gap by d years have J = (d/s)^2. A gap
    above A counts as A. Differentiable in both logits; the gradient is the whole one, nothing is detached. Raises
    ValueError on shapes that do not fit and on an unknown mode.
    """
    check_pair(logits_younger, logits_older)
    younger, older = at_least_float32(logits_younger), at_least_float32(logits_older)
    gaps = gaps_of(gap_years, logits=younger, year_jitter=year_jitter, gap_shares=gap_shares, first_gap=first_gap)
    log_p, overlap = _translate(torch.log_softmax(younger, dim=1), gaps)
    log_q = torch.log_softmax(older, dim=1)
    if mode == "renormalised":
        nothing = masked_logit(log_q)
        log_p = torch.log_softmax(log_p.masked_fill(~overlap, nothing), dim=1)
        log_q = torch.log_softmax(log_q.masked_fill(~overlap, nothing), dim=1)
    elif mode != "overlap":
        raise ValueError(f"mode must be 'overlap' or 'renormalised', not {mode!r}")
    terms = (log_p.exp() - log_q.exp()) * (log_p - log_q)
    return terms.masked_fill(~overlap, 0.0).sum(dim=1)


def _translate(log_q: Tensor, gaps: Gaps) -> tuple[Tensor, Tensor]:
    """Return log P (B, C), log 0 being a huge negative number, and which ages P can reach, bool (B, C)."""
    classes = log_q.shape[1]
    source = ages_of(log_q)[None, None, :] - gaps.years[:, :, None]
    is_reached = (source >= 0) & (source < classes) & (gaps.shares[:, :, None] > 0)
    # The modulo makes each row a permutation, so that the backward scatter adds no two values at one place
    # (deterministic on a GPU); what wrapped around is masked.
    moved = log_q[:, None, :].expand(source.shape).gather(2, source % classes) + gaps.log_shares[:, :, None]
    moved = moved.masked_fill(~is_reached, masked_logit(log_q))
    log_p = moved[:, 0] if moved.shape[1] == 1 else torch.logsumexp(moved, dim=1)
    return log_p, is_reached.any(dim=1)
