"""LeNet, the convolution baseline of the age-difference paper: grey 28x28, tanh, 0.5 million parameters.

LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998, in the form whose equation the paper
prints, h = tanh(W * x + b): 20 and 50 kernels of 5x5, max-pooling after each, a dense layer of 500. Faces come in
colour and at any size; the net makes them grey and averages them down itself.
"""

from math import sqrt

import torch
from torch import Tensor, nn

from train.backbones.frame import Backbone
from train.losses.numerics import without_autocast

SIDE = 28
KERNELS = (20, 50)
DENSE = 500
LUMA = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in grey: ITU-R BT.601, as OpenCV."""


def lenet(*, classes: int, dropout: float = 0.0) -> Backbone:
    """Return the net; 500 features. The paper's net has no dropout."""
    trunk = nn.Sequential(
        SmallGrey(),
        nn.Conv2d(1, KERNELS[0], 5),
        nn.MaxPool2d(2),
        nn.Tanh(),
        nn.Conv2d(KERNELS[0], KERNELS[1], 5),
        nn.MaxPool2d(2),
        nn.Tanh(),
    )
    # 28 -> 24 -> 12 -> 8 -> 4
    dense = nn.Sequential(nn.Flatten(1), nn.Linear(KERNELS[1] * 4 * 4, DENSE), nn.Tanh())
    net = Backbone(trunk, dense, width=DENSE, classes=classes, dropout=dropout)
    for module in (*trunk, *dense):
        if isinstance(module, nn.Conv2d):
            _begin_for_tanh(module.weight, pooled=4)
        elif isinstance(module, nn.Linear):
            _begin_for_tanh(module.weight, pooled=1)
    return net


class SmallGrey(nn.Module):
    """Colour images of any size to grey ones of 28x28 pixels, each the average of the area it covers."""

    def forward(self, images: Tensor) -> Tensor:
        """Return (B, 1, 28, 28) from (B, 3, S, S)."""
        luma = images.new_tensor(LUMA)[:, None, None]
        grey = (images * luma).sum(dim=1, keepdim=True)
        # A product of matrices, because the backward of adaptive pooling is not deterministic on a GPU; in float32,
        # because in bfloat16 a pixel would have three digits.
        with without_autocast(images):
            down, across = (_area_weights(side, like=grey) for side in grey.shape[2:])
            return down @ grey @ across.T


def _area_weights(side: int, *, like: Tensor) -> Tensor:
    """Return (28, side): which share of each of 28 equal parts of a line each of `side` pixels covers."""
    pixel = torch.arange(side, dtype=like.dtype, device=like.device)
    part = torch.arange(SIDE, dtype=like.dtype, device=like.device)[:, None] * (side / SIDE)
    covered = torch.minimum(pixel + 1, part + side / SIDE) - torch.maximum(pixel, part)
    return covered.clamp(min=0) * (SIDE / side)


def _begin_for_tanh(weight: Tensor, *, pooled: int) -> None:
    # Glorot and Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks, 2010, eq. 16; of
    # `pooled` outputs one goes on.
    fan_in, fan_out = weight[0].numel(), weight.shape[0] * weight[0, 0].numel() / pooled
    bound = sqrt(6 / (fan_in + fan_out))
    nn.init.uniform_(weight, -bound, bound)
