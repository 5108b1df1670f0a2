"""Keeping dataset folders clean of what was taken down: tombstones in, folders without those faces out.

A sweep goes by tombstones alone, so it also completes what a killed takedown or a `scrapy sync` left to be done.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from agegap.errors import BadInputFile
from curation.exports.packed import DOCUMENTS, renew_documents
from dataset.purge import Purged, purge_dataset
from dataset.store import is_dataset
from dataset.tables import FaceTable
from dataset.writers.export_folder import is_export
from dataset.writers.purge import purge_export
from dataset.writers.rows import FaceRow
from db.dataset_exports import (
    buried_digests,
    forget_export,
    mark_stale,
    recorded_exports,
    settle_export,
)
from db.removal import HIDDEN_ID_LENGTH
from db.tombstones import digest_of

State = Literal["clean", "purged", "emptied", "missing", "unreadable"]


@dataclass(frozen=True)
class SweptFolder:
    """What became of one dataset folder; `note` says what is to be done where something is."""

    folder: str
    state: State
    faces_removed: int = 0
    pairs_removed: int = 0
    note: str | None = None

    def result(self) -> Mapping[str, Any]:
        """Return it as a command's output, less the folder."""
        shown: dict[str, Any] = {
            "state": self.state,
            "faces_removed": self.faces_removed,
            "pairs_removed": self.pairs_removed,
        }
        return shown if self.note is None else {**shown, "note": self.note}


@dataclass(frozen=True)
class Buried:
    """The tombstones a dataset folder can be held against."""

    photos: frozenset[str]
    hidden_photos: frozenset[str]  # beginnings of the same digests: the ids of exports that hide ages
    subjects: frozenset[str]

    def rows_of(self, faces: FaceTable) -> NDArray[np.bool_]:
        """Return which faces are of a photo or subject under a tombstone."""
        removed = np.zeros(len(faces), np.bool_)
        if self.photos:
            for row, (site, site_id) in enumerate(zip(faces.site, faces.site_id, strict=True)):
                removed[row] = self._has_photo(site, site_id)
        if self.subjects:
            names = [digest_of("subject", None, name) in self.subjects for name in faces.subject_names]
            removed |= np.array([*names, False])[faces.subject]  # -1, nobody's, is the last
        return removed

    def has(self, row: FaceRow) -> bool:
        """Say whether a face is of a photo or subject under a tombstone."""
        if self.photos and self._has_photo(row.site, row.site_id):
            return True
        return (
            row.subject is not None and bool(self.subjects) and digest_of("subject", None, row.subject) in self.subjects
        )

    def _has_photo(self, site: str, site_id: str) -> bool:
        return site_id in self.hidden_photos or digest_of("photo", site, site_id) in self.photos


def sweep_exports(engine: Engine, folders: Iterable[Path] = ()) -> list[SweptFolder]:
    """Take what is under tombstones out of every recorded dataset folder and of `folders`; say what became of each.

    A recorded folder that is not there stays recorded as stale: its faces may live on where it was moved to.
    """
    buried = load_buried(engine)
    with engine.connect() as connection:
        recorded = [export.path for export in recorded_exports(connection)]
    others = [str(folder.absolute()) for folder in folders]
    return [_sweep(engine, Path(path), buried) for path in dict.fromkeys([*recorded, *others])]


def sweep_folder(engine: Engine, folder: Path) -> SweptFolder:
    """Take what is under tombstones out of one dataset folder."""
    return _sweep(engine, folder.absolute(), load_buried(engine))


def load_buried(engine: Engine) -> Buried:
    """Read the tombstones of photos and subjects."""
    with engine.connect() as connection:
        photos = frozenset(buried_digests(connection, "photo"))
        subjects = frozenset(buried_digests(connection, "subject"))
    return Buried(photos, frozenset(digest[:HIDDEN_ID_LENGTH] for digest in photos), subjects)


def _sweep(engine: Engine, folder: Path, buried: Buried) -> SweptFolder:
    path = str(folder)
    if not is_dataset(folder) and not is_export(folder):
        if _is_left_over(folder):
            _drop_documents(folder)
            with engine.begin() as connection:
                forget_export(connection, path)
            return SweptFolder(path, "emptied")
        with engine.begin() as connection:
            mark_stale(connection, [path])
        note = "not there any more: if it was moved, run `curate takedown --exports --folder` on its new place"
        return SweptFolder(path, "missing", note=note)
    try:
        done = _purge(folder, buried)
    except BadInputFile as fault:
        with engine.begin() as connection:
            mark_stale(connection, [path])
        return SweptFolder(path, "unreadable", note=str(fault))
    left = f"files that agegap did not write were left: {', '.join(done.other_files)}" if done.other_files else None
    with engine.begin() as connection:
        if done.manifest_sha256 is None:
            forget_export(connection, path)
            return SweptFolder(path, "emptied", done.faces_removed, done.pairs_removed, left)
        settle_export(connection, path, manifest_sha256=done.manifest_sha256, face_count=done.faces_left)
    state: State = "purged" if done.faces_removed else "clean"
    return SweptFolder(path, state, done.faces_removed, done.pairs_removed, left)


def _purge(folder: Path, buried: Buried) -> Purged:
    """Take what is buried out of a folder of whatever format; raise BadInputFile when it is no sound one."""
    if is_export(folder):
        return purge_export(folder, buried.has)
    done = purge_dataset(folder, buried.rows_of)
    if done.manifest_sha256 is None:
        _drop_documents(folder)
        return replace(done, other_files=tuple(name for name in done.other_files if name not in DOCUMENTS))
    others = tuple(name for name in done.other_files if name not in DOCUMENTS)
    return replace(done, manifest_sha256=renew_documents(folder), other_files=others)


def _is_left_over(folder: Path) -> bool:
    """Say whether only documents are left of a dataset: a purge that left nothing was killed before they went."""
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    return bool(names) and names <= set(DOCUMENTS)


def _drop_documents(folder: Path) -> None:
    """Remove what stood beside a dataset that is no more; the credits in it name people."""
    for name in DOCUMENTS:
        (folder / name).unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
