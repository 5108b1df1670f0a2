"""What a stage reads from dataset folders: labelled faces, and pairs of one subject.

The splits are those of the export and never share a subject. Training reads `train`, chooses its best epoch and its
interval on `val`, and never opens `test`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agegap.errors import NothingToDo, WrongUse
from dataset.splits import SPLITS
from dataset.store import Dataset, open_dataset
from train.crops import Crops, Rows, join, part_of

LONGEST_GAP = 60
"""Years between the photos of a pair that is read: longer ones are mostly wrong years or wrong people."""


@dataclass(frozen=True, eq=False)
class LabelledFaces:
    """Faces with an age in years, (N,) float32, behind one row number.

    `stds` (N,) is by how many years the votes on an age spread, NaN where nobody voted; None where no folder says.
    """

    crops: Crops
    ages: NDArray[np.float32]
    stds: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.ages)


@dataclass(frozen=True, eq=False)
class FacePairs:
    """Pairs of one subject: row numbers of `crops`, the years between, and whose they are; (M,) each."""

    crops: Crops
    younger: Rows
    older: Rows
    gap_years: NDArray[np.int64]
    subject: NDArray[np.int64]
    gaps: "GapRange | None" = None

    def __len__(self) -> int:
        return len(self.gap_years)

    def take(self, rows: Rows) -> "FacePairs":
        """Return the pairs of these row numbers, over the same crops."""
        gaps = None if self.gaps is None else self.gaps.take(rows)
        columns = (self.younger[rows], self.older[rows], self.gap_years[rows], self.subject[rows])
        return FacePairs(self.crops, *columns, gaps=gaps)


@dataclass(frozen=True, eq=False)
class GapRange:
    """How sure K is: its least and greatest value, and the probability that it is what it is said to be; (M,) each."""

    least: NDArray[np.int64]
    greatest: NDArray[np.int64]
    confidence: NDArray[np.float32]

    def take(self, rows: Rows) -> "GapRange":
        """Return those of the pairs of these row numbers."""
        return GapRange(self.least[rows], self.greatest[rows], self.confidence[rows])


def open_datasets(folders: Sequence[Path]) -> list[Dataset]:
    """Open the folders; raise BadInputFile for one that is no dataset, WrongUse where crops are cut differently."""
    datasets = [open_dataset(folder) for folder in folders]
    for other in datasets[1:]:
        if crop_recipe(other) != crop_recipe(datasets[0]):
            raise WrongUse(
                f"{other.folder} holds crops {crop_recipe(other)}, {datasets[0].folder} {crop_recipe(datasets[0])}; "
                "export both with one crop recipe"
            )
    return datasets


def crop_recipe(dataset: Dataset) -> dict[str, Any]:
    """Return how the crops of a dataset are cut (size, template), as its manifest says."""
    return dict(dataset.manifest.get("crop") or {})


def check_recipe(dataset: Dataset, recipe: dict[str, Any]) -> None:
    """Raise WrongUse where a dataset's crops are cut differently from those a net was trained on."""
    if crop_recipe(dataset) != recipe:
        raise WrongUse(
            f"{dataset.folder} holds crops {crop_recipe(dataset)}, the net was trained on {recipe}; "
            "export the faces with that recipe"
        )


def identity_of(dataset: Dataset) -> dict[str, Any]:
    """Return what a run notes about a dataset it read."""
    return {
        "folder": str(dataset.folder),
        "manifest_sha256": dataset.manifest_sha256,
        "faces": len(dataset.faces.age),
        "pairs": len(dataset.pairs.gap_years),
    }


def labelled_faces(datasets: Sequence[Dataset], split: str, *, input_size: int) -> LabelledFaces:
    """Return the faces with an age of one split ("all" = every split); raise NothingToDo where there is none."""
    check_labelled(datasets, split)
    parts, ages, stds = [], [], []
    for dataset in datasets:
        rows = _labelled_rows(dataset, split)
        parts.append(part_of(dataset.crops, rows, input_size=input_size))
        ages.append(np.asarray(dataset.faces.age[rows], dtype=np.float32))
        stds.append(np.asarray(dataset.faces.age_std[rows], dtype=np.float32))
    all_stds = np.concatenate(stds)
    return LabelledFaces(join(parts), np.concatenate(ages), all_stds if np.isfinite(all_stds).any() else None)


def check_labelled(datasets: Sequence[Dataset], split: str) -> None:
    """Raise NothingToDo where no face of the split has an age; no crop is read."""
    if not any(len(_labelled_rows(dataset, split)) for dataset in datasets):
        folders = ", ".join(str(dataset.folder) for dataset in datasets)
        raise NothingToDo(
            folders or "labelled faces",
            f"no face with an age in split '{split}'",
            "export faces of a set with age labels, with a share for that split",
        )


def _labelled_rows(dataset: Dataset, split: str) -> Rows:
    is_here = np.ones(len(dataset.faces.age), bool) if split == "all" else dataset.faces.split == SPLITS[split]
    return np.flatnonzero(is_here & np.isfinite(dataset.faces.age)).astype(np.int64)


def face_pairs(dataset: Dataset, split: str, *, input_size: int, k_max: int) -> FacePairs:
    """Return the pairs of one split with at most `k_max` years between, possibly none; reads only their faces."""
    pairs, faces = dataset.pairs, dataset.faces
    chosen = _pairs_of(dataset, split, k_max)
    younger, older = np.asarray(pairs.younger[chosen]), np.asarray(pairs.older[chosen])
    rows, place = np.unique(np.concatenate([younger, older]), return_inverse=True)
    return FacePairs(
        crops=join([part_of(dataset.crops, rows.astype(np.int64), input_size=input_size)]),
        younger=place[: len(younger)].astype(np.int64),
        older=place[len(younger) :].astype(np.int64),
        gap_years=np.asarray(pairs.gap_years[chosen], dtype=np.int64),
        subject=np.asarray(faces.subject[younger], dtype=np.int64),
        gaps=GapRange(
            least=np.asarray(pairs.gap_min[chosen], dtype=np.int64),
            greatest=np.asarray(pairs.gap_max[chosen], dtype=np.int64),
            confidence=np.asarray(pairs.confidence[chosen], dtype=np.float32),
        ),
    )


def held_out_pairs(dataset: Dataset, *, input_size: int) -> FacePairs:
    """Return the pairs of split "val", at most LONGEST_GAP years apart, possibly none."""
    return face_pairs(dataset, "val", input_size=input_size, k_max=LONGEST_GAP)


def check_held_out_pairs(dataset: Dataset, *, needed_to: str = "") -> None:
    """Raise NothingToDo where there are no held-out pairs; `needed_to` says what for. Reads no face."""
    if not _pairs_of(dataset, "val", LONGEST_GAP).any():
        raise NothingToDo(dataset.folder, f"no pair in split 'val'{needed_to}", "export it with a share for val")


def _pairs_of(dataset: Dataset, split: str, k_max: int) -> NDArray[np.bool_]:
    pairs, faces = dataset.pairs, dataset.faces
    return np.asarray((faces.split[pairs.younger] == SPLITS[split]) & (pairs.gap_years <= k_max))
