"""The labels that a net's answers give the faces of a timeline, and whose answers they are.

A net that tells years well is a better teacher at the start than later, when it says ever more what it was taught; and
the error that all photos share can be taken out of its answers. A net that knows little is made better by its own
labels, made anew every so many steps. Between two looks labels stay as they are. Of many timelines only a pool is
looked at each time: what training will draw until the next look.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import nn

from train.batches import age_weights, generator
from train.crops import Crops, Rows
from train.data import FacePairs
from train.devices import Machine
from train.inference import distributions
from train.settings import FinetuneSettings
from train.timelines import Shares, Timeline, label_all, timelines_of, years_told

POOL, DRAW = 14, 15
"""Keys of the two kinds of draws."""

POOL_FACES = 6000
"""Faces looked at each time; a look costs a third of a training step a face."""

SHORTEST = 2
"""Photos of a timeline that says something."""

TRUSTED = 0.8
"""Years that the starting net must say for a year of a life if it is to teach all along (`years_told`).

Of 24 nets that met FG-NET or drawn people those from a whole labelled set told 0.83 and 0.89, those from 4 to 32 people
0.02 to 0.71 (one 0.85), those of drawn people 0.35 and 0.72 (docs/experiments.md).
"""


@dataclass(frozen=True, eq=False)
class Taught:
    """Rows of the pairs' crops, and the label of each: (B,) and (B, C)."""

    rows: Rows
    labels: Shares


@dataclass(frozen=True, eq=False)
class _Look:
    """A pool of timelines, the rows of their faces, the place of each face among these, and what a net says of them."""

    timelines: list[Timeline]
    rows: Rows
    places: list[Rows]
    shares: Shares


class Teacher:
    """Draws faces of timelines with their labels; `look` must come before the first draw and at each refresh.

    A copy of `start`, the net that the stage begins with, is kept where it may teach.
    """

    def __init__(
        self,
        pairs: FacePairs,
        settings: FinetuneSettings,
        *,
        start: nn.Module,
        timelines: Sequence[Timeline] | None = None,
    ) -> None:
        self._crops, self._settings = pairs.crops, settings
        may_teach = settings.timeline_teacher != "average"
        self._start = copy.deepcopy(start).eval().requires_grad_(False) if may_teach else None
        # For the log: how "auto" chose, empty until it has.
        self.chosen_by: dict[str, float] = {}
        self._shared_error = settings.timeline_shared_error
        said = [line for line in timelines_of(pairs) if len(line.rows) >= SHORTEST]
        # Timelines of one's own are for experiments: single photos, for one, are self-training without any K.
        self._timelines = said if timelines is None else list(timelines)
        self._rows: Rows = np.zeros(0, np.int64)
        self._labels: Shares = np.zeros((0, 0), np.float32)
        self._weights: NDArray[np.float64] = np.zeros(0)

    def look(self, net: nn.Module, *, step: int, machine: Machine) -> None:
        """Label the faces that are drawn from `step` on by what the start or `net` says of them, in evaluation mode."""
        seen = None
        if self._settings.timeline_teacher == "auto" and self._start is not None and not self.chosen_by:
            first = self._said(self._start, step=0, machine=machine)
            self._choose(first)
            # The look that chose is the look of the first step, where the start teaches.
            seen = first if self._start is not None and not step else None
        # Labels that nothing changes are made once.
        if self._start is None or not self._knows_all:
            self._label(seen or self._said(self._start or net, step=step, machine=machine))

    def _choose(self, first: _Look) -> None:
        """Dismiss a start that does not tell years well; by the pool of step 0, so the same after a kill."""
        told = years_told(first.shares, first.timelines, first.places)
        if told < TRUSTED:
            self._start, self._shared_error = None, False
        self.chosen_by = {"years_told": told, "start_teaches": float(self._start is not None)}

    def _said(self, net: nn.Module, *, step: int, machine: Machine) -> _Look:
        timelines = self._pool(step)
        counts = [len(line.rows) for line in timelines]
        ends = np.cumsum(counts)
        places = [np.arange(end - count, end) for end, count in zip(ends, counts, strict=True)]
        rows = np.concatenate([line.rows for line in timelines])
        shares = distributions(net, _some(self._crops, rows), machine=machine, flip=False)
        return _Look(timelines, rows, places, shares)

    def _label(self, seen: _Look) -> None:
        settings = self._settings
        found = label_all(
            seen.shares,
            seen.timelines,
            seen.places,
            doubt=settings.timeline_doubt,
            sigma=settings.timeline_sigma,
            shared_error=self._shared_error,
        )
        self._rows, self._labels = seen.rows, found.shares
        ages = (self._labels @ np.arange(self._labels.shape[1])).astype(np.float32)
        weights = age_weights(ages, settings.timeline_balance)
        weights = np.ones(len(self._rows)) if weights is None else weights
        weights = weights * found.own**settings.timeline_weigh
        self._weights = weights / weights.sum()

    @property
    def _knows_all(self) -> bool:
        """Say whether the last look was at every timeline."""
        return bool(len(self._rows)) and len(self._rows) == sum(len(line.rows) for line in self._timelines)

    def draw(self, step: int, count: int) -> Taught:
        """Return `count` faces of the pool with their labels, rare ages more often; the same for the same step."""
        rng = generator(self._settings.seed, DRAW, step)
        places = rng.choice(len(self._rows), size=count, p=self._weights)
        return Taught(self._rows[places], self._labels[places])

    def _pool(self, step: int) -> list[Timeline]:
        order = generator(self._settings.seed, POOL, step).permutation(len(self._timelines))
        sizes = np.array([len(self._timelines[place].rows) for place in order])
        fitting = max(1, int(np.searchsorted(np.cumsum(sizes), POOL_FACES, side="right")))
        return [self._timelines[place] for place in sorted(order[:fitting].tolist())]


def _some(crops: Crops, rows: Rows) -> Crops:
    (part,) = crops.parts  # the faces of pairs are of one folder
    return Crops((replace(part, rows=part.rows[rows]),))
