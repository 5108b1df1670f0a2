"""Pairs drawn on the fly from faces and years: what a set with storage `virtual` asks a trainer to do.

No list of pairs exists, so a dataset of any size costs one sort. A draw is a pure function of (seed, step).
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agegap.errors import NothingToDo

Ints = NDArray[np.int64]

Balance = Literal["pairs", "subjects"]


class PairDraw:
    """Draws pairs of two faces of one subject with K in a range, the younger first.

    `subject` and `year` are of each face (negative: not known, never drawn). `balance`: every pair alike, or every
    subject alike and then every pair of it.
    """

    def __init__(
        self,
        subject: NDArray[np.integer],
        year: NDArray[np.integer],
        *,
        k_min: int,
        k_max: int,
        seed: int,
        balance: Balance = "subjects",
    ) -> None:
        known = np.flatnonzero((subject >= 0) & (year >= 0))
        order = known[np.lexsort((year[known], subject[known]))]
        people, line = np.unique(subject[order], return_inverse=True)
        years = year[order].astype(np.int64)
        first_year = int(years.min(initial=0))
        place = line * (int(years.max(initial=0)) - first_year + k_max + 1) + years - first_year
        self._low = np.searchsorted(place, place + k_min, "left")
        if k_min == 0:
            self._low = np.maximum(self._low, np.arange(1, len(place) + 1))
        partners = np.maximum(np.searchsorted(place, place + k_max, "right") - self._low, 0)
        self._rows, self._years, self.seed = order, years, seed
        # Pair number n belongs to the face before whose end it lies.
        self._ends = np.cumsum(partners)
        of_subject = np.bincount(line, weights=partners, minlength=len(people)).astype(np.int64)
        ends = np.cumsum(of_subject)
        self._subjects = np.stack([ends - of_subject, of_subject], axis=1)[of_subject > 0]
        self.balance = balance

    def __len__(self) -> int:
        """Return how many different pairs there are."""
        return int(self._ends[-1]) if len(self._ends) else 0

    def rows(self, step: int, count: int) -> tuple[Ints, Ints, Ints]:
        """Return (younger, older, K) of the pairs of a step, with replacement; raise NothingToDo without any pair."""
        if not len(self):
            raise NothingToDo("pairs", "no subject has two faces with such a K", "widen the range of K")
        rng = np.random.default_rng(np.random.SeedSequence(entropy=self.seed, spawn_key=(step,)))
        if self.balance == "subjects":
            first, width = self._subjects[rng.integers(0, len(self._subjects), count)].T
            number = first + rng.integers(0, width)
        else:
            number = rng.integers(0, len(self), count)
        younger = np.searchsorted(self._ends, number, "right")
        before = np.where(younger > 0, self._ends[younger - 1], 0)
        older = self._low[younger] + number - before
        return self._rows[younger], self._rows[older], self._years[older] - self._years[younger]
