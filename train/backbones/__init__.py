"""Nets from a face to logits over ages: one backbone a file, one line here.

Importing this package imports no torch.
"""

import importlib
from typing import TYPE_CHECKING

from agegap.errors import UnknownName, WrongUse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from train.backbones.frame import Backbone

BACKBONES = {
    "thin_age_net": "train.backbones.thin_age_net:thin_age_net",
    "tiny_age_net": "train.backbones.tiny_age_net:tiny_age_net",
    "small_resnet": "train.backbones.small_resnet:small_resnet",
    "age_net": "train.backbones.age_net:age_net",
    "lenet": "train.backbones.lenet:lenet",
    "vgg16": "train.backbones.vgg16:vgg16",
    "resnet18": "train.backbones.resnet18:resnet18",
    "resnet50": "train.backbones.resnet50:resnet50",
    "googlenet": "train.backbones.googlenet:googlenet",
}

SIZED = frozenset({"age_net", "vgg16"})
"""Backbones with a dense layer over all maps: their weights are for one input size."""

SHAPE = ("filters", "layers", "kernel", "dense")
SHAPED = frozenset({"age_net"})
"""Backbones whose SHAPE is free."""

STRIDE = 32
"""Input sizes are multiples of it: the VGG layout halves its input five times, the others no more often."""


def build_backbone(
    name: str,
    *,
    classes: int = 101,
    input_size: int = 128,
    dropout: float | None = None,
    shape: "Mapping[str, int] | None" = None,
    seed: int | None = None,
) -> "Backbone":
    """Return the net `name` with fresh weights: normalised float images (B, 3, S, S) to float32 logits (B, classes).

    `input_size` S is a multiple of 32; the weights do not depend on it but for the backbones of SIZED.
    `dropout` (before the head; in `age_net` of the convolutions, in `vgg16` of both dense layers) None is the
    backbone's own. `shape` is what is not the backbone's own of SHAPE, for those of SHAPED. With a `seed` the weights
    are the same each time and the global generator is left as it was.
    Raises UnknownName with the nearest backbone, and WrongUse on a size or a number of classes that cannot be.
    """
    import torch

    if name not in BACKBONES:
        raise UnknownName("backbone", name, BACKBONES)
    if input_size < STRIDE or input_size % STRIDE:
        raise WrongUse(f"input_size {input_size}: {name} needs a multiple of {STRIDE} pixels, such as 64 or 128")
    if classes < 2:
        raise WrongUse(f"classes {classes}: an age distribution needs at least 2 classes; 101 are the ages 0 to 100")
    if dropout is not None and not 0.0 <= dropout < 1.0:
        raise WrongUse(f"dropout {dropout}: must be at least 0 and below 1")
    module, function = BACKBONES[name].split(":")
    build: Callable[..., Backbone] = getattr(importlib.import_module(module), function)
    if shape and name not in SHAPED:
        raise WrongUse(f"{', '.join(shape)}: the shape of {name} is fixed; that of {', '.join(SHAPED)} is not")
    options: dict[str, float] = dict(shape or {})
    if dropout is not None:
        options["dropout"] = dropout
    if name in SIZED:
        options["input_size"] = input_size
    if seed is None:
        net = build(classes=classes, **options)
    else:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            net = build(classes=classes, **options)
    net.name = name
    return net
