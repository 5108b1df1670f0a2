"""The faces to look into: those of photos, or some of a dataset folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agegap.errors import DataFailed
from dataset.splits import SPLITS
from train.data import check_recipe, open_datasets
from train.model import Model


@dataclass(frozen=True, eq=False)
class FaceToExplain:
    """One stored crop (128, 128, 3), what it is called, and its true age where a dataset says it."""

    name: str
    crop: NDArray[np.uint8]
    true_age: float | None = None


def faces_of_photos(photos: Sequence[Path], model: Model) -> list[FaceToExplain]:
    """Return the main face of each photo; raise DataFailed for the first that gives none."""
    from train.predict.answers import NoAge
    from train.predict.photos import predict_photos

    found = []
    for path, answer in zip(photos, predict_photos(photos, model), strict=True):
        if isinstance(answer, NoAge):
            raise DataFailed(f"{path}: {answer.detail}; leave it out")
        found.append(FaceToExplain(path.stem, answer.crops[0]))
    return found


def faces_of_dataset(folder: Path, model: Model, *, split: str, count: int) -> list[FaceToExplain]:
    """Return `count` faces of one split ("all": every split), spread evenly over their ages; the youngest first.

    Raises DataFailed where the split has no face.
    """
    dataset = open_datasets([folder])[0]
    check_recipe(dataset, model.crop)
    faces = dataset.faces
    rows = np.arange(len(faces)) if split == "all" else np.flatnonzero(faces.split == SPLITS[split])
    if not len(rows):
        raise DataFailed(f"{folder}: no face in split '{split}'; name another with --split")
    # Where no age is known the order is that of the folder: a stable sort, and NaN comes last.
    in_order = rows[np.argsort(faces.age[rows], kind="stable")]
    places = np.unique(np.linspace(0, len(in_order) - 1, min(count, len(in_order))).round().astype(int))
    return [
        FaceToExplain(
            f"face {int(faces.face_id[row])}",
            np.asarray(dataset.crops[row]),
            float(faces.age[row]) if np.isfinite(faces.age[row]) else None,
        )
        for row in in_order[places]
    ]
