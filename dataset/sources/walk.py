"""Walking a folder of photos: always in the same order, hidden files left out, faults told."""

import os
from collections.abc import Iterator
from pathlib import Path

from agegap.errors import BadInputFile

PHOTO_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")


def is_photo_name(name: str) -> bool:
    """Return whether a file of this name is taken for a photo."""
    return name.lower().endswith(PHOTO_ENDINGS)


def walk_files(folder: Path) -> Iterator[Path]:
    """Yield the files below `folder` in order of their names, folder by folder; raise BadInputFile on a closed one.

    Names that are not UTF-8 cannot be written into a catalog and are yielded all the same: the reader says so.
    """

    def refuse(fault: OSError) -> None:
        raise BadInputFile(fault.filename, f"cannot be read ({fault.strerror})", "give the right to read it")

    for place, folders, files in os.walk(folder, onerror=refuse, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(place, name)


def is_utf8(text: str) -> bool:
    """Return whether a name can be stored as text."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def printable(path: Path, folder: Path) -> str:
    """Return `path` below `folder` as text that can be printed and stored."""
    return path.relative_to(folder).as_posix().encode("utf-8", "backslashreplace").decode("utf-8")
