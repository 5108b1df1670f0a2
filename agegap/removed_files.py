"""Deleting files of the data folder for good: the file, what a killed process left of it, and folders it leaves empty.

Only files below the data folder are ours. A photo of an imported set lies in somebody's archive: it is named
and stays.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from agegap.files import PART_SUFFIX

_PART = re.compile(rf"\.(.+)\.\d+-[0-9a-f]+{re.escape(PART_SUFFIX)}")  # .name.PID-random.part, of agegap.files


@dataclass(frozen=True)
class RemovedFiles:
    """How many files were deleted, and which lie outside the data folder and were left."""

    count: int
    outside: tuple[str, ...]


def remove_files(data: Path, paths: Iterable[str]) -> RemovedFiles:
    """Delete the files at `paths` (below `data`, or absolute); those that are gone already are passed over."""
    root = data.resolve()
    by_folder: dict[Path, set[str]] = {}
    outside = []
    for path in set(paths):
        place = data / path
        folder = place.parent.resolve()  # of the folder: a link to a file goes, not what it points to
        if not folder.is_relative_to(root) or place.name in ("", ".", ".."):
            outside.append(path)
            continue
        by_folder.setdefault(folder, set()).add(place.name)
    count = sum(_remove_in(folder, names) for folder, names in by_folder.items())
    for folder in by_folder:
        _remove_empty(folder, root)
    return RemovedFiles(count, tuple(sorted(outside)))


def _remove_in(folder: Path, names: set[str]) -> int:
    try:
        entries = [entry.name for entry in os.scandir(folder) if not entry.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return 0
    count = 0
    for entry in entries:
        part = _PART.fullmatch(entry)
        if entry in names or (part and part[1] in names):
            (folder / entry).unlink(missing_ok=True)
            count += entry in names
    return count


def _remove_empty(folder: Path, root: Path) -> None:
    """Remove `folder` and its parents up to `root` while they are empty: a folder's name may be a person's."""
    while folder != root:
        try:
            folder.rmdir()
        except OSError:  # not empty, or gone
            return
        folder = folder.parent
