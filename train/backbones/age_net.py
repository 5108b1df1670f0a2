"""AgeNet: five convolutions and two dense layers before ten age groups; 23.1 million parameters at 256 pixels.

The AgeNet report: 3x3 convolutions of 64 to 1,024 channels, the first with stride 2, ReLU, max-pooling after the first
four, dropout of 0.187 in each of the five, dense layers of 256 and 128; reference equations 1.4. There is no
normalisation. The first dense layer sees all maps, (S/32)^2 of them, so its weights depend on the input size.
"""

from collections import OrderedDict

from torch import nn

from train.backbones.frame import Backbone

WIDTHS = (64, 128, 256, 512, 1024)
HALVINGS = 5
"""One stride of 2 and four poolings."""

DENSE = (256, 128)
DROPOUT = 0.187


def age_net(*, classes: int, input_size: int, dropout: float = DROPOUT) -> Backbone:
    """Return the net; 128 features. `dropout` is that of each convolution; the dense layers and the head have none."""
    layers: list[nn.Module] = []
    channels = 3
    for place, width in enumerate(WIDTHS):
        layers += [nn.Conv2d(channels, width, 3, stride=1 if place else 2, padding=1), nn.ReLU(True)]
        if place < len(WIDTHS) - 1:
            layers.append(nn.MaxPool2d(2))
        layers.append(nn.Dropout(dropout))
        channels = width
    side = input_size >> HALVINGS
    dense = OrderedDict(
        flatten=nn.Flatten(1),
        fc1=nn.Linear(channels * side * side, DENSE[0]),
        relu1=nn.ReLU(True),
        fc2=nn.Linear(DENSE[0], DENSE[1]),
        relu2=nn.ReLU(True),
    )
    return Backbone(nn.Sequential(*layers), nn.Sequential(dense), width=DENSE[1], classes=classes, dropout=0.0)
