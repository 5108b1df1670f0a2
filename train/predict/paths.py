"""Which photos a user means by the files and folders that were named: found one by one, however many they are."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from agegap.errors import BadInputFile, NothingToDo

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
"""What is looked at in a folder; a file that is named is looked at whatever its name says."""

VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".ogv", ".3gp"})


def is_video(path: Path) -> bool:
    """Say whether a named file is to be read as a video."""
    return path.suffix.lower() in VIDEO_SUFFIXES


def check_paths(paths: Sequence[Path]) -> None:
    """Raise BadInputFile for a path that is not there, NothingToDo for a folder without photos."""
    for path in paths:
        if path.is_dir():
            if next(photos_below(path), None) is None:
                known = " ".join(sorted(PHOTO_SUFFIXES))
                raise NothingToDo(path, "no photo in this folder", f"name one with files ending in {known}")
        elif not path.is_file():
            raise BadInputFile(path, "there is no such file or folder", "name a photo, a video or a folder of photos")


def photos_below(folder: Path) -> Iterator[Path]:
    """Yield the photos of a folder and of those in it, by name; hidden ones and linked folders are left out."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in PHOTO_SUFFIXES:
                yield Path(place) / name


def photos_of(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the photos that `paths` name, in their order; videos among them are left out."""
    for path in paths:
        if path.is_dir():
            yield from photos_below(path)
        elif not is_video(path):
            yield path
