"""The loss of a pair of one subject's faces, K years apart, ages unknown: three terms, three weights.

    L = w_e (H(Q_n) + H(Q_m)) + w_b (L_n + L_m) + w_t J

The age-difference paper, eq. 10 (its weights are not given); reference equations 1.1. A common shift of both
faces' ages leaves L as it is: pairs never say how old anyone is, so train them beside labelled faces.
"""

from dataclasses import dataclass

from torch import Tensor

from train.losses.bounds import bound_cross_entropy
from train.losses.entropy import entropy
from train.losses.translated_kl import TranslatedMode, translated_kl


@dataclass(frozen=True)
class PairWeights:
    """Weights of the three terms of a pair; 1, 1, 1 is where experiments start from."""

    entropy: float = 1.0
    bounds: float = 1.0
    translated: float = 1.0


@dataclass(frozen=True)
class PairTerms:
    """The loss of each pair and what it is made of; tensors (B,) in nats, the terms unweighted."""

    total: Tensor
    """Weighted sum of the terms; what is minimised, after a mean over the pairs."""
    entropy: Tensor
    """H(Q_n) + H(Q_m), in 0..2 log C. Near either end the net has collapsed."""
    bounds: Tensor
    translated: Tensor

    @property
    def parts(self) -> dict[str, Tensor]:
        """The three terms by name, without gradient, for the log."""
        return {name: getattr(self, name).detach() for name in ("entropy", "bounds", "translated")}


def pair_loss(
    logits_younger: Tensor,
    logits_older: Tensor,
    gap_years: Tensor,
    weights: PairWeights = PairWeights(),
    *,
    mode: TranslatedMode = "overlap",
    year_jitter: bool = False,
    gap_shares: Tensor | None = None,
    first_gap: Tensor | None = None,
) -> PairTerms:
    """Return the loss of each pair from the logits (B, C) of both faces and whole years `gap_years` (B,).

    `mode`, `year_jitter`, `gap_shares` and `first_gap` as in `translated_kl`; jitter and shares widen the bounds too.
    With `gap_shares`, `gap_years` is not looked at. Raises ValueError on shapes that do not fit.
    """
    uncertainty = entropy(logits_younger) + entropy(logits_older)
    bounds = bound_cross_entropy(
        logits_younger, logits_older, gap_years, year_jitter=year_jitter, gap_shares=gap_shares, first_gap=first_gap
    )
    translated = translated_kl(
        logits_younger,
        logits_older,
        gap_years,
        mode=mode,
        year_jitter=year_jitter,
        gap_shares=gap_shares,
        first_gap=first_gap,
    )
    total = weights.entropy * uncertainty + weights.bounds * bounds + weights.translated * translated
    return PairTerms(total=total, entropy=uncertainty, bounds=bounds, translated=translated)
