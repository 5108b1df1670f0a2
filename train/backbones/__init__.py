"""Nets from a face to logits over ages: one backbone a file, one line here.

Importing this package imports no torch.
"""

import importlib
from typing import TYPE_CHECKING

from agegap.errors import UnknownName, WrongUse

if TYPE_CHECKING:
    from collections.abc import Callable

    from train.backbones.age_net import AgeNet

BACKBONES = {
    "thin_age_net": "train.backbones.thin_age_net:thin_age_net",
    "tiny_age_net": "train.backbones.tiny_age_net:tiny_age_net",
    "small_resnet": "train.backbones.small_resnet:small_resnet",
}

STRIDE = 32
"""Input sizes are multiples of it: the VGG layout halves its input five times, the others no more often."""


def build_backbone(
    name: str, *, classes: int = 101, input_size: int = 128, dropout: float | None = None, seed: int | None = None
) -> "AgeNet":
    """Return the net `name` with fresh weights: normalised float images (B, 3, S, S) to float32 logits (B, classes).

    `input_size` S is a multiple of 32; the weights do not depend on it. `dropout` (before the head) None is the
    backbone's own. With a `seed` the weights are the same each time and the global generator is left as it was.
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
    build: Callable[..., AgeNet] = getattr(importlib.import_module(module), function)
    options = {} if dropout is None else {"dropout": dropout}
    if seed is None:
        return build(classes=classes, **options)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build(classes=classes, **options)
