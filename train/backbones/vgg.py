"""The VGG layout with batch normalisation that ThinAgeNet and TinyAgeNet share.

Gao et al., Age Estimation Using Expectation of Label Distribution Learning (DLDL-v2), 2018: VGG-16 with fewer
channels, its dense layers replaced by hybrid pooling.
"""

from collections.abc import Sequence

from torch import nn

from train.backbones.frame import Backbone

THIN_GROUPS = ((32, 32), (64, 64), (128, 128, 128), (256, 256, 256), (256, 256, 256))
"""Output channels of the 3x3 convolutions of each group; a max-pooling stands between two groups."""


def build_vgg(groups: Sequence[Sequence[int]], *, classes: int, dropout: float) -> Backbone:
    """Return a VGG-like net: convolution, batch normalisation, ReLU; hybrid pooling; one linear layer.

    Hybrid pooling, as in the authors' released model, is one more max-pooling and then the average over what is
    left, which is why five groups need an input of a multiple of 32 pixels.
    """
    layers: list[nn.Module] = []
    channels = 3
    for group in groups:
        for width in group:
            # No bias: the normalisation that follows would take it away again.
            layers += [nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(True)]
            channels = width
        layers.append(nn.MaxPool2d(2))
    hybrid_pool = nn.Sequential(layers.pop(), nn.AdaptiveAvgPool2d(1), nn.Flatten(1))
    return Backbone(nn.Sequential(*layers), hybrid_pool, width=channels, classes=classes, dropout=dropout)
