"""The loss of faces whose age is known: in pre-training, and in the replay beside pairs."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from train.bins import BinsName, bins_named, gathered, nearest_bin_of, spread
from train.losses.expectation import expectation_l1
from train.losses.gaussian import YOUNG_SLOPE, gaussian_labels, label_kl, label_sigma
from train.losses.mixed import mixture
from train.losses.numerics import at_least_float32
from train.settings import FinetuneSettings, KlReduction, LabelKind, LabelLoss, PretrainSettings

OLDEST = 100
"""Years are spread over 0..100 before they are gathered into age groups."""


@dataclass(frozen=True, kw_only=True)
class LabelRule:
    """How an age becomes a label, and how far an answer is from it."""

    sigma: float
    young_sigma: bool
    expectation_weight: float
    loss: LabelLoss = "distribution"
    kind: LabelKind = "density"
    reduction: KlReduction = "batchmean"
    bins: BinsName = ""


def label_rule(settings: PretrainSettings | FinetuneSettings, *, bins: BinsName = "") -> LabelRule:
    """Return the rule of a stage's settings; replay beside pairs always learns distributions over years."""
    of_all = LabelRule(
        sigma=settings.sigma,
        young_sigma=settings.young_sigma,
        expectation_weight=settings.expectation_weight,
        bins=bins,
    )
    if isinstance(settings, FinetuneSettings):
        return of_all
    return replace(of_all, loss=settings.loss, kind=settings.label_kind, reduction=settings.kl_reduction)


@dataclass(frozen=True)
class FaceLabels:
    """What is known of each face: its label (B, C) and its age in years (B,)."""

    shares: Tensor
    ages: Tensor

    def mixed(self, partner: Tensor, share: Tensor) -> "FaceLabels":
        """Return `share` (B,) of each label and the rest of that of its `partner` (B,)."""
        ages = mixture(self.ages, self.ages[partner], share)
        return FaceLabels(mixture(self.shares, self.shares[partner], share), ages)


@dataclass(frozen=True)
class LabelledLoss:
    """Means over the batch: divergence + expectation_weight * L1, and the two."""

    total: Tensor
    label_kl: Tensor
    expectation_l1: Tensor


def face_labels(ages: Tensor, rule: LabelRule, *, classes: int, stds: Tensor | None = None) -> FaceLabels:
    """Return the labels of `ages` (B,) in years; an age above the classes counts as the oldest.

    `stds` (B,) are widths of their own, NaN where a face has none. The label of a cross-entropy is one class.
    """
    oldest = OLDEST if rule.bins else classes - 1
    ages = ages.clamp(0, oldest)
    if rule.loss == "cross-entropy":
        place = _group_of(ages, rule.bins) if rule.bins else ages.round().long()
        return FaceLabels(torch.nn.functional.one_hot(place, classes).float(), ages)
    width = label_sigma(ages, sigma=rule.sigma, young_slope=YOUNG_SLOPE if rule.young_sigma else None)
    if stds is not None:
        width = torch.where(stds.isfinite(), stds, width)
    shares = gaussian_labels(ages, width, classes=oldest + 1, kind=rule.kind)
    if rule.bins:
        shares = torch.from_numpy(gathered(shares.cpu().numpy(), bins_named(rule.bins))).to(ages.device)
    return FaceLabels(shares, ages)


def labelled_loss(logits: Tensor, labels: FaceLabels, rule: LabelRule) -> LabelledLoss:
    """Return the loss of logits (B, C) for the labels of their faces.

    The divergence from a label of one class is its cross-entropy, -log Q_y (up to the label's own entropy, which has
    no gradient, where faces were mixed).
    """
    divergence = label_kl(logits, labels.shares, reduction=rule.reduction).mean()
    distance = _expectation_l1(logits, labels.ages, rule).mean()
    # A weight of 0 leaves the term out, for it would still cost its gradient.
    total = divergence + rule.expectation_weight * distance if rule.expectation_weight else divergence
    return LabelledLoss(total, divergence.detach(), distance.detach())


def ages_to(ages: object, device: torch.device) -> Tensor:
    """Return ages (B,) float32 as a tensor on the device."""
    return torch.as_tensor(ages, dtype=torch.float32, device=device)


def _expectation_l1(logits: Tensor, ages: Tensor, rule: LabelRule) -> Tensor:
    if not rule.bins:
        return expectation_l1(logits, ages)
    groups = bins_named(rule.bins)
    middles = spread(np.eye(len(groups), dtype=np.float32), groups) @ np.arange(OLDEST + 1, dtype=np.float32)
    said = torch.softmax(at_least_float32(logits), dim=1) * torch.from_numpy(middles).to(logits.device)
    return (said.sum(dim=1) - ages).abs()


def _group_of(ages: Tensor, bins: BinsName) -> Tensor:
    # Half a year on is the middle of a completed year: a year in a gap belongs to the nearer group.
    table = torch.from_numpy(nearest_bin_of(np.arange(OLDEST + 1) + 0.5, bins_named(bins))).to(ages.device)
    return table[ages.floor().long()]
