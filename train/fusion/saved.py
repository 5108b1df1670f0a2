"""What a member says of the validation faces, asked once and kept: below OUT/saved, or in its predictions.parquet.

A second `train fuse` with another method, or one after a kill, asks no net again.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agegap.errors import BadInputFile
from agegap.files import atomic_path
from dataset.store import Dataset
from train.data import LabelledFaces, labelled_faces
from train.evaluation.evaluate import labelled_rows
from train.evaluation.said_table import PREDICTIONS, read_about, read_said

if TYPE_CHECKING:
    from train.model import Model

FOLDER = "saved"


@dataclass(frozen=True, eq=False)
class Said:
    """Distributions over years (N, C) and features (N, D), None where nobody asked for them."""

    shares: NDArray[np.float32]
    features: NDArray[np.float32] | None


def ask(member: "Model", dataset: Dataset, *, split: str, out: Path, with_features: bool) -> Said:
    """Return what `member` says of the faces with an age of one split of a dataset folder, in its order."""
    path = out / FOLDER / f"{member.weights_sha256[:16]}-{dataset.manifest_sha256[:16]}-{split}.npz"
    kept = _read(path, with_features=with_features)
    if kept is not None:
        return kept
    if not with_features and (evaluated := _evaluated(member, dataset, split=split)) is not None:
        return Said(evaluated, None)
    faces: LabelledFaces = labelled_faces([dataset], split, input_size=member.input_size)
    said = Said(member.distributions(faces.crops), member.features(faces.crops) if with_features else None)
    with atomic_path(path) as part, part.open("wb") as handle:
        if said.features is None:
            np.savez(handle, shares=said.shares)
        else:
            np.savez(handle, shares=said.shares, features=said.features)
    return said


def _read(path: Path, *, with_features: bool) -> Said | None:
    try:
        with np.load(path, allow_pickle=False) as found:
            features = found["features"] if "features" in found.files else None
            return None if with_features and features is None else Said(found["shares"], features)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def _evaluated(member: "Model", dataset: Dataset, *, split: str) -> NDArray[np.float32] | None:
    """Return the distributions of predictions.parquet where it is of these weights, faces and split."""
    path = (member.path if member.path.is_dir() else member.path.parent) / PREDICTIONS
    wanted = {"weights_sha256": member.weights_sha256, "manifest_sha256": dataset.manifest_sha256, "split": split}
    try:
        if read_about(path) != wanted:
            return None
        said = read_said(path)
    except (OSError, ValueError, BadInputFile):
        return None
    if not np.array_equal(said.face_id, dataset.faces.face_id[labelled_rows(dataset, split)]):
        return None
    shares = said.shares.astype(np.float32)  # kept in half precision: their sum is 1 to a thousandth
    scaled: NDArray[np.float32] = shares / shares.sum(axis=1, keepdims=True)
    return scaled
