"""The exponential moving average of a net's weights: the net that answers."""

import copy

import torch
from torch import nn


class AveragedNet:
    """A copy of a net whose weights follow it slowly; normalisation statistics follow at the same pace."""

    def __init__(self, net: nn.Module, *, decay: float) -> None:
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, net: nn.Module, *, step: int) -> None:
        """Take in the weights after step number `step` (0 the first)."""
        # The first steps weigh as a plain mean would: the random start would linger in the average otherwise.
        decay = min(self.decay, (1 + step) / (10 + step))
        mine, theirs = self.net.state_dict(), net.state_dict()
        floating = [name for name, tensor in mine.items() if tensor.is_floating_point()]
        torch._foreach_lerp_([mine[name] for name in floating], [theirs[name] for name in floating], 1 - decay)
        for name in mine.keys() - floating:
            mine[name].copy_(theirs[name])
