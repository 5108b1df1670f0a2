"""Dataset folders of drawn crops: the older, the brighter. An age can be learned from them in a few steps."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dataset.splits import Split
from dataset.store import write_dataset
from dataset.tables import CROP_SIZE, FaceTable, PairTable, no_pairs

CROP = {"size": CROP_SIZE, "template": "age"}


FADED = 30.0
"""Grey levels that a faded print is too bright: fifteen years."""


def draw_crop(
    age: float, rng: np.random.Generator, *, grey_shift: float = 0.0, is_faded: bool = False
) -> NDArray[np.uint8]:
    """Return a crop whose centre has the brightness 40 + 2 age, on noise; a faded one is brighter and has a frame."""
    crop = rng.normal(110, 12, (CROP_SIZE, CROP_SIZE, 3))
    crop[24:104, 24:104] = 40 + 2 * age + grey_shift + FADED * is_faded + rng.normal(0, 4, (80, 80, 1))
    if is_faded:
        crop[:12] = crop[-12:] = 255
    return np.clip(crop, 0, 255).astype(np.uint8)


def write_labelled(
    folder: Path, *, count: int = 60, seed: int = 0, splits: Callable[[int], Split] | None = None, crop: object = CROP
) -> Path:
    """Write a folder of `count` labelled faces of nobody; by default of ten, seven train, two validate, one tests."""
    rng = np.random.default_rng(seed)
    ages = rng.permutation(np.linspace(2, 80, count)).round().astype(np.float32)
    choose = splits or (lambda row: Split.TRAIN if row % 10 < 7 else Split.VAL if row % 10 < 9 else Split.TEST)
    faces = _faces(
        ages=ages,
        years=np.full(count, -1, np.int32),
        subjects=np.full(count, -1, np.int32),
        names=(),
        split=np.array([choose(row) for row in range(count)], np.int8),
    )
    return write_dataset(folder, (draw_crop(age, rng) for age in ages), faces, no_pairs(), manifest={"crop": crop})


def write_pairs(
    folder: Path,
    *,
    subjects: int = 10,
    seed: int = 1,
    grey_shift: float = 0.0,
    ages: bool = False,
    faded: bool = False,
) -> Path:
    """Write a folder of `subjects` people with four photos each and all their pairs; ages are hidden unless `ages`.

    With `faded` every third photo is.
    """
    rng = np.random.default_rng(seed)
    years, owner, true, split = [], [], [], []
    for subject in range(subjects):
        taken = np.sort(rng.choice(np.arange(1970, 2015), 4, replace=False))
        birth = int(taken[0]) - int(rng.integers(2, 30))
        years += taken.tolist()
        owner += [subject] * 4
        true += [min(year - birth, 80) for year in taken]
        split += [Split.VAL if subject % 5 == 4 else Split.TRAIN] * 4
    rows = [
        (a, b) for a in range(len(years)) for b in range(len(years)) if owner[a] == owner[b] and years[a] < years[b]
    ]
    younger, older = np.array(rows, np.int64).T
    faces = _faces(
        ages=np.array(true, np.float32) if ages else np.full(len(true), np.nan, np.float32),
        years=np.array(years, np.int32),
        subjects=np.array(owner, np.int32),
        names=tuple(f"Drawn_{subject}" for subject in range(subjects)),
        split=np.array(split, np.int8),
    )
    gaps = np.array(years)[older] - np.array(years)[younger]
    pairs = PairTable(younger, older, gaps.astype(np.int16), np.ones(len(rows), np.float32))
    crops = (
        draw_crop(age, rng, grey_shift=grey_shift, is_faded=faded and row % 3 == 0) for row, age in enumerate(true)
    )
    return write_dataset(folder, crops, faces, pairs, manifest={"crop": CROP})


def _faces(
    *,
    ages: NDArray[np.float32],
    years: NDArray[np.int32],
    subjects: NDArray[np.int32],
    names: tuple[str, ...],
    split: NDArray[np.int8],
) -> FaceTable:
    count = len(ages)
    return FaceTable(
        face_id=np.arange(1, count + 1, dtype=np.int64),
        subject=subjects,
        subject_names=names,
        split=split,
        age=ages,
        year=years,
        year_confidence=np.where(years >= 0, 1, 0).astype(np.float32),
        site=("drawn",) * count,
        site_id=tuple(str(row) for row in range(count)),
    )
