"""AgeNet: five convolutions and two dense layers before ten age groups; 23.1 million parameters at 256 pixels.

The AgeNet report: 3x3 convolutions of 64 to 1,024 channels, the first with stride 2, ReLU, max-pooling after all but
the last, dropout of 0.187 in each of the five, dense layers of 256 and 128; reference equations 1.4. There is no
normalisation. The first dense layer sees all maps, (S/32)^2 of them, so its weights depend on the input size. The
report came to this shape by a search, which `train tune agenet` repeats: channels, layers, kernel, dense units.
"""

from collections import OrderedDict

from torch import nn

from agegap.errors import WrongUse
from train.backbones.frame import Backbone

FILTERS, LAYERS, KERNEL, DENSE = 64, 5, 3, 256
DROPOUT = 0.187


def age_net(
    *,
    classes: int,
    input_size: int,
    dropout: float = DROPOUT,
    filters: int = FILTERS,
    layers: int = LAYERS,
    kernel: int = KERNEL,
    dense: int = DENSE,
) -> Backbone:
    """Return the net; dense // 2 features.

    The first of `layers` convolutions has `filters` channels, each further one twice as many as the one before, all
    of side `kernel`; the dense layers have `dense` and half as many units. `dropout` is that of each convolution; the
    dense layers and the head have none. Raises WrongUse where nothing is left of the maps, or a kernel has no middle.
    """
    # One stride of 2 and a pooling for each further layer but the first.
    side = input_size >> layers
    if not side:
        raise WrongUse(f"layers {layers}: an age_net halves its maps in each; {input_size} pixels bear fewer")
    if not kernel % 2:
        raise WrongUse(f"kernel {kernel}: must be odd, so that maps keep their size")
    trunk: list[nn.Module] = []
    channels = 3
    for place in range(layers):
        width, stride = filters << place, 1 if place else 2
        trunk += [nn.Conv2d(channels, width, kernel, stride=stride, padding=kernel // 2), nn.ReLU(True)]
        if place < layers - 1:
            trunk.append(nn.MaxPool2d(2))
        trunk.append(nn.Dropout(dropout))
        channels = width
    head = OrderedDict(
        flatten=nn.Flatten(1),
        fc1=nn.Linear(channels * side * side, dense),
        relu1=nn.ReLU(True),
        fc2=nn.Linear(dense, dense // 2),
        relu2=nn.ReLU(True),
    )
    return Backbone(nn.Sequential(*trunk), nn.Sequential(head), width=dense // 2, classes=classes, dropout=0.0)
