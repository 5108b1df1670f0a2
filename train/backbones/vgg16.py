"""VGG-16 as published: 13 convolutions with biases, two dense layers of 4096; 134.7 million parameters at 224 pixels.

Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, 2015, column D. VGGFace,
DADL, the deep-embedding net and the first of the two streams are this net. The first dense layer sees all maps of
the last pooling, (S/32)^2 of them, so its weights depend on the input size: 65.5 million parameters at 128 pixels.
"""

from collections import OrderedDict

from torch import nn

from train.backbones.frame import Backbone

GROUPS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
"""Output channels of the 3x3 convolutions of each group; a max-pooling follows each."""

HALVINGS = len(GROUPS)
DENSE = 4096
DROPOUT = 0.5


def vgg16(*, classes: int, input_size: int, dropout: float = DROPOUT) -> Backbone:
    """Return the net; 4,096 features, those of the second dense layer. `dropout` is that after both dense layers."""
    layers: list[nn.Module] = []
    channels = 3
    for group in GROUPS:
        for width in group:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(True)]
            channels = width
        layers.append(nn.MaxPool2d(2))
    side = input_size >> HALVINGS
    dense = OrderedDict(
        flatten=nn.Flatten(1),
        fc6=nn.Linear(channels * side * side, DENSE),
        relu6=nn.ReLU(True),
        dropout6=nn.Dropout(dropout),
        fc7=nn.Linear(DENSE, DENSE),
        relu7=nn.ReLU(True),
    )
    return Backbone(nn.Sequential(*layers), nn.Sequential(dense), width=DENSE, classes=classes, dropout=dropout)
