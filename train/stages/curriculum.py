"""Short gaps first: the greatest K that is drawn climbs over the first share of the steps.

A net that is far off has little overlap with itself moved by forty years, and learns from J where there is some.
"""

from functools import lru_cache

import numpy as np

from train.batches import PairSampler
from train.crops import Rows
from train.data import FacePairs
from train.settings import FinetuneSettings

LEVELS = 8
"""Limits between k_start and k_max: each sorts the pairs anew, so there are few."""


class Curriculum:
    """Draws the pairs of a step, none with more years between than its limit; without a curriculum it has none."""

    def __init__(self, pairs: FacePairs, settings: FinetuneSettings, *, key: int) -> None:
        self.pairs, self.settings, self.key = pairs, settings, key
        self.steps = settings.steps
        self._least = int(pairs.gap_years.min()) if len(pairs) else 0
        self.drawer = lru_cache(maxsize=2)(self._build)

    def limit(self, step: int) -> int:
        """Return the greatest K of `step`; at least the least there is."""
        settings = self.settings
        rising = settings.curriculum * self.steps
        if step >= rising:
            return settings.k_max
        level = int(LEVELS * step / rising)
        climbed = settings.k_start + (settings.k_max - settings.k_start) * level // LEVELS
        return max(min(climbed, settings.k_max), self._least)

    def rows(self, step: int, count: int) -> Rows:
        """Return the `count` pair numbers of `step`, with replacement."""
        sampler, numbers = self.drawer(self.limit(step))
        chosen = sampler.rows(step, count)
        return chosen if numbers is None else numbers[chosen]

    def _build(self, limit: int) -> tuple[PairSampler, Rows | None]:
        seed = self.settings.seed
        numbers = np.flatnonzero(self.pairs.gap_years <= limit).astype(np.int64)
        if len(numbers) == len(self.pairs):
            return PairSampler(self.pairs, seed=seed, key=self.key), None
        return PairSampler(self.pairs.take(numbers), seed=seed, key=self.key), numbers
