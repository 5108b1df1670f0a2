"""A residual net for crops of 64 pixels on a CPU: ResNet-18 at half its channels, 2.8 million parameters.

He et al., Deep Residual Learning for Image Recognition, 2016. The stem is one 3x3 convolution of stride 2 without
pooling, and the first stage has one block instead of two: at 32x32 and 32 channels a CPU waits for memory, and with
both changes an epoch takes 0.6 of the time (382 against 614 images a second, two cores, bfloat16, 2026-11-22).
"""

import torch
from torch import Tensor, nn

from train.backbones.age_net import AgeNet

WIDTHS = (32, 64, 128, 256)
BLOCKS = (1, 2, 2, 2)
"""Residual blocks of each stage."""

DROPOUT = 0.2
"""Light: some 10,000 labelled faces overfit the head before the trunk."""


def small_resnet(*, classes: int, dropout: float = DROPOUT) -> AgeNet:
    """Return the net; 256 features."""
    channels = WIDTHS[0]
    layers: list[nn.Module] = [_conv(3, channels, stride=2), nn.BatchNorm2d(channels), nn.ReLU(True)]
    for stage, (width, blocks) in enumerate(zip(WIDTHS, BLOCKS, strict=True)):
        for block in range(blocks):
            layers.append(BasicBlock(channels, width, stride=2 if stage and not block else 1))
            channels = width
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(1))
    net = AgeNet(nn.Sequential(*layers), pool, width=channels, classes=classes, dropout=dropout)
    for module in net.modules():
        if isinstance(module, BasicBlock):
            # Each block begins as the identity: Goyal et al., Accurate, Large Minibatch SGD, 2017, section 5.1.
            nn.init.zeros_(module.last_norm.weight)
    return net


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, which is a 1x1 convolution where the shape changes."""

    def __init__(self, channels: int, width: int, *, stride: int) -> None:
        super().__init__()
        self.first = _conv(channels, width, stride=stride)
        self.first_norm = nn.BatchNorm2d(width)
        self.last = _conv(width, width)
        self.last_norm = nn.BatchNorm2d(width)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels != width:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, width, 1, stride=stride, bias=False), nn.BatchNorm2d(width)
            )

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps (B, width, H / stride, W / stride) from (B, channels, H, W)."""
        inner = torch.relu(self.first_norm(self.first(maps)))
        return torch.relu(self.last_norm(self.last(inner)) + self.shortcut(maps))


def _conv(channels: int, width: int, *, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(channels, width, 3, stride=stride, padding=1, bias=False)
