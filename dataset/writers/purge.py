"""Taking faces out of an export for good: the folder is written anew without them and takes the old one's place.

Whatever the layout, a face is read and written at a time, and everything that is counted or drawn from the faces is
made anew, the lists of protocols too.
"""

import fnmatch
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agegap.files import write_json
from agegap.folders import remove_left_overs
from dataset.purge import Purged
from dataset.writers.export_folder import (
    MANIFEST,
    OWN_FILES,
    manifest_sha256,
    read_manifest,
    writing_export,
)
from dataset.writers.face_pairs import read_face_pairs
from dataset.writers.layout import Layout, LayoutOptions
from dataset.writers.layouts import LAYOUTS
from dataset.writers.rows import FaceRow

_EMPTIED = "emptied"
_MADE_ANEW = ("format", "version", "layout", "counts", "licences", "licence_terms", "ages", "credits", "checksums")


def purge_export(folder: Path, is_removed: Callable[[FaceRow], bool]) -> Purged:
    """Take the faces of `folder` that `is_removed` says so of out of it, with their pairs and credits.

    A folder without such a face is not touched; one without any other goes. Files of somebody else's at the top of the
    folder are kept. Raises BadInputFile when `folder` is no sound export.
    """
    folder = folder.absolute()
    remove_left_overs(folder)
    manifest = read_manifest(folder)
    layout = LAYOUTS[manifest["layout"]["name"]]
    if manifest.get(_EMPTIED):  # a purge that left nothing was killed here
        _remove_folder(folder, layout)
        return Purged(0, 0, 0, None)
    total = removed = 0
    for row in layout.rows(folder):
        total, removed = total + 1, removed + is_removed(row)
    if not removed:
        return Purged(0, 0, total, manifest_sha256(folder))
    pairs = read_face_pairs(folder)
    if removed == total:
        write_json(folder / MANIFEST, {**manifest, _EMPTIED: True})
        _remove_folder(folder, layout)
        return Purged(removed, len(pairs), 0, None)
    others = tuple(_others(folder, layout))
    options = LayoutOptions(**manifest["layout"]["options"])
    with writing_export(folder, layout, options) as writer:
        for face in layout.faces(folder):
            if not is_removed(face.row):
                writer.add(face)
        kept = {name: value for name, value in manifest.items() if name not in _MADE_ANEW}
        inside = set(writer.rows.table().face_id.tolist())
        ends = zip(pairs.younger.tolist(), pairs.older.tolist(), strict=True)
        pairs_removed = sum(not (younger in inside and older in inside) for younger, older in ends)
        writer.finish(pairs, manifest={**kept, "removed": _removed(manifest, removed, pairs_removed)})
        for name in others:  # after `finish`: they are none of ours, and have no line in our checksums
            _copy(folder / name, writer.folder / name)
    return Purged(removed, pairs_removed, total - removed, manifest_sha256(folder), others)


def _removed(manifest: dict[str, Any], faces: int, pairs: int) -> dict[str, int]:
    before = manifest.get("removed") or {}
    return {"faces": before.get("faces", 0) + faces, "pairs": before.get("pairs", 0) + pairs}


def _others(folder: Path, layout: Layout) -> list[str]:
    own = (*OWN_FILES, *layout.own)
    names = sorted(path.name for path in folder.iterdir())
    return [name for name in names if not any(fnmatch.fnmatchcase(name, pattern) for pattern in own)]


def _remove_folder(folder: Path, layout: Layout) -> None:
    """Remove an export's own files, the manifest last: a second run sees by it that this was begun."""
    others = _others(folder, layout)
    for path in sorted(folder.iterdir()):
        if path.name in others or path.name == MANIFEST:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    (folder / MANIFEST).unlink(missing_ok=True)
    if not others:
        folder.rmdir()


def _copy(source: Path, target: Path) -> None:
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target, follow_symlinks=False)
