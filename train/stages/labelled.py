"""The loss of faces whose age is known: in pre-training, and in the replay beside pairs."""

from dataclasses import dataclass

import torch
from torch import Tensor

from train.losses.expectation import expectation_l1
from train.losses.gaussian import YOUNG_SLOPE, gaussian_labels, label_kl, label_sigma
from train.settings import FinetuneSettings, PretrainSettings


@dataclass(frozen=True)
class LabelledLoss:
    """Means over the batch: KL + expectation_weight * L1, and the two."""

    total: Tensor
    label_kl: Tensor
    expectation_l1: Tensor


def labelled_loss(logits: Tensor, ages: Tensor, settings: PretrainSettings | FinetuneSettings) -> LabelledLoss:
    """Return the loss of logits (B, C) for ages (B,) in years; an age above the classes counts as the oldest."""
    classes = logits.shape[1]
    ages = ages.clamp(0, classes - 1)
    width = label_sigma(ages, sigma=settings.sigma, young_slope=YOUNG_SLOPE if settings.young_sigma else None)
    divergence = label_kl(logits, gaussian_labels(ages, width, classes=classes)).mean()
    distance = expectation_l1(logits, ages).mean()
    total = divergence + settings.expectation_weight * distance
    return LabelledLoss(total, divergence.detach(), distance.detach())


def ages_to(ages: object, device: torch.device) -> Tensor:
    """Return ages (B,) float32 as a tensor on the device."""
    return torch.as_tensor(ages, dtype=torch.float32, device=device)
