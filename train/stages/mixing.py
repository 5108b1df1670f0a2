"""Nets as means of the weights of others: how much each counts, given or chosen where no age is known.

Chosen on held-out pairs: the candidate whose ages differ by K with the least error, of those that lose little on
labelled faces. Pair losses without replay, mixed in, took that error on FG-NET from 5.8 to 5.0 years and the error of
the ages from 4.6 to 4.1; on drawn people of all ages they took it from 5.7 to 7.4 and made the ages worse
(docs/experiments.md). Ages of the new photos would say the same, and are not needed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from agegap.errors import WrongUse
from train.bins import BinsName
from train.checkpoint import Weights
from train.data import FacePairs, LabelledFaces
from train.devices import Machine
from train.stages.answers import held_out_measures

FIRST = (1.0, 6 / 7, 3 / 4, 2 / 3, 1 / 2)
"""Candidates for the part of the first net; the others share the rest evenly."""


@dataclass(frozen=True)
class Candidate:
    """The parts of a mean, and what its net gives on held-out faces and pairs."""

    parts: list[float]
    measures: dict[str, float]


def mean_of(several: Sequence[Weights], parts: Sequence[float]) -> Weights:
    """Return the mean of each tensor over `several` nets, in float64, each by its part; the parts sum to 1.

    Whole numbers are those of the first.
    """
    mean: Weights = {}
    for name, tensor in several[0].items():
        if tensor.is_floating_point():
            total = sum(part * one[name].double() for part, one in zip(parts, several, strict=True))
            mean[name] = torch.as_tensor(total).to(tensor.dtype)
        else:
            mean[name] = tensor.clone()
    return mean


def parts_of(shares: Sequence[float], count: int) -> list[float]:
    """Return `shares` as parts of 1, even ones where there are none; raise WrongUse for nonsense."""
    if not shares:
        return [1 / count] * count
    if len(shares) != count:
        raise WrongUse(f"{count} runs and {len(shares)} shares; give a share for each run, in their order, or none")
    if min(shares) <= 0 or not math.isfinite(sum(shares)):
        raise WrongUse(f"shares are {', '.join(f'{one:g}' for one in shares)}; each must be a number above 0")
    return [share / sum(shares) for share in shares]


def first_parts(count: int) -> list[list[float]]:
    """Return the parts of each candidate of FIRST, of `count` nets."""
    return [[first, *([(1 - first) / (count - 1)] * (count - 1))] for first in FIRST]


def candidates(
    net: nn.Module,
    several: Sequence[Weights],
    tries: Sequence[list[float]],
    faces: LabelledFaces,
    pairs: FacePairs | None,
    *,
    machine: Machine,
    bins: BinsName,
) -> list[Candidate]:
    """Return what the mean by each of `tries` gives; `net` is left with the weights of the last."""
    found = []
    for parts in tries:
        net.load_state_dict(mean_of(several, parts))
        found.append(Candidate(parts, held_out_measures(net, faces, pairs, machine=machine, bins=bins)))
    return found


def choose(found: Sequence[Candidate], *, most_lost: float) -> Candidate:
    """Return the candidate with the least error of K that loses at most `most_lost` years of val_mae to the first."""
    limit = found[0].measures["val_mae"] + most_lost
    return min((one for one in found if one.measures["val_mae"] <= limit), key=lambda one: one.measures["val_gap_mae"])
