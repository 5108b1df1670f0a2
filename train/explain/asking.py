"""The one number that is explained: the expected age a net says, as a function of its pixels."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from train.backbones.frame import Backbone
from train.bins import bins_named, spread

Say = Callable[[Tensor], Tensor]
"""From normalised images (B, 3, S, S) to expected ages (B,), with gradients."""


def saying(net: nn.Module, bins: str) -> Say:
    """Return images to expected ages; `bins` are the groups that the classes are, "" where they are years.

    A group stands for the middle of its years, as everywhere in answers.
    """

    def say(images: Tensor) -> Tensor:
        return expected_age(net(images), bins)

    return say


def saying_from_maps(net: Backbone, bins: str) -> Say:
    """Return maps of the trunk (B, C, H, W) to expected ages."""

    def say(maps: Tensor) -> Tensor:
        return expected_age(net.head(net.pool(maps)), bins)

    return say


def expected_age(logits: Tensor, bins: str) -> Tensor:
    """Return the expected age (B,) of logits (B, C)."""
    shares = torch.softmax(logits, dim=1)
    return shares @ torch.from_numpy(years_of(logits.shape[1], bins)).to(shares)


def years_of(classes: int, bins: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the age that each class stands for, (C,)."""
    if not bins:
        return np.arange(classes, dtype=np.float64)
    of_groups = spread(np.eye(classes), bins_named(bins)).astype(np.float64)
    return np.asarray(of_groups @ np.arange(of_groups.shape[1]))
