"""Row 5: UTKFace by itself, five folds of all ages, from scratch."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.claim_rows.arms import learn_ages
from benchmarks.claim_rows.conditions import Condition, over_folds
from benchmarks.claim_rows.people import FOLDS, Fold
from benchmarks.claim_rows.workplace import Workplace
from dataset.splits import Split
from dataset.store import is_dataset, open_dataset, write_dataset
from dataset.tables import no_pairs

SEED = 5
VAL_SHARE = 0.06

LIGHT: Mapping[str, Any] = {
    "grey_probability": 0.1,
    "blur_probability": 0.05,
    "low_resolution_probability": 0.05,
    "noise_probability": 0.05,
    "brightness": 0.15,
    "contrast": 0.15,
    "gamma": 0.1,
}
"""Less variation than the preset's, which is to meet photos of another kind: here all are of one."""

VARIATIONS: Mapping[str, Mapping[str, Any]] = {"lighter variation": LIGHT}


def utkface_folds(where: Workplace) -> list[Condition]:
    """Return a condition for each setting; photos without a subject count as people of their own."""
    return [_condition(where, name, augment) for name, augment in VARIATIONS.items()]


def write_fold(where: Workplace, fold: Fold) -> Path:
    """Write UTKFace with a fifth of its faces as test; return the folder, which stays if it is there."""
    folder = where.of_fold(fold, "utkface")
    if is_dataset(folder):
        return folder
    whole = open_dataset(where.utkface)
    rng = np.random.default_rng(SEED)
    part = rng.permutation(len(whole.faces)) % FOLDS
    split = np.where(rng.random(len(whole.faces)) < VAL_SHARE, Split.VAL, Split.TRAIN)
    split[part == fold.number] = Split.TEST
    faces = replace(whole.faces, split=split.astype(np.int8))
    return write_dataset(folder, iter(whole.crops), faces, no_pairs(), manifest={"crop": whole.manifest["crop"]})


def _condition(where: Workplace, name: str, augment: Mapping[str, Any]) -> Condition:
    def folder(fold: Fold) -> Path:
        return where.of_condition("utkface", name, fold)

    def train(fold: Fold) -> Path:
        net = where.typed.get("net")
        return learn_ages(where, folder(fold), labelled=write_fold(where, fold), augment=augment, net=net)

    return over_folds(where, name, train, test=lambda fold: write_fold(where, fold), folder=folder)
