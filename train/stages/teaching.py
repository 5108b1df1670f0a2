"""The labels that a net's answers give the faces of a timeline, made anew every so many steps.

The net that answers is the one the stage began with, or the averaged one; between two looks labels stay as they are. Of
many timelines only a pool is looked at each time: what training will draw until the next look.
"""

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
from train.timelines import Shares, Timeline, label_all, timelines_of

POOL, DRAW = 14, 15
"""Keys of the two kinds of draws."""

POOL_FACES = 6000
"""Faces looked at each time; a look costs a third of a training step a face."""

SHORTEST = 2
"""Photos of a timeline that says something."""


@dataclass(frozen=True, eq=False)
class Taught:
    """Rows of the pairs' crops, and the label of each: (B,) and (B, C)."""

    rows: Rows
    labels: Shares


class Teacher:
    """Draws faces of timelines with their labels; `look` must come before the first draw and at each refresh."""

    def __init__(
        self, pairs: FacePairs, settings: FinetuneSettings, *, timelines: Sequence[Timeline] | None = None
    ) -> None:
        self._crops, self._settings = pairs.crops, settings
        said = [line for line in timelines_of(pairs) if len(line.rows) >= SHORTEST]
        # Timelines of one's own are for experiments: single photos, for one, are self-training without any K.
        self._timelines = said if timelines is None else list(timelines)
        self._rows: Rows = np.zeros(0, np.int64)
        self._labels: Shares = np.zeros((0, 0), np.float32)
        self._weights: NDArray[np.float64] = np.zeros(0)

    def look(self, net: nn.Module, *, step: int, machine: Machine) -> None:
        """Label the faces that are drawn from `step` on by what `net` says of them; leaves it in evaluation mode."""
        chosen = self._pool(step)
        counts = [len(line.rows) for line in chosen]
        ends = np.cumsum(counts)
        places = [np.arange(end - count, end) for end, count in zip(ends, counts, strict=True)]
        rows = np.concatenate([line.rows for line in chosen])
        shares = distributions(net, _some(self._crops, rows), machine=machine, flip=False)
        settings = self._settings
        self._labels = label_all(
            shares,
            chosen,
            places,
            doubt=settings.timeline_doubt,
            sigma=settings.timeline_sigma,
            shared_error=settings.timeline_shared_error,
        )
        self._rows = rows
        ages = (self._labels @ np.arange(self._labels.shape[1])).astype(np.float32)
        weights = age_weights(ages, settings.timeline_balance)
        self._weights = np.full(len(rows), 1 / len(rows)) if weights is None else weights / weights.sum()

    @property
    def knows_all(self) -> bool:
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
