"""A fold as a dataset folder of its own, without a second copy of the pictures.

`faces.npy` is the same file (a hard link, or a symbolic one on another disk); index, pairs and manifest are new. So
every stage reads a fold like any export, and `manifest_sha256` tells folds apart. It is removed when the fold is done:
a takedown purges the folder it was made from.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from agegap.files import sha256_of_file, write_json
from agegap.folders import replaced_folder
from dataset.parquet import write_faces, write_pairs
from dataset.splits import Split
from dataset.store import CROPS, INDEX, MANIFEST, PAIRS, Dataset, is_dataset
from dataset.tables import FaceTable, PairTable
from train.protocols.folds import Fold


def write_fold(dataset: Dataset, fold: Fold, out: Path, *, protocol: str, hide_ages: bool = False) -> Path:
    """Write the fold of `dataset` as the dataset folder `out` and return it.

    Faces outside the fold have no age and no pair. Where people leak from train to test nobody has a name: the folder
    says that a subject is in one split only. `hide_ages` leaves ages to the test faces alone.
    """
    faces = fold_faces(dataset.faces, fold, hide_ages=hide_ages)
    pairs = fold_pairs(dataset.pairs, faces, fold)
    with replaced_folder(out, is_ours=is_dataset) as part:
        _share(dataset.folder / CROPS, part / CROPS)
        write_faces(part / INDEX, faces)
        write_pairs(part / PAIRS, pairs)
        files = dict(dataset.manifest["files"])
        for name in (INDEX, PAIRS):
            files[name] = {"sha256": sha256_of_file(part / name), "bytes": (part / name).stat().st_size}
        about = {"protocol": protocol, "fold": fold.name, "made_from": dataset.manifest_sha256}
        kept = {key: value for key, value in dataset.manifest.items() if key not in ("counts", "documents", "split")}
        write_json(part / MANIFEST, {**kept, "files": files, "fold": about})
    return out


def fold_faces(faces: FaceTable, fold: Fold, *, hide_ages: bool = False) -> FaceTable:
    """Return the index of a fold: its splits, and no age for what is outside it."""
    split = np.full(len(faces), int(Split.TRAIN), np.int8)
    age = np.full(len(faces), np.nan, np.float32)
    stated = faces.age if fold.ages is None else fold.ages
    for rows, part in ((fold.train, Split.TRAIN), (fold.val, Split.VAL), (fold.test, Split.TEST)):
        split[rows] = int(part)
        if not hide_ages or part is Split.TEST:
            age[rows] = stated[rows]
    subject = faces.subject.copy()
    in_fold = np.zeros(len(faces), bool)
    in_fold[np.concatenate([fold.train, fold.val, fold.test])] = True
    subject[~in_fold] = -1
    shown = replace(faces, split=split, age=age, subject=subject)
    return replace(shown, subject=np.full_like(subject, -1)) if _leaks(shown) else shown


def fold_pairs(pairs: PairTable, faces: FaceTable, fold: Fold) -> PairTable:
    """Return the pairs of which both faces stand in one split of the fold."""
    in_fold = np.zeros(len(faces), bool)
    in_fold[np.concatenate([fold.train, fold.val, fold.test])] = True
    kept = (
        in_fold[pairs.younger]
        & in_fold[pairs.older]
        & (faces.split[pairs.younger] == faces.split[pairs.older])
        & (faces.subject[pairs.younger] >= 0)
    )
    columns: dict[str, Any] = {name: column[kept] for name, column in vars(pairs).items()}
    return replace(pairs, **columns)


def _leaks(faces: FaceTable) -> bool:
    named = faces.subject >= 0
    seats = np.unique(np.stack([faces.subject[named], faces.split[named].astype(np.int32)]), axis=1)
    return bool(len(np.unique(seats[0])) != seats.shape[1])


def _share(source: Path, link: Path) -> None:
    try:
        os.link(source, link)
    except OSError:  # another disk, or one without hard links
        link.symlink_to(source.resolve())
