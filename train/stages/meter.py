"""Means of the parts of the loss over a group of steps."""

import torch
from torch import Tensor


class Meter:
    """Sums as tensors, so that a GPU need not stop at every step; saved, so that a resumed log line is the same."""

    def __init__(self, saved: dict[str, float] | None = None, *, count: int = 0) -> None:
        self.sums: dict[str, Tensor] = {
            name: torch.tensor(value, dtype=torch.float64) for name, value in (saved or {}).items()
        }
        self.count = count

    def add(self, parts: dict[str, Tensor]) -> None:
        """Take in the parts of one step."""
        self.count += 1
        for name, value in parts.items():
            value = value.detach().double()
            self.sums[name] = self.sums[name].to(value.device) + value if name in self.sums else value

    def saved(self) -> dict[str, float]:
        """Return the sums as numbers."""
        return {name: float(value) for name, value in self.sums.items()}

    def take(self) -> dict[str, float]:
        """Return the means since the last call, and begin anew."""
        means = {name: float(value) / self.count for name, value in self.sums.items()}
        self.sums, self.count = {}, 0
        return means
