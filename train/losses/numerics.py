"""What the losses share so that value and gradient stay finite at any logit: precision, masks, gaps."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor


def at_least_float32(logits: Tensor) -> Tensor:
    """Return `logits` as float32, or unchanged where they are float64 (the tests' precision)."""
    return logits if logits.dtype == torch.float64 else logits.float()


def without_autocast(tensor: Tensor) -> AbstractContextManager[object]:
    """Return the context in which products of tensors on the device of `tensor` keep their precision."""
    # Autocast knows no meta tensors, on which the cost of a net is counted without its memory.
    is_meta = tensor.device.type == "meta"
    return nullcontext() if is_meta else torch.autocast(tensor.device.type, enabled=False)


def masked_logit(logits: Tensor) -> float:
    """Return the value that stands for log 0: far below any logit, finite so that 0 times it is 0 and not NaN."""
    return torch.finfo(logits.dtype).min / 4  # a quarter: differences and sums of two of them do not overflow


def ages_of(logits: Tensor) -> Tensor:
    """Return the ages 0..C-1 of the classes of `logits` (B, C) as int64 (C,) on the same device."""
    return torch.arange(logits.shape[1], device=logits.device)


def as_column(gap_years: Tensor, *, logits: Tensor) -> Tensor:
    """Return `gap_years` (B,) as int64 (B, 1) within 0..A, A = C-1 being the oldest age.

    A gap above A is taken as A: the classes hold nobody further apart, so the younger face is bound to 0 and the
    older one to A. Raises ValueError on a shape that does not fit, on gaps that are not whole numbers and, where
    the check costs no wait for a device, on a negative gap (the two faces are swapped).
    """
    if logits.ndim != 2 or gap_years.shape != logits.shape[:1]:
        raise ValueError(
            f"gap_years must be (B,) for logits (B, C); got {tuple(gap_years.shape)} for {tuple(logits.shape)}"
        )
    if gap_years.is_floating_point() or gap_years.is_complex():
        raise ValueError(f"gap_years must be whole years in an integer tensor, not {gap_years.dtype}")
    if gap_years.device.type == "cpu" and bool((gap_years < 0).any()):
        raise ValueError(f"gap_years must not be negative (the younger face comes first); got {int(gap_years.min())}")
    oldest = logits.shape[1] - 1
    return gap_years.to(device=logits.device, dtype=torch.int64).clamp(0, oldest)[:, None]


def check_pair(logits_younger: Tensor, logits_older: Tensor) -> None:
    """Raise ValueError unless both logits are (B, C) of one shape."""
    if logits_younger.shape != logits_older.shape:
        raise ValueError(
            "the logits of both faces must have one shape; "
            f"got {tuple(logits_younger.shape)} and {tuple(logits_older.shape)}"
        )
