"""Dataset folders of one fold, cut from the folder that holds all of FG-NET: the same crops, other tables.

What a trainer may not know is not in its folder: the pairs' folder has no age and no photo id that spells one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dataset.splits import Split
from dataset.store import Dataset, is_dataset, write_dataset
from dataset.tables import FaceTable, PairTable, no_pairs

JITTER, STRANGERS = 31, 32
"""Keys of the draws."""

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class PairNoise:
    """What is wrong with the pairs: nothing, K of taken years instead of ages, or pairs of two people."""

    # K = difference of taken years, of people born and photographed on any day: K - 1, K or K + 1 of the ages.
    from_years: bool = False
    # Share of the pairs that show two people, because photos lie in somebody else's folder.
    wrong_pairs: float = 0.0
    seed: int = 0

    @property
    def name(self) -> str:
        """Part of the folder's name."""
        return ("-years" if self.from_years else "") + (f"-wrong{self.wrong_pairs:g}" if self.wrong_pairs else "")


CLEAN = PairNoise()


def write_labelled(master: Dataset, folder: Path, splits: Mapping[Split, Collection[str]]) -> Path:
    """Write the faces of some subjects with their ages, by split; return `folder`, which stays if it is there."""
    if is_dataset(folder):
        return folder
    split_of = {name: split for split, names in splits.items() for name in names}
    rows = rows_of(master.faces, split_of)
    faces = _faces(master.faces, rows)
    splits_of_rows = [split_of[subject_of(master.faces, row)] for row in rows.tolist()]
    faces = replace(faces, split=np.array(splits_of_rows, np.int8))
    return write_dataset(folder, (master.crops[row] for row in rows), faces, no_pairs(), manifest=_manifest(master))


def write_pairs(master: Dataset, folder: Path, subjects: Collection[str], noise: PairNoise = CLEAN) -> Path:
    """Write the faces of `subjects` without ages and all pairs of each; return `folder`, which stays if it is there."""
    if is_dataset(folder):
        return folder
    rows = rows_of(master.faces, subjects)
    ages = master.faces.age[rows].astype(np.float64)
    years = taken_years(ages, master.faces.subject[rows], seed=noise.seed) if noise.from_years else ages.astype(int)
    faces = _faces(master.faces, rows)
    unknown = np.full(len(rows), np.nan, np.float32)
    hidden = replace(faces, age=unknown, site_id=tuple(str(number) for number in range(len(rows))))
    shown = rows[exchanged(faces.subject, share=photos_of_pairs(noise.wrong_pairs), seed=noise.seed)]
    pairs = all_pairs(faces.subject, years)
    return write_dataset(folder, (master.crops[row] for row in shown), hidden, pairs, manifest=_manifest(master))


def rows_of(faces: FaceTable, subjects: Collection[str]) -> Rows:
    """Return the rows of the faces of `subjects`, in order."""
    wanted = [number for number, name in enumerate(faces.subject_names) if name in subjects]
    return np.flatnonzero(np.isin(faces.subject, wanted))


def subject_of(faces: FaceTable, row: int) -> str:
    """Return the name of the subject of a face."""
    name: str = faces.subject_names[int(faces.subject[row])]
    return name


def all_pairs(subject: NDArray[np.int32], years: NDArray[np.int64]) -> PairTable:
    """Return every two faces of one subject with at least a year between, the younger first."""
    found = []
    for one in np.unique(subject):
        rows = np.flatnonzero(subject == one)
        found += [sorted(pair, key=lambda row: int(years[row])) for pair in combinations(rows.tolist(), 2)]
    ends = np.array(found, np.int64).reshape(-1, 2)
    gaps = years[ends[:, 1]] - years[ends[:, 0]]
    ends, gaps = ends[gaps > 0], gaps[gaps > 0]
    return PairTable(ends[:, 0], ends[:, 1], gaps.astype(np.int16), np.ones(len(ends), np.float32))


def taken_years(ages: NDArray[np.float64], subject: NDArray[np.int32], *, seed: int) -> NDArray[np.int64]:
    """Return the calendar years of photos at completed `ages`, counted from each subject's year of birth.

    Birthdays and the days of photos are drawn evenly over the year: two years differ by the difference of the ages,
    one less or one more.
    """
    rng = np.random.default_rng([JITTER, seed])
    birthday = rng.random(int(subject.max()) + 1)[subject]
    return np.floor(birthday + ages + rng.random(len(ages))).astype(np.int64)


def photos_of_pairs(wrong_pairs: float) -> float:
    """Return the share of wrong photos that makes the share `wrong_pairs` of pairs wrong: both must be right."""
    return 1.0 - float(np.sqrt(1.0 - wrong_pairs))


def exchanged(subject: NDArray[np.int32], *, share: float, seed: int) -> Rows:
    """Return the row whose picture each face shows: its own, but for a share that shows another subject's."""
    rng = np.random.default_rng([STRANGERS, seed])
    shown = np.arange(len(subject))
    moved = rng.permutation(len(subject))[: round(share * len(subject))]
    # Sorted by subject and moved on by half: nobody gets a picture of the own folder where no folder has half of them.
    moved = moved[np.argsort(subject[moved], kind="stable")]
    shown[moved] = np.roll(moved, len(moved) // 2)
    return shown


def _faces(faces: FaceTable, rows: Rows) -> FaceTable:
    return FaceTable(
        face_id=faces.face_id[rows],
        subject=faces.subject[rows],
        subject_names=faces.subject_names,
        split=np.zeros(len(rows), np.int8),
        age=faces.age[rows],
        year=np.full(len(rows), -1, np.int32),
        year_confidence=np.zeros(len(rows), np.float32),
        site=tuple(faces.site[row] for row in rows.tolist()),
        site_id=tuple(faces.site_id[row] for row in rows.tolist()),
    )


def _manifest(master: Dataset) -> dict[str, object]:
    return {"crop": master.manifest["crop"], "cut_from": master.manifest_sha256}
