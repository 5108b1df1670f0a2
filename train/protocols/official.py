"""Sets that come with their own split: CACD2000, ChaLearn LAP 2015 and 2016, Adience."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from agegap.errors import NothingToDo
from dataset.tables import FaceTable
from train.protocols.details import Details, column
from train.protocols.folds import Fold, aged, fold_of, units, with_validation

_CACD_VAL_RANK, _CACD_TEST_RANK = 2, 5  # ranks 1 and 2 are 80 people, 3 to 5 are 120; the other 1,800 are not cleaned
_ADIENCE_FOLDS = 5
_OLDEST_MIDDLE = 80  # years: 60 and more then stand for 70; a middle between 60 and 100 would be older than most


def cacd(faces: FaceTable, details: Details, _seed: int) -> Sequence[Fold]:
    """Return the fold of CACD2000: people of rank 1 and 2 validate, of rank 3 to 5 test, the others train."""
    known = [np.nan if value is None else float(value) for value in column(details, faces.site_id, "rank")]
    rank, where = np.array(known), aged(faces)
    with np.errstate(invalid="ignore"):
        val, test = where & (rank <= _CACD_VAL_RANK), where & (rank > _CACD_VAL_RANK) & (rank <= _CACD_TEST_RANK)
        train = where & (rank > _CACD_TEST_RANK)
    return [fold_of("official", train, val, test)]


def chalearn(faces: FaceTable, _details: Details, _seed: int) -> Sequence[Fold]:
    """Return the official fold of ChaLearn LAP: the photo's id begins with train, valid or test."""
    split = np.array([site_id.split("/")[0] for site_id in faces.site_id])
    where = aged(faces)
    masks = [where & (split == word) for word in ("train", "valid", "test")]
    if not all(mask.any() for mask in masks):
        raise NothingToDo("ChaLearn LAP", "a split has no face", "import the set with all three of its lists")
    return [fold_of("official", *masks)]


def adience(faces: FaceTable, details: Details, seed: int) -> Sequence[Fold]:
    """Return the five official folds of Adience, people apart; a tenth of the other people validates.

    The set says a group of ages: its middle stands for it in training, and tells `evaluate` the group. The MAE is then
    of the middle; exact and one-off are the figures that papers print.
    """
    number, low, high = (
        np.array([np.nan if value is None else float(value) for value in column(details, faces.site_id, name)])
        for name in ("fold", "age_min", "age_max")
    )
    middle = ((low + np.minimum(high, _OLDEST_MIDDLE)) / 2).astype(np.float32)
    where, names = np.isfinite(number) & np.isfinite(middle), units(faces)
    folds = [
        with_validation(str(k), where & (number != k), where & (number == k), names, seed=seed, purpose="adience")
        for k in range(_ADIENCE_FOLDS)
    ]
    return [replace(fold, ages=middle) for fold in folds]
