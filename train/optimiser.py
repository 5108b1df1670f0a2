"""The optimiser and the schedule of its rate: by default AdamW, a linear warm-up, a cosine to zero."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from torch import nn, optim

from train.settings import OptimiserName, ScheduleName


@dataclass(frozen=True, kw_only=True)
class RatePlan:
    """How a stage's weights move: which optimiser, and its rate at each step."""

    peak: float
    warmup: float
    weight_decay: float
    optimiser: OptimiserName = "adamw"
    momentum: float = 0.9
    schedule: ScheduleName = "cosine"
    # Steps from one fall of a "step" schedule to the next, and what is left of the rate after each.
    step_every: int = 1
    step_factor: float = 0.1


def rate_of(plan: RatePlan, step: int, *, steps: int) -> float:
    """Return the rate of `step` (0 the first) of `steps`: up over the share `warmup`, then as the schedule says."""
    rising = math.ceil(steps * plan.warmup)
    if step < rising or plan.schedule == "cosine":
        return learning_rate_at(step, steps=steps, peak=plan.peak, warmup=plan.warmup)
    return plan.peak if plan.schedule == "constant" else plan.peak * plan.step_factor ** (step // plan.step_every)


def learning_rate_at(step: int, *, steps: int, peak: float, warmup: float) -> float:
    """Return the rate of `step` (0 the first) of `steps`: up over the share `warmup`, then half a cosine down to 0."""
    rising = math.ceil(steps * warmup)
    if step < rising:
        return peak * (step + 1) / rising
    left = max(1, steps - rising)
    return peak * 0.5 * (1 + math.cos(math.pi * (step - rising) / left))


def build_optimiser(
    net: nn.Module, *, weight_decay: float, name: OptimiserName = "adamw", momentum: float = 0.9
) -> optim.Optimizer:
    """Return the optimiser over what of `net` is trainable; scales, shifts and biases are not decayed.

    The decay of "sgd" and of "adam" is the gradient of weight_decay/2 ||W||^2, that of "adamw" is decoupled
    (Loshchilov and Hutter 2019).
    """
    trainable = [parameter for parameter in net.parameters() if parameter.requires_grad]
    groups = [
        {"params": [parameter for parameter in trainable if parameter.ndim > 1], "weight_decay": weight_decay},
        {"params": [parameter for parameter in trainable if parameter.ndim <= 1], "weight_decay": 0.0},
    ]
    filled = [group for group in groups if group["params"]]
    # The rate is set before each step. Fused: one pass over the weights instead of six.
    if name == "sgd":
        return optim.SGD(filled, lr=0.0, momentum=momentum, fused=True)
    kind = optim.AdamW if name == "adamw" else optim.Adam
    return kind(filled, lr=0.0, betas=(0.9, 0.999), fused=True)


def set_learning_rate(groups: Iterable[dict[str, object]], rate: float) -> None:
    """Set the rate of every group of an optimiser."""
    for group in groups:
        group["lr"] = rate
