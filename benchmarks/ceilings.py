"""What a device can do at most, measured: multiply-adds in a large matrix product, bytes in a long sum of arrays.

And what a net asks of it: multiply-adds, and outputs of its convolutions, each of which goes through memory so many
times when normalisation is not fused (write, twice read and once written by the normalisation, read by what follows,
and about twice that backward: 15 passes).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from train.backbones.cost import count_cost

PASSES = 15
OPERATIONS_A_MULTIPLY_ADD = 6  # two forward, four backward
SIDES = {"cpu": 1536, "cuda": 8192}  # of the matrices
LENGTHS = {"cpu": 1 << 24, "cuda": 1 << 28}  # of the arrays
TRIES = 4


@dataclass(frozen=True)
class Device:
    """What a device does in a second: floating-point operations in a type, and bytes read and written."""

    operations_per_s: float
    bytes_per_s: float
    bytes_a_number: int


@dataclass(frozen=True)
class Asks:
    """What one image asks of it in a step of training."""

    multiply_adds: int
    conv_outputs: int

    def by_arithmetic(self, device: Device) -> float:
        """Return the images a second that arithmetic allows."""
        return device.operations_per_s / (OPERATIONS_A_MULTIPLY_ADD * self.multiply_adds)

    def by_memory(self, device: Device) -> float:
        """Return the images a second that memory allows."""
        return device.bytes_per_s / (PASSES * device.bytes_a_number * self.conv_outputs)


def measure_device(device: torch.device, dtype: torch.dtype) -> Device:
    """Return the best of a few tries; a second or two."""
    side, length = SIDES[device.type], LENGTHS[device.type]
    left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    one, other = (torch.ones(length, device=device, dtype=dtype) for _ in range(2))
    total = torch.empty_like(one)
    product_s = _best_s(lambda: left @ right, device)
    sum_s = _best_s(lambda: torch.add(one, other, out=total), device)
    return Device(2 * side**3 / product_s, 3 * length * one.element_size() / sum_s, one.element_size())


def asks_of(net: nn.Module, *, input_size: int) -> Asks:
    """Return what an image (3, input_size, input_size) asks of `net`."""
    outputs = 0

    def add(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        nonlocal outputs
        outputs += output[0].numel()

    hooks = [module.register_forward_hook(add) for module in net.modules() if isinstance(module, nn.Conv2d)]
    try:
        cost = count_cost(net, input_size=input_size)
    finally:
        for hook in hooks:
            hook.remove()
    return Asks(cost.multiply_adds, outputs)


def wait_for(device: torch.device) -> None:
    """Wait until the device has done what it was asked."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _best_s(work: Callable[[], object], device: torch.device) -> float:
    best = float("inf")
    for _ in range(TRIES):
        wait_for(device)
        clock = time.perf_counter()
        work()
        wait_for(device)
        best = min(best, time.perf_counter() - clock)
    return best
