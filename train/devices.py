"""Where a net runs and in which numbers: the one place that asks what the machine can do."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from agegap.errors import WrongUse
from train.distributed import ALONE, Ranks, join_ranks
from train.settings import CompileMode, Precision

_MIDDLE, _SPREAD = 127.5, 64.0
"""Grey levels to about unit variance: faces of UTKFace have mean 120 and deviation 65."""


@dataclass(frozen=True)
class Machine:
    """A device and the type of its convolutions; losses and weights are float32 everywhere.

    `ranks` are the processes that train together, each with a device of its own.
    """

    device: torch.device
    dtype: torch.dtype
    ranks: Ranks = ALONE
    compile_mode: CompileMode = "off"

    @property
    def label(self) -> str:
        """What a run notes, such as "cpu bfloat16"."""
        return f"{self.device.type} {str(self.dtype).removeprefix('torch.')}"


PROCESSOR = Machine(torch.device("cpu"), torch.float32)


def choose_machine(precision: Precision, *, compile_mode: CompileMode = "off") -> Machine:
    """Return a GPU where there is one, else the processor; "auto" is bfloat16 where that is native.

    Joins the other processes where `torchrun` started this one. Raises WrongUse for several that are to be compiled.
    """
    ranks = join_ranks()
    if ranks.size > 1 and compile_mode != "off":
        raise WrongUse("net.compile is for one process; with torchrun set net.compile=off")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cuda" and ranks.size > 1:
        device = torch.device("cuda", torch.cuda.current_device())
    named = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    if precision != "auto":
        return Machine(device, named[precision], ranks, compile_mode)
    is_native = torch.cuda.is_bf16_supported() if device.type == "cuda" else _has_cpu_bfloat16()
    return Machine(device, torch.bfloat16 if is_native else torch.float32, ranks, compile_mode)


def _has_cpu_bfloat16() -> bool:
    # Without AVX512_BF16 or AMX the processor emulates it and is slower than float32. The two questions are private
    # names of torch and may move: then float32 is the safe answer.
    questions = (getattr(torch.cpu, f"_is_{name}_supported", None) for name in ("avx512_bf16", "amx_tile"))
    return any(bool(question()) for question in questions if question is not None)


@contextlib.contextmanager
def repeatable() -> Iterator[None]:
    """Ask torch for the same sums each time, and keep OpenCV out of the cores that torch uses; undone afterwards."""
    before, threads = torch.are_deterministic_algorithms_enabled(), cv2.getNumThreads()
    fill = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Filling fresh memory with NaN finds bugs in operators, at the price of a pass over every buffer.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=True)
        torch.utils.deterministic.fill_uninitialized_memory = fill  # type: ignore[attr-defined]
        cv2.setNumThreads(threads)


def place(net: nn.Module, machine: Machine) -> nn.Module:
    """Move a net to the device, with channels last in memory: 5 times faster with bfloat16 on a processor."""
    return net.to(device=machine.device, memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def compiled(net: nn.Module, machine: Machine) -> nn.Module:
    """Let torch.compile make kernels for `net` where the settings say so; its weights and their names stay."""
    if machine.compile_mode != "off":
        # One shape a run: the last batch of a pass is as long as the others.
        net.compile(mode=machine.compile_mode, dynamic=False)
    return net


def to_input(images: NDArray[np.uint8] | Tensor, machine: Machine) -> Tensor:
    """Return crops (B, S, S, 3) uint8 as a normalised float32 batch (B, 3, S, S), channels last, on the device."""
    batch = torch.as_tensor(images).to(machine.device, non_blocking=True).permute(0, 3, 1, 2)
    return normalise(batch.float())


def normalise(levels: Tensor) -> Tensor:
    """Return grey levels 0..255, float32, as a net wants them; in place."""
    return levels.sub_(_MIDDLE).div_(_SPREAD)


def autocast(machine: Machine) -> torch.autocast:
    """Return the context in which a net is called."""
    return torch.autocast(machine.device.type, dtype=machine.dtype, enabled=machine.dtype != torch.float32)
