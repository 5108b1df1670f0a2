"""Protocols that need nothing but who is who: FG-NET, AgeDB, UTKFace."""

from collections.abc import Sequence

import numpy as np

from agegap.errors import NothingToDo
from dataset.tables import FaceTable
from train.protocols.details import Details
from train.protocols.folds import Fold, Mask, aged, fold_of, photos, tenths_folds, units, with_validation

YOUNGEST, OLDEST = 21, 60
"""Ages of the CORAL list of UTKFace, both ends included."""


def leave_one_out(faces: FaceTable, _details: Details, seed: int) -> Sequence[Fold]:
    """Return a fold for each person: tested alone, a tenth of the others validates."""
    where, names = aged(faces) & (faces.subject >= 0), units(faces)
    people = sorted({names[row] for row in np.flatnonzero(where).tolist()})
    if not people:
        raise NothingToDo("leave one person out", "the faces name nobody", "use a set with identities")
    folds = []
    for person in people:
        test = where & np.array([name == person for name in names])
        folds.append(with_validation(person, where & ~test, test, names, seed=seed, purpose="lopo"))
    return folds


def five_folds(faces: FaceTable, _details: Details, seed: int) -> Sequence[Fold]:
    """Return five folds of people, of photos where the set names nobody."""
    return tenths_folds(units(faces), aged(faces), seed=seed, purpose="5fold")


def adults_80_20(faces: FaceTable, details: Details, seed: int) -> Sequence[Fold]:
    """Return one fold of the ages 21 to 60: a fifth tests, by the user's list where it says which, else by hash."""
    where: Mask = aged(faces) & (faces.age >= YOUNGEST) & (faces.age < OLDEST + 1)
    if details:
        return [listed(faces, details, where)]
    return tenths_folds(photos(faces), where, seed=seed, purpose="21-60")[:1]


def listed(faces: FaceTable, details: Details, where: Mask) -> Fold:
    """Return the fold of a user's list: each photo's `split`; a tenth of train validates where the list has no val."""
    split = np.array([str(details.get(name, {}).get("split") or "") for name in faces.site_id])
    train, val, test = (where & (split == word) for word in ("train", "val", "test"))
    if not val.any():
        return with_validation("list", train, test, units(faces), seed=0, purpose="list")
    return fold_of("list", train, val, test)
