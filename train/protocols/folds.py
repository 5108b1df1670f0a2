"""Folds: which rows train, validate and test, whatever the order of the rows.

A fold is chosen by the hash of a person's name (of a photo's id where the set names nobody) and the seed, so the same
people are in it in every export.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agegap.errors import WrongUse
from dataset.tables import FaceTable
from train.protocols.details import Details

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

BUCKETS = 10
"""Tenths of the people; a fold of five tests two tenths and validates on the next two, as Paplham & Franc do."""


@dataclass(frozen=True, eq=False)
class Fold:
    """Row numbers of a dataset folder, each in increasing order; what is in none of the three has no part."""

    name: str
    train: Rows
    val: Rows
    test: Rows
    ages: NDArray[np.float32] | None = None
    """An age for each row of the folder (N,), where the set has only groups of ages; None = the folder's own."""

    def __post_init__(self) -> None:
        for part in (self.train, self.val, self.test):
            if not len(part):
                raise WrongUse(f"fold {self.name} has no faces to train, validate or test on; the data are too few")


@dataclass(frozen=True)
class Protocol:
    """One way to split one set; `folds` gives the folds of a dataset's faces."""

    name: str
    about: str
    """One sentence with the source."""
    folds: Callable[[FaceTable, Details, int], Sequence[Fold]]
    kind: str = ""
    """The layout of dataset/sources whose copy must be given, where rows need more than the folder keeps."""


def aged(faces: FaceTable) -> Mask:
    """Return which faces have an age (N,)."""
    return np.isfinite(faces.age)


def units(faces: FaceTable) -> list[str]:
    """Return whom each face is kept together with (N,): its subject, or itself where the set names nobody."""
    names = faces.subject_names
    return [
        names[code] if code >= 0 else f"{site}/{site_id}"
        for code, site, site_id in zip(faces.subject.tolist(), faces.site, faces.site_id, strict=True)
    ]


def photos(faces: FaceTable) -> list[str]:
    """Return the name of each photo (N,)."""
    return [f"{site}/{site_id}" for site, site_id in zip(faces.site, faces.site_id, strict=True)]


def dealt(names: Sequence[str], where: Mask, *, parts: int, seed: int, purpose: str) -> Rows:
    """Return the part 0..parts-1 of each row (N,), -1 outside `where`; rows of one name share it.

    The names are dealt out like cards in the order of their hashes: parts differ by one name at most.
    """
    present = sorted(
        {names[row] for row in np.flatnonzero(where).tolist()}, key=lambda name: _hash(purpose, seed, name)
    )
    place = {name: number % parts for number, name in enumerate(present)}
    return np.array([place[name] if is_in else -1 for name, is_in in zip(names, where.tolist(), strict=True)], np.int64)


def smallest(names: Sequence[str], where: Mask, count: int, *, seed: int, purpose: str) -> Mask:
    """Return a mask of the `count` rows of `where` whose names have the smallest hashes; all where there are fewer."""
    rows = sorted(np.flatnonzero(where).tolist(), key=lambda row: _hash(purpose, seed, names[row]))
    chosen = np.zeros(len(names), bool)
    chosen[rows[:count]] = True
    return chosen


def tenths_folds(names: Sequence[str], where: Mask, *, seed: int, purpose: str) -> list[Fold]:
    """Return five folds: test two tenths of the names, validate on the next two, train on the other six."""
    tenth = dealt(names, where, parts=BUCKETS, seed=seed, purpose=purpose)
    found = []
    for number in range(BUCKETS // 2):
        test = np.isin(tenth, [2 * number, 2 * number + 1])
        val = np.isin(tenth, [(2 * number + 2) % BUCKETS, (2 * number + 3) % BUCKETS])
        found.append(fold_of(str(number), where & ~test & ~val, val, test))
    return found


def with_validation(name: str, rest: Mask, test: Mask, names: Sequence[str], *, seed: int, purpose: str) -> Fold:
    """Return a fold that validates on a tenth of the names of `rest` and trains on the others."""
    part = dealt(names, rest, parts=BUCKETS, seed=seed, purpose=f"{purpose}-val-{name}")
    return fold_of(name, rest & (part != 0), rest & (part == 0), test)


def fold_of(name: str, train: Mask, val: Mask, test: Mask) -> Fold:
    """Return a fold of masks (N,)."""
    rows = [np.flatnonzero(mask).astype(np.int64) for mask in (train, val, test)]
    return Fold(name, rows[0], rows[1], rows[2])


def leaked_people(faces: FaceTable, fold: Fold) -> int:
    """Return how many people of the test faces also train or validate: such a figure says little of strangers."""
    seen = set(faces.subject[np.concatenate([fold.train, fold.val])].tolist())
    return len((set(faces.subject[fold.test].tolist()) & seen) - {-1})


def _hash(purpose: str, seed: int, name: str) -> bytes:
    return hashlib.sha256(f"{purpose}-{seed}|{name}".encode()).digest()
