"""Verification protocols as LFW and AgeDB have them: folds that share no subject, half same and half different.

LFW (Huang et al. 2007, view 2) has 10 folds of 300 + 300 pairs; AgeDB (Moschoglou et al. 2017) has four such protocols,
with 5, 10, 20 and 30 years between the two pictures of every pair. Here the years are those between the photos.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dataset.tables import NO_SUBJECT, NO_YEAR, FaceTable, PairTable

GAPS = (5, 10, 20, 30)
FOLDS = 10
PAIRS_OF_A_FOLD = 300

_LEAST_SUBJECTS = 2  # of a fold: a pair of two people needs them

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Fold:
    """Pairs of rows of the face table, shape (n, 2) each, the younger first; as many same as different."""

    same: Rows
    different: Rows


@dataclass(frozen=True, eq=False)
class Protocol:
    """Folds of equal size for one gap; none, and a `reason`, where the faces do not allow any."""

    gap_years: int
    folds: tuple[Fold, ...]
    reason: str | None = None

    @property
    def pairs_of_a_fold(self) -> int:
        """How many same pairs, and as many different ones, each fold has."""
        return len(self.folds[0].same) if self.folds else 0


def build_protocol(faces: FaceTable, pairs: PairTable, *, gap_years: int, seed: int) -> Protocol:
    """Choose the folds of one gap from `pairs`, by the faces' names and the seed, whatever their row numbers.

    A different pair is the younger face of a same pair with a face of somebody else in the fold who was photographed in
    the year of the older one, so that years alone do not tell same from different.
    """
    wanted = np.flatnonzero(pairs.gap_years == gap_years)
    same = np.stack([pairs.younger[wanted], pairs.older[wanted]], axis=1)
    fold_of = _deal(faces, same, seed)
    if fold_of is None:
        people = len(np.unique(faces.subject[same[:, 0]]))
        return Protocol(gap_years, (), f"{people} subjects have a pair of this gap; two folds need 4")
    keys = _keys(faces, seed)
    candidates = [_fold(faces, same, fold_of, number, keys, gap_years) for number in range(int(fold_of.max()) + 1)]
    size = min(PAIRS_OF_A_FOLD, *(len(fold.different) for fold in candidates))
    if not size:
        return Protocol(gap_years, (), "a fold has no two subjects who were photographed in the years of a pair")
    return Protocol(gap_years, tuple(Fold(fold.same[:size], fold.different[:size]) for fold in candidates))


def _deal(faces: FaceTable, same: Rows, seed: int) -> NDArray[np.int64] | None:
    """Return the fold of each subject: who has most pairs goes into the emptiest fold, then the next; None: too few."""
    with_pairs, counts = np.unique(faces.subject[same[:, 0]], return_counts=True)
    folds = min(FOLDS, len(with_pairs) // _LEAST_SUBJECTS)
    if folds < 2:
        return None
    names = {int(subject): _hash(f"fold-{seed}|{faces.subject_names[subject]}") for subject in _subjects(faces)}
    pairs_of = dict(zip(with_pairs.tolist(), counts.tolist(), strict=True))
    fold_of = np.full(len(faces.subject_names), -1, np.int64)
    filled, people = [0] * folds, [0] * folds
    for subject in sorted(names, key=lambda subject: (-pairs_of.get(subject, 0), names[subject])):
        fold = min(range(folds), key=lambda number: (filled[number], people[number], number))
        if subject not in pairs_of:  # somebody to be mistaken for; spread evenly
            fold = min(range(folds), key=lambda number: (people[number], number))
        filled[fold] += pairs_of.get(subject, 0)
        people[fold] += 1
        fold_of[subject] = fold
    return fold_of


def _fold(
    faces: FaceTable, same: Rows, fold_of: NDArray[np.int64], number: int, keys: NDArray[np.uint64], gap_years: int
) -> Fold:
    """Return the pairs of one fold, in the order of their keys; where there is nobody to mistake, no pair of either."""
    inside = same[fold_of[faces.subject[same[:, 0]]] == number]
    inside = inside[np.argsort(keys[inside[:, 0]] ^ (keys[inside[:, 1]] * np.uint64(31)), kind="stable")]
    others = np.flatnonzero((faces.subject != NO_SUBJECT) & (faces.year != NO_YEAR))
    others = others[fold_of[faces.subject[others]] == number]
    by_year = _by_year(faces, others[np.argsort(keys[others], kind="stable")])
    same_pairs, different = [], []
    used: set[tuple[int, int]] = set()
    turns: dict[int, int] = {}
    for younger, older in inside.tolist():
        year = int(faces.year[younger]) + gap_years
        stranger = _stranger(faces, younger, by_year.get(year, []), turns, year, used)
        if stranger is not None:
            same_pairs.append((younger, older))
            different.append((younger, stranger))
        if len(different) == PAIRS_OF_A_FOLD:
            break
    return Fold(_rows(same_pairs), _rows(different))


def _stranger(
    faces: FaceTable, younger: int, there: list[int], turns: dict[int, int], year: int, used: set[tuple[int, int]]
) -> int | None:
    """Return the next face of that year that is of somebody else; each comes up once before any comes up again."""
    start = turns.get(year, 0)
    for step in range(len(there)):
        face = there[(start + step) % len(there)]
        if faces.subject[face] != faces.subject[younger] and (younger, face) not in used:
            turns[year] = start + step + 1
            used.add((younger, face))
            return face
    return None


def _by_year(faces: FaceTable, rows: Rows) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row in rows.tolist():
        found.setdefault(int(faces.year[row]), []).append(row)
    return found


def _keys(faces: FaceTable, seed: int) -> NDArray[np.uint64]:
    names = zip(faces.site, faces.site_id, faces.face_id.tolist(), strict=True)
    return np.array([_hash(f"pair-{seed}|{site}|{site_id}|{face}") for site, site_id, face in names], np.uint64)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _subjects(faces: FaceTable) -> list[int]:
    dated = (faces.subject != NO_SUBJECT) & (faces.year != NO_YEAR)
    return [int(subject) for subject in np.unique(faces.subject[dated])]


def _rows(pairs: Iterable[tuple[int, int]]) -> Rows:
    return np.array(list(pairs), np.int64).reshape(-1, 2)
