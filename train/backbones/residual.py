"""Residual blocks, and the nets of He et al., Deep Residual Learning for Image Recognition, 2016, made of them.

The stride of a bottleneck is at its 3x3 convolution, not at the first 1x1 as printed: so are all published weights of
torch, and the multiply-adds everyone quotes (4.1 billion for ResNet-50 at 224 pixels; 3.8 as printed).
"""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from train.backbones.frame import Backbone

EXPANSION = 4
"""Channels that leave a bottleneck, to those inside."""


def build_resnet(
    block: "type[BasicBlock] | type[Bottleneck]", blocks: Sequence[int], *, classes: int, dropout: float
) -> Backbone:
    """Return a ResNet of four stages with `blocks` blocks each: a 7x7 stem, 64 to 512 channels, average pooling."""
    channels = 64
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        conv1=nn.Conv2d(3, channels, 7, stride=2, padding=3, bias=False),
        norm1=nn.BatchNorm2d(channels),
        relu=nn.ReLU(True),
        maxpool=nn.MaxPool2d(3, stride=2, padding=1),
    )
    for stage, count in enumerate(blocks):
        members: list[nn.Module] = []
        for number in range(count):
            width = 64 << stage
            members.append(block(channels, width, stride=2 if stage and not number else 1))
            channels = width * (EXPANSION if block is Bottleneck else 1)
        layers[f"layer{stage + 1}"] = nn.Sequential(*members)
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(1))
    net = Backbone(nn.Sequential(layers), pool, width=channels, classes=classes, dropout=dropout)
    begin_as_identity(net)
    return net


def begin_as_identity(net: nn.Module) -> None:
    """Let each block begin as its shortcut: Goyal et al., Accurate, Large Minibatch SGD, 2017, section 5.1."""
    for module in net.modules():
        if isinstance(module, BasicBlock | Bottleneck):
            nn.init.zeros_(module.last_norm.weight)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, which is a 1x1 convolution where the shape changes."""

    def __init__(self, channels: int, width: int, *, stride: int) -> None:
        super().__init__()
        self.first = conv3x3(channels, width, stride=stride)
        self.first_norm = nn.BatchNorm2d(width)
        self.last = conv3x3(width, width)
        self.last_norm = nn.BatchNorm2d(width)
        self.shortcut = _shortcut(channels, width, stride=stride)

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps (B, width, H / stride, W / stride) from (B, channels, H, W)."""
        inner = torch.relu(self.first_norm(self.first(maps)))
        return torch.relu(self.last_norm(self.last(inner)) + self.shortcut(maps))


class Bottleneck(nn.Module):
    """A 1x1 convolution to fewer channels, a 3x3 one, a 1x1 one to four times as many, beside a shortcut."""

    def __init__(self, channels: int, width: int, *, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, width, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(width)
        self.middle = conv3x3(width, width, stride=stride)
        self.middle_norm = nn.BatchNorm2d(width)
        self.last = nn.Conv2d(width, width * EXPANSION, 1, bias=False)
        self.last_norm = nn.BatchNorm2d(width * EXPANSION)
        self.shortcut = _shortcut(channels, width * EXPANSION, stride=stride)

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps (B, 4 width, H / stride, W / stride) from (B, channels, H, W)."""
        inner = torch.relu(self.first_norm(self.first(maps)))
        inner = torch.relu(self.middle_norm(self.middle(inner)))
        return torch.relu(self.last_norm(self.last(inner)) + self.shortcut(maps))


def conv3x3(channels: int, width: int, *, stride: int = 1) -> nn.Conv2d:
    """Return a 3x3 convolution that keeps the size, or divides it by `stride`; a normalisation follows, so no bias."""
    return nn.Conv2d(channels, width, 3, stride=stride, padding=1, bias=False)


def _shortcut(channels: int, width: int, *, stride: int) -> nn.Module:
    if stride == 1 and channels == width:
        return nn.Identity()
    return nn.Sequential(nn.Conv2d(channels, width, 1, stride=stride, bias=False), nn.BatchNorm2d(width))
