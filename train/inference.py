"""From crops to distributions over ages, in batches."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from train.crops import Crops
from train.devices import Machine, autocast, to_input
from train.evaluation.predictions import age_distribution, flip_average

BATCH = 256
"""Crops a forward pass: large enough that the net sets the speed, 50 MB of activations a layer at 64 pixels."""


@torch.no_grad()
def distributions(net: nn.Module, crops: Crops, *, machine: Machine, flip: bool = True) -> NDArray[np.float32]:
    """Return the distribution over ages of each crop, (N, C), rows sum to 1; the net is left in evaluation mode.

    `flip` averages the distributions of the crop and of its mirror image.
    """
    net.eval()
    found = []
    for start in range(0, len(crops), BATCH):
        images = to_input(crops.gather(np.arange(start, min(start + BATCH, len(crops)), dtype=np.int64)), machine)
        with autocast(machine):
            shares = flip_average(net, images) if flip else age_distribution(net(images))
        found.append(shares.cpu().numpy())
    return np.concatenate(found)


@torch.no_grad()
def features(net: nn.Module, crops: Crops, *, machine: Machine) -> NDArray[np.float32]:
    """Return the features before the head of each crop, (N, D) float32; the net is left in evaluation mode."""
    net.eval()
    found = []
    for start in range(0, len(crops), BATCH):
        images = to_input(crops.gather(np.arange(start, min(start + BATCH, len(crops)), dtype=np.int64)), machine)
        with autocast(machine):
            found.append(net.features(images).float().cpu().numpy())  # type: ignore[operator]
    return np.concatenate(found)
