"""The optimiser and its schedule: AdamW, a linear warm-up, a cosine to zero."""

import math
from collections.abc import Iterable

from torch import nn, optim


def learning_rate_at(step: int, *, steps: int, peak: float, warmup: float) -> float:
    """Return the rate of `step` (0 the first) of `steps`: up over the share `warmup`, then half a cosine down to 0."""
    rising = math.ceil(steps * warmup)
    if step < rising:
        return peak * (step + 1) / rising
    left = max(1, steps - rising)
    return peak * 0.5 * (1 + math.cos(math.pi * (step - rising) / left))


def build_optimiser(net: nn.Module, *, weight_decay: float) -> optim.AdamW:
    """Return AdamW over what of `net` is trainable; scales, shifts and biases are not decayed."""
    trainable = [parameter for parameter in net.parameters() if parameter.requires_grad]
    groups = [
        {"params": [parameter for parameter in trainable if parameter.ndim > 1], "weight_decay": weight_decay},
        {"params": [parameter for parameter in trainable if parameter.ndim <= 1], "weight_decay": 0.0},
    ]
    # The rate is set before each step. Fused: one pass over the weights instead of six.
    return optim.AdamW([group for group in groups if group["params"]], lr=0.0, betas=(0.9, 0.999), fused=True)


def set_learning_rate(groups: Iterable[dict[str, object]], rate: float) -> None:
    """Set the rate of every group of an optimiser."""
    for group in groups:
        group["lr"] = rate
