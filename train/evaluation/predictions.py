"""From logits to what is said of a face: its distribution over ages, an age, and an interval.

Class k stands for the ages k - 1/2 to k + 1/2, its mass spread evenly: the mean, the median and the interval of a
distribution that is sure of age 30 are then 30, 30 and 30 -+ 0.45, and no one of them is half a year off another.
The classes at both ends are cut there, so nothing below 0 or above A is ever said.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from train.losses.numerics import ages_of, at_least_float32

COVERAGE = 0.9
"""Share of faces whose age an interval should hold."""


@dataclass(frozen=True)
class AgePredictions:
    """What is said of each of B faces, in years; tensors (B,)."""

    age: Tensor
    """The expected age."""
    median: Tensor
    low: Tensor
    high: Tensor


def age_distribution(logits: Tensor, *, temperature: float = 1.0) -> Tensor:
    """Return softmax(logits / temperature), float32 (B, C), float64 where the logits are.

    A temperature above 1 widens every distribution: fitted on the validation split, it makes the intervals honest.
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, not {temperature}")
    return torch.softmax(at_least_float32(logits) / temperature, dim=1)


def flip_average(net: nn.Module, images: Tensor, *, temperature: float = 1.0) -> Tensor:
    """Return the mean of the age distributions (B, C) of `images` (B, 3, S, S) and of their mirror images.

    The distributions are averaged, not the logits. The caller sets evaluation mode and switches gradients off.
    """
    flipped = age_distribution(net(images.flip(-1)), temperature=temperature)
    return (age_distribution(net(images), temperature=temperature) + flipped) / 2


def mean_age(distribution: Tensor) -> Tensor:
    """Return the expected age sum_k k Q_k of each distribution, in years: (B,) from (B, C)."""
    return (distribution * ages_of(distribution)).sum(dim=1)


def quantile_age(distribution: Tensor, level: float) -> Tensor:
    """Return the age below which the share `level` of each distribution lies: (B,) from (B, C).

    Linear inside a class's year; where a gap without mass leaves a choice, the youngest age. Raises ValueError
    unless 0 < level < 1.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must be between 0 and 1, not {level}")
    # A parallel sum may step back by a rounding error, which the search below must not meet.
    upper = distribution.cumsum(dim=1).cummax(dim=1).values
    upper = upper / upper[:, -1:]  # rounding leaves the sum a little off 1, and `level` may lie in between
    wanted = torch.full_like(upper[:, :1], level)
    # The first class whose upper edge reaches the level; a row of NaN has none, and gives NaN.
    k = torch.searchsorted(upper, wanted).clamp(max=upper.shape[1] - 1)
    end = upper.gather(1, k)
    start = torch.where(k > 0, upper.gather(1, (k - 1).clamp(min=0)), torch.zeros_like(end))
    age = k - 0.5 + (wanted - start) / (end - start)
    return age[:, 0].clamp(0, upper.shape[1] - 1)


def median_age(distribution: Tensor) -> Tensor:
    """Return the median age of each distribution, which minimises the expected absolute error: (B,) from (B, C)."""
    return quantile_age(distribution, 0.5)


def interval(distribution: Tensor, coverage: float = COVERAGE) -> tuple[Tensor, Tensor]:
    """Return the youngest and oldest age of the central interval of each distribution: (B,) twice from (B, C).

    As much mass lies below it as above, (1 - coverage) / 2. Raises ValueError unless 0 < coverage < 1.
    """
    if not 0.0 < coverage < 1.0:
        raise ValueError(f"coverage must be between 0 and 1, not {coverage}")
    tail = (1.0 - coverage) / 2.0
    return quantile_age(distribution, tail), quantile_age(distribution, 1.0 - tail)


def predict_ages(distribution: Tensor, *, coverage: float = COVERAGE) -> AgePredictions:
    """Return age, median and interval of each distribution (B, C)."""
    low, high = interval(distribution, coverage)
    return AgePredictions(age=mean_age(distribution), median=median_age(distribution), low=low, high=high)
