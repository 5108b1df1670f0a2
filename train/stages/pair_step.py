"""The loss of the pairs of a step: the three pair losses, and what stands beside or around them by settings."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from train.crops import Rows
from train.data import FacePairs, GapRange
from train.losses.difference import difference_l1
from train.losses.gaps import shares_between
from train.losses.pair import PairWeights, pair_loss
from train.losses.trimmed import trimmed_mean
from train.settings import FinetuneSettings
from train.stages.stage import StepLoss

WIDEST = 61
"""Gaps of one pair that have a share: two years known to within thirty say nothing that more would add to."""


@dataclass(frozen=True, eq=False)
class KnownGaps:
    """K of each pair (B,), and how sure it is where that is to be used."""

    # On the device already where the pairs are drawn there.
    years: NDArray[np.int64] | Tensor
    spread: GapRange | None = None


def known_gaps(pairs: FacePairs, chosen: Rows, *, is_spread: bool) -> KnownGaps:
    """Return what is known of K of the pairs numbered `chosen`; as a distribution with `is_spread`."""
    spread = pairs.gaps.take(chosen) if is_spread and pairs.gaps is not None else None
    return KnownGaps(pairs.gap_years[chosen], spread)


def pair_step(logits: Tensor, gaps: KnownGaps, settings: FinetuneSettings) -> StepLoss:
    """Return the mean loss of pairs from the logits (2B, C) of the B younger faces and then the B older ones."""
    years = torch.as_tensor(gaps.years, device=logits.device)
    younger, older = logits[: len(years)], logits[len(years) :]
    shares, first = _shares(gaps, logits.device)
    terms = pair_loss(
        younger,
        older,
        years,
        PairWeights(settings.w_entropy, settings.w_bounds, settings.w_translated),
        mode=settings.translated_mode,
        year_jitter=settings.year_jitter,
        gap_shares=shares,
        first_gap=first,
    )
    losses, parts = terms.total, {name: part.mean() for name, part in terms.parts.items()}
    if settings.w_difference:
        difference = difference_l1(younger, older, years)
        losses = losses + settings.w_difference * difference
        parts["difference"] = difference.detach().mean()
    return StepLoss(trimmed_mean(losses, settings.trim) if settings.trim < 1 else losses.mean(), parts)


def _shares(gaps: KnownGaps, device: torch.device) -> tuple[Tensor, Tensor] | tuple[None, None]:
    """Return the shares (B, G) of every K of each pair and the K of the first (B,), None where K is a number."""
    if gaps.spread is None:
        return None, None
    # A range that K itself is not in would be a contradiction of the export; it is then made to hold it.
    known = np.asarray(gaps.years)
    least, greatest = np.minimum(gaps.spread.least, known), np.maximum(gaps.spread.greatest, known)
    width = min(WIDEST, int((greatest - least).max()) + 1)
    years, low, high, sure = (
        torch.from_numpy(one).to(device) for one in (known, least, greatest, gaps.spread.confidence)
    )
    return shares_between(years, low, high, confidence=sure, width=width)
