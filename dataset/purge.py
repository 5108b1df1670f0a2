"""Taking faces out of a dataset folder for good: the folder is written anew without them and takes the old one's place.

A reader meets the old folder or the new one, whatever the instant of a kill. Crops go from memory map to file one at a
time, so memory does not grow with the dataset; the disk holds both folders for a moment.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agegap.folders import remove_left_overs
from dataset.counts import count_licences, count_rows
from dataset.store import CROPS, INDEX, MANIFEST, PAIRS, is_dataset, open_dataset, writing_dataset
from dataset.tables import NO_SUBJECT, FaceTable, PairTable

_OWN_FILES = frozenset({CROPS, INDEX, PAIRS, MANIFEST})
_WRITER_ADDS = ("format", "version", "files")

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Purged:
    """What became of a dataset folder; `manifest_sha256` is None when nothing was left and the folder went."""

    faces_removed: int
    pairs_removed: int
    faces_left: int
    manifest_sha256: str | None
    other_files: tuple[str, ...] = ()  # files of somebody else's in the folder: kept as they were


def purge_dataset(folder: Path, find_removed: Callable[[FaceTable], Mask]) -> Purged:
    """Take the faces of `folder` that `find_removed` marks out of it, with their pairs and the names nobody bears.

    Row numbers, counts and hashes are made anew; the manifest's `removed` counts over all purges. A folder without such
    a face is not touched. Raises BadInputFile when `folder` is no sound dataset.
    """
    folder = folder.absolute()
    remove_left_overs(folder)
    if is_dataset(folder) and not (folder / CROPS).exists():
        _remove_folder(folder)  # a purge that left nothing was killed here
        return Purged(0, 0, 0, None)
    old = open_dataset(folder)
    removed = find_removed(old.faces)
    if not removed.any():
        return Purged(0, 0, len(old.faces), old.manifest_sha256)
    faces, pairs = keep_rows(old.faces, old.pairs, ~removed)
    faces_removed, pairs_removed = len(old.faces) - len(faces), len(old.pairs) - len(pairs)
    if not len(faces):
        _remove_folder(folder)
        return Purged(faces_removed, pairs_removed, 0, None)
    others = tuple(sorted(path.name for path in folder.iterdir() if path.name not in _OWN_FILES))
    with writing_dataset(folder) as writer:
        for row in np.flatnonzero(~removed):
            writer.add(np.asarray(old.crops[row]))
        for name in others:
            _copy(folder / name, writer.folder / name)
        writer.finish(faces, pairs, manifest=_manifest(old.manifest, faces, pairs, faces_removed, pairs_removed))
    return Purged(faces_removed, pairs_removed, len(faces), open_dataset(folder).manifest_sha256, others)


def keep_rows(faces: FaceTable, pairs: PairTable, kept: Mask) -> tuple[FaceTable, PairTable]:
    """Return the tables of the rows in `kept`, pairs renumbered; pairs and names without a face left are left out."""
    rows = np.flatnonzero(kept)
    new_row = np.cumsum(kept) - 1
    used, subject = np.unique(faces.subject[rows], return_inverse=True)
    named = used >= 0
    new_subject = np.where(named, np.cumsum(named) - 1, NO_SUBJECT).astype(np.int32)
    licence = faces.licence
    left = pairs.take(kept[pairs.younger] & kept[pairs.older])
    return (
        FaceTable(
            face_id=faces.face_id[rows],
            subject=new_subject[subject],
            subject_names=tuple(faces.subject_names[number] for number in used[named]),
            split=faces.split[rows],
            age=faces.age[rows],
            year=faces.year[rows],
            year_confidence=faces.year_confidence[rows],
            site=tuple(faces.site[row] for row in rows),
            site_id=tuple(faces.site_id[row] for row in rows),
            licence=None if licence is None else tuple(licence[row] for row in rows),
            age_std=faces.age_std[rows],
        ),
        replace(
            left,
            younger=new_row[left.younger].astype(np.int64),
            older=new_row[left.older].astype(np.int64),
        ),
    )


def _manifest(
    old: dict[str, Any], faces: FaceTable, pairs: PairTable, faces_removed: int, pairs_removed: int
) -> dict[str, Any]:
    before = old.get("removed") or {}
    kept = {name: value for name, value in old.items() if name not in _WRITER_ADDS}
    return {
        **kept,
        "counts": count_rows(faces, pairs),
        "licences": count_licences(faces),
        "removed": {
            "faces": before.get("faces", 0) + faces_removed,
            "pairs": before.get("pairs", 0) + pairs_removed,
        },
    }


def _remove_folder(folder: Path) -> None:
    """Remove a dataset's own files, the manifest last: a second run sees by it that this was begun."""
    for name in (CROPS, INDEX, PAIRS, MANIFEST):
        (folder / name).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target, follow_symlinks=False)
