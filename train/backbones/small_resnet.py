"""A residual net for crops of 64 pixels on a CPU: ResNet-18 at half its channels, 2.8 million parameters.

He et al., Deep Residual Learning for Image Recognition, 2016. The stem is two 3x3 convolutions of stride 2 (Xiao et
al., Early Convolutions Help Transformers See Better, 2021), and the first stage has one block instead of two: at maps
of 32x32 a CPU waits for memory. With one convolution of stride 2 and that stage at 32x32 an image cost 2.3 times as
much, and six epochs of UTKFace ended at 8.1 to 8.7 years off; this net was 7.6 off by then (docs/experiments.md).
"""

from torch import nn

from train.backbones.frame import Backbone
from train.backbones.residual import BasicBlock, begin_as_identity, conv3x3

STEM = 16
WIDTHS = (32, 64, 128, 256)
BLOCKS = (1, 2, 2, 2)
"""Residual blocks of each stage."""

DROPOUT = 0.2
"""Light: some 10,000 labelled faces overfit the head before the trunk."""


def small_resnet(*, classes: int, dropout: float = DROPOUT) -> Backbone:
    """Return the net; 256 features."""
    layers: list[nn.Module] = []
    channels = 3
    for width in (STEM, WIDTHS[0]):
        layers += [conv3x3(channels, width, stride=2), nn.BatchNorm2d(width), nn.ReLU(True)]
        channels = width
    for stage, (width, blocks) in enumerate(zip(WIDTHS, BLOCKS, strict=True)):
        for block in range(blocks):
            layers.append(BasicBlock(channels, width, stride=2 if stage and not block else 1))
            channels = width
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(1))
    net = Backbone(nn.Sequential(*layers), pool, width=channels, classes=classes, dropout=dropout)
    begin_as_identity(net)
    return net
