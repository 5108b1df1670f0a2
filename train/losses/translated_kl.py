"""The distribution of the older face should be that of the younger one, moved by K years.

    J = sum_{k=K}^{A} (P_k - Q_mk) (log P_k - log Q_mk),   P_k = Q_n(k-K)

Both directions of the KL divergence in one sum, over the ages that both can have. n is the younger face, m the
older, A = C-1 the oldest age. The age-difference paper, eq. 6 to 9 (its eq. 7 and 8 are this one number), with
corrected index ranges; reference equations 1.1. Every summand is >= 0, so J = 0 iff P = Q_m on those ages.
J alone says nothing about mass outside them, about flat distributions, or about a shift common to both
faces: that is the work of the bounds, of the entropy and of labelled replay.
"""

import math
from typing import Literal

import torch
from torch import Tensor

from train.losses.numerics import ages_of, as_column, at_least_float32, check_pair, masked_logit

TranslatedMode = Literal["overlap", "renormalised"]
"""`overlap`: the masses as they are (the paper). `renormalised`: each made to sum to 1 on the overlap first."""

YEAR_KERNEL = ((-1, 1 / 6), (0, 2 / 3), (1, 1 / 6))
"""Shift in years and its probability. Where only the two calendar years are known and birthdays and photos fall
evenly over the year, ages in completed years differ by K-1, K or K+1 so often."""

EXACT_KERNEL = ((0, 1.0),)


def translated_kl(
    logits_younger: Tensor,
    logits_older: Tensor,
    gap_years: Tensor,
    *,
    mode: TranslatedMode = "overlap",
    year_jitter: bool = False,
) -> Tensor:
    """Return J of each pair in nats: (B,) from logits (B, C) twice and whole years `gap_years` (B,).

    `year_jitter` compares with P_k = sum_d w_d Q_n(k-K-d) for the kernel w of YEAR_KERNEL; the overlap then begins
    at K-1. Two Gaussians of one width s that miss the gap by d years have J = (d/s)^2. A gap above A counts as A.
    Differentiable in both logits; the gradient is the whole one, nothing is detached. Raises ValueError on shapes
    that do not fit and on an unknown mode.
    """
    check_pair(logits_younger, logits_older)
    younger, older = at_least_float32(logits_younger), at_least_float32(logits_older)
    gap = as_column(gap_years, logits=younger)
    log_p = _translate(torch.log_softmax(younger, dim=1), gap, YEAR_KERNEL if year_jitter else EXACT_KERNEL)
    log_q = torch.log_softmax(older, dim=1)
    overlap = ages_of(older) >= gap - int(year_jitter)
    if mode == "renormalised":
        nothing = masked_logit(log_q)
        log_p = torch.log_softmax(log_p.masked_fill(~overlap, nothing), dim=1)
        log_q = torch.log_softmax(log_q.masked_fill(~overlap, nothing), dim=1)
    elif mode != "overlap":
        raise ValueError(f"mode must be 'overlap' or 'renormalised', not {mode!r}")
    terms = (log_p.exp() - log_q.exp()) * (log_p - log_q)
    return terms.masked_fill(~overlap, 0.0).sum(dim=1)


def _translate(log_q: Tensor, gap: Tensor, kernel: tuple[tuple[int, float], ...]) -> Tensor:
    """Return log P (B, C) with P_k = sum_d w_d Q(k-K-d); log 0 is a huge negative number."""
    classes = log_q.shape[1]
    nothing = masked_logit(log_q)
    moved = []
    for shift, weight in kernel:
        source = ages_of(log_q) - gap - shift
        # The modulo makes each row a permutation, so that the backward scatter adds no two values at one place
        # (deterministic on a GPU); what wrapped around is masked.
        part = log_q.gather(1, source % classes) + math.log(weight)
        moved.append(part.masked_fill((source < 0) | (source >= classes), nothing))
    return moved[0] if len(moved) == 1 else torch.logsumexp(torch.stack(moved), dim=0)
