"""GoogLeNet with batch normalisation: nine inception modules, 6.1 million parameters.

Szegedy et al., Going Deeper with Convolutions, 2015, table 1; normalisation after each convolution as in Ioffe and
Szegedy, Batch Normalization, 2015. The auxiliary heads are left out: with normalisation they are not needed
(Rethinking the Inception Architecture, 2016, section 4). The last max-pooling is 2x2, not 3x3 as printed, and the norms
have an epsilon of 1e-3: so were the released weights trained.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from train.backbones.frame import Backbone

MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
"""Channels of each module: 1x1; before and of 3x3; before and of 5x5; after the pooling. Table 1 of the paper."""

EPSILON = 1e-3
DROPOUT = 0.4


def googlenet(*, classes: int, dropout: float = DROPOUT) -> Backbone:
    """Return the net; 1,024 features."""
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        conv1=ConvNorm(3, 64, 7, stride=2),
        maxpool1=nn.MaxPool2d(3, 2, ceil_mode=True),
        conv2=ConvNorm(64, 64, 1),
        conv3=ConvNorm(64, 192, 3),
        maxpool2=nn.MaxPool2d(3, 2, ceil_mode=True),
    )
    channels = 192
    for name, widths in MODULES.items():
        layers[f"inception{name}"] = Inception(channels, widths)
        channels = widths[0] + widths[2] + widths[4] + widths[5]
        if name == "3b":
            layers["maxpool3"] = nn.MaxPool2d(3, 2, ceil_mode=True)
        elif name == "4e":
            layers["maxpool4"] = nn.MaxPool2d(2, 2, ceil_mode=True)
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(1))
    return Backbone(nn.Sequential(layers), pool, width=channels, classes=classes, dropout=dropout)


class ConvNorm(nn.Module):
    """A convolution that keeps the size, its normalisation, ReLU."""

    def __init__(self, channels: int, width: int, kernel: int, *, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, width, kernel, stride=stride, padding=kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(width, eps=EPSILON)

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps (B, width, H / stride, W / stride) from (B, channels, H, W)."""
        return torch.relu(self.norm(self.conv(maps)))


class Inception(nn.Module):
    """Four branches over the same maps, side by side in the result."""

    def __init__(self, channels: int, widths: tuple[int, int, int, int, int, int]) -> None:
        super().__init__()
        plain, before3, width3, before5, width5, pooled = widths
        self.branch1 = ConvNorm(channels, plain, 1)
        self.branch2 = nn.Sequential(ConvNorm(channels, before3, 1), ConvNorm(before3, width3, 3))
        self.branch3 = nn.Sequential(ConvNorm(channels, before5, 1), ConvNorm(before5, width5, 5))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), ConvNorm(channels, pooled, 1))

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps (B, sum of the four widths, H, W) from (B, channels, H, W)."""
        return torch.cat([self.branch1(maps), self.branch2(maps), self.branch3(maps), self.branch4(maps)], dim=1)
