"""What each loss takes beside its first logits, drawn."""

import torch
from torch import Tensor

from train.losses.gaussian import gaussian_labels

CLASSES = 101
PAIR_LOSSES = ("bounds", "translated-kl", "difference-l1")


def arguments_of(name: str, rows: int) -> tuple[Tensor, ...]:
    """Return what the loss `name` takes after its first logits, drawn for `rows` faces."""
    generator = torch.Generator().manual_seed(1)
    ages = torch.rand(rows, generator=generator) * 100
    return {
        "label-kl": (gaussian_labels(ages, 2.0),),
        "expectation-l1": (ages,),
        "cross-entropy": (torch.arange(rows) * 7 % CLASSES,),
        "entropy": (),
        "bounds": (torch.randn(rows, CLASSES, generator=generator), torch.arange(rows) * 100 // rows),
        "translated-kl": (torch.randn(rows, CLASSES, generator=generator), torch.arange(rows) * 100 // rows),
        "difference-l1": (torch.randn(rows, CLASSES, generator=generator), torch.arange(rows) * 100 // rows),
    }[name]
