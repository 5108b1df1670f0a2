"""A published weight in the shape our net has, where both are the same function of the picture."""

import math

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, pad

from train.backbones.layouts import Pixels

LEVEL_OF_0, LEVELS_OF_1 = 127.5, 64.0
"""Our nets see (level - 127.5) / 64 in the order red, green, blue: `train.devices.to_input`."""

DENSE_OVER_MAPS = ("pool.fc6.weight", "pool.fc1.weight")
"""The dense layers of the backbones whose weights are for one input size."""


def fitted(name: str, weight: Tensor, wanted: Tensor) -> Tensor | None:
    """Return `weight` in the shape of `wanted`, our weight `name`; None where that would be another function."""
    if weight.shape == wanted.shape:
        return weight
    if weight.ndim == 4 and wanted.ndim == 2:
        # Nets for pictures of any size write their dense layers as convolutions: the same numbers in the same order.
        return fitted(name, weight.flatten(1), wanted)
    if name in DENSE_OVER_MAPS and weight.shape[0] == wanted.shape[0] and weight.ndim == 2:
        return _for_other_maps(weight, wanted.shape[1])
    if name.endswith("branch3.1.conv.weight") and weight.ndim == 4 and weight.shape[2:] == (3, 3):
        # torchvision's GoogLeNet has 3x3 where the paper has 5x5: a ring of zeros around is the same function.
        widened = pad(weight, (1, 1, 1, 1))
        return widened if widened.shape == wanted.shape else None
    return None


def _for_other_maps(weight: Tensor, inputs: int) -> Tensor | None:
    """Return a dense weight (D, C n n) over maps of n x n for maps of m x m that adaptive averaging brings to n x n.

    That is how torchvision's VGG takes other sizes than 224 pixels. The averaging is linear, U (n n, m m), so that
    W (U x) = (W U) x: the new weight gives the same without the detour.
    """
    for channels in (512, 1024):
        n, m = math.isqrt(weight.shape[1] // channels), math.isqrt(inputs // channels)
        if n and m and channels * n * n == weight.shape[1] and channels * m * m == inputs:
            each_place = torch.eye(m * m, dtype=weight.dtype).view(m * m, 1, m, m)
            averaging = adaptive_avg_pool2d(each_place, n).view(m * m, n * n)
            return (weight.view(-1, n * n) @ averaging.T).view(len(weight), -1)
    return None


def for_our_pixels(weight: Tensor, constant: Tensor, pixels: Pixels, *, is_mean: bool) -> tuple[Tensor, Tensor]:
    """Return a first convolution and its constant for our pixels, from those for `pixels`.

    `constant` is the bias, or with `is_mean` the running mean of the normalisation that follows. The same function but
    where the padding shows at the border: zeros are another grey than before.
    """
    std, mean = (torch.tensor(values, dtype=weight.dtype) for values in (pixels.std, pixels.mean))
    slope = LEVELS_OF_1 / (pixels.unit * std)
    offset = (LEVEL_OF_0 / pixels.unit - mean) / std
    moved = (weight.sum(dim=(2, 3)) * offset).sum(dim=1)
    ours = torch.empty_like(weight)
    ours[:, list(pixels.order)] = weight * slope[:, None, None]
    return ours, constant - moved if is_mean else constant + moved
