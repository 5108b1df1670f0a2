"""From faces to a set of pairs: the choice, its rows, its fingerprint and its figures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from curation.pairing.choose import Chosen, choose
from curation.pairing.settings import PairSettings
from curation.pairing.strangers import Strangers, draw_strangers, no_strangers
from dataset.gaps import Years, gap_bounds, gap_confidence
from db.dated_faces import DatedFaces
from db.pair_recount import Fingerprint
from db.pairs import PairRows, StrangerRows

SLICE = 1_000_000
"""Pairs whose columns are made at once."""

Rows = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class BuiltPairs:
    """The pairs taken, the strangers drawn, and what became of the other candidates."""

    faces: DatedFaces
    chosen: Chosen
    strangers: Strangers

    def __len__(self) -> int:
        return len(self.chosen)

    def slices(self) -> Iterator[slice]:
        """Yield slices of `chosen`, in the order of the fingerprint."""
        for start in range(0, len(self.chosen), SLICE):
            yield slice(start, min(start + SLICE, len(self.chosen)))

    def rows_of(self, part: slice) -> PairRows:
        """Return the columns of some pairs, in the order of the fingerprint."""
        return pair_rows(self.faces, self.chosen.younger[part], self.chosen.older[part])

    @cached_property
    def rows(self) -> PairRows:
        """The columns of all pairs, ordered by (younger, older) face id."""
        ids = self.faces.face_id
        order = np.lexsort((ids[self.chosen.older], ids[self.chosen.younger]))
        return pair_rows(self.faces, self.chosen.younger[order], self.chosen.older[order])

    @property
    def stranger_rows(self) -> StrangerRows:
        """The columns of the strangers."""
        younger, older = self.strangers.younger, self.strangers.older
        return StrangerRows(self.faces.face_id[younger], self.faces.face_id[older], self.strangers.gap_years)

    @cached_property
    def sha256(self) -> str:
        """The fingerprint of the pairs: the same for the same photos, settings and seed, whatever the catalog."""
        digest, faces = Fingerprint(), self.faces
        for part in self.slices():
            younger, older = self.chosen.younger[part], self.chosen.older[part]
            digest.add(faces.identity[younger], faces.identity[older], faces.year[older] - faces.year[younger])
        ends = faces.identity[self.strangers.younger], faces.identity[self.strangers.older]
        order = np.lexsort(ends[::-1])
        digest.add(ends[0][order], ends[1][order], self.strangers.gap_years[order], strangers=True)
        return digest.hexdigest()

    def count_by_gap(self) -> dict[int, int]:
        """Return how many pairs have each K."""
        tally = np.zeros(0, np.int64)
        for part in self.slices():
            gap = self.faces.year[self.chosen.older[part]] - self.faces.year[self.chosen.younger[part]]
            here = np.bincount(gap, minlength=len(tally))
            here[: len(tally)] += tally
            tally = here
        return {int(gap): int(tally[gap]) for gap in np.flatnonzero(tally)}


def build_pairs(
    faces: DatedFaces,
    settings: PairSettings,
    *,
    split: NDArray[np.int8] | None = None,
    person: Rows | None = None,
    sexes: Mapping[int, int] | None = None,
) -> BuiltPairs:
    """Choose the pairs of `faces`, and strangers within each split.

    `split` and `person` are of each subject (None: one split, each is somebody else), `sexes` by subject id.
    """
    chosen = choose(faces, settings)
    if not settings.negatives:
        return BuiltPairs(faces, chosen, no_strangers())
    if split is None:
        split = np.zeros(len(faces.subjects.id), np.int8)
    strangers = draw_strangers(faces, chosen, settings, split=split, person=person, sexes=sexes or {})
    return BuiltPairs(faces, chosen, strangers)


def pair_rows(faces: DatedFaces, younger: Rows, older: Rows) -> PairRows:
    """Return the columns of pairs that are given as rows of `faces`."""
    one, other = _years(faces, younger), _years(faces, older)
    gap_min, gap_max = gap_bounds(one, other)
    return PairRows(
        younger=faces.face_id[younger],
        older=faces.face_id[older],
        subject_id=faces.subjects.id[faces.subject[younger]],
        gap_years=(faces.year[older] - faces.year[younger]).astype(np.int64),
        confidence=gap_confidence(one, other),
        gap_min=gap_min,
        gap_max=gap_max,
    )


def _years(faces: DatedFaces, rows: Rows) -> Years:
    return Years(faces.year[rows], faces.year_min[rows], faces.year_max[rows], faces.confidence[rows])
