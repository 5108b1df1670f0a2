"""Losses of label distributions and of age differences: one loss a file, one line here.

Every loss of LOSSES takes logits (B, C), classes being the ages 0..C-1, and returns one unreduced value a row (B,);
those of BATCH_LOSSES look at a whole batch and return a scalar. All are computed in float32 at least, whatever the
autocast around them: in bfloat16 an expected age is off by up to 0.2 years.
Importing this package imports no torch.
"""

import importlib
from typing import TYPE_CHECKING

from agegap.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

LOSSES = {
    # of one labelled face
    "label-kl": "train.losses.gaussian:label_kl",
    "expectation-l1": "train.losses.expectation:expectation_l1",
    "cross-entropy": "train.losses.cross_entropy:cross_entropy",
    # of one face, no label
    "entropy": "train.losses.entropy:entropy",
    # of a pair: two faces of one subject, `gap_years` apart
    "bounds": "train.losses.bounds:bound_cross_entropy",
    "translated-kl": "train.losses.translated_kl:translated_kl",
    "difference-l1": "train.losses.difference:difference_l1",
}

BATCH_LOSSES = {
    # of the features of labelled faces
    "triplet": "train.losses.triplet:triplet_loss",
    # of the losses of pairs, some of them wrong
    "trimmed": "train.losses.trimmed:trimmed_mean",
    "tilted": "train.losses.trimmed:tilted_mean",
}


def load_loss(name: str) -> "Callable[..., Tensor]":
    """Import and return the loss called `name`; raise UnknownName with the nearest one."""
    known = LOSSES | BATCH_LOSSES
    if name not in known:
        raise UnknownName("loss", name, known)
    module, function = known[name].split(":")
    loss: Callable[..., Tensor] = getattr(importlib.import_module(module), function)
    return loss
