"""Batch normalisation over the images of several processes on processors: torch's SyncBatchNorm is for GPUs only."""

from typing import Any, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn


class _Sum(torch.autograd.Function):
    """Sum over the processes; backward too, for each of them went on with the sum."""

    @staticmethod
    def forward(ctx: Any, mine: Tensor) -> Tensor:
        total = mine.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone()
        dist.all_reduce(total)
        return total


def _sum(mine: Tensor) -> Tensor:
    return cast(Tensor, _Sum.apply(mine))  # type: ignore[no-untyped-call]


class SharedBatchNorm2d(nn.BatchNorm2d):
    """Batch normalisation over the images of all processes (Ioffe and Szegedy 2015, algorithm 1).

    torch's SyncBatchNorm is for GPUs only. Two passes, the mean and then the distances from it: a difference of mean
    squares would lose digits in float32.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch's name
        """Return `input` (B, C, H, W) normalised, scaled and shifted; moves the running statistics."""
        if not self.training:
            return super().forward(input)
        levels = input if input.dtype == torch.float64 else input.float()
        count = _sum(levels.new_tensor(levels.numel() / levels.shape[1]))
        mean = _sum(levels.sum(dim=(0, 2, 3))) / count
        away = levels - mean[:, None, None]
        variance = _sum((away * away).sum(dim=(0, 2, 3))) / count
        slope = self.weight * (variance + self.eps).rsqrt()
        self._note(mean.detach(), (variance * (count / (count - 1))).detach())
        return (away * slope[:, None, None] + self.bias[:, None, None]).to(input.dtype)

    @torch.no_grad()
    def _note(self, mean: Tensor, variance: Tensor) -> None:
        for running, now in ((self.running_mean, mean), (self.running_var, variance)):
            if running is not None:
                running.lerp_(now.to(running.dtype), self.momentum or 0.0)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
