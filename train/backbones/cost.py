"""What a net costs: parameters, and multiply-adds an image, counted while one image passes through."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Cost:
    """Cost of a net at one input size."""

    parameters: int
    multiply_adds: int
    """Of the convolutions and linear layers, forward, one image; a training step costs about three times that."""


def count_cost(net: nn.Module, *, input_size: int) -> Cost:
    """Return the cost of `net` for an image (3, input_size, input_size); its mode and weights stay as they are."""
    total = 0

    def add(module: nn.Conv2d | nn.Linear, _inputs: Any, output: Tensor) -> None:
        nonlocal total
        total += output[0].numel() * module.weight[0].numel()

    hooks = [m.register_forward_hook(add) for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    modes = {module: module.training for module in net.modules()}
    parameter = next(net.parameters())
    try:
        net.eval()
        with torch.no_grad():
            net(torch.zeros(1, 3, input_size, input_size, device=parameter.device, dtype=parameter.dtype))
    finally:
        for module, mode in modes.items():
            module.training = mode
        for hook in hooks:
            hook.remove()
    return Cost(parameters=sum(p.numel() for p in net.parameters()), multiply_adds=total)
