"""The layouts that can be read, by name; one line each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from agegap.errors import BadInputFile, UnknownName
from dataset.sources import fgnet, folder, utkface
from dataset.sources.records import Item, SourceRecord


@dataclass(frozen=True)
class Source:
    """One layout."""

    read: Callable[[Path], Iterator[Item]]
    names: str
    """What its files are named like, in words."""
    is_public_set: bool
    """Whether subjects are numbers of that set (fgnet/001) rather than names of people."""


SOURCES: dict[str, Source] = {
    "fgnet": Source(fgnet.read_fgnet, fgnet.NAMES, is_public_set=True),
    "utkface": Source(utkface.read_utkface, utkface.NAMES, is_public_set=True),
    "folder": Source(folder.read_folder, folder.NAMES, is_public_set=False),
}

_PROBE_FILES = 50  # names are alike in a set: one in fifty tells which it is


def find_source(kind: str) -> Source:
    """Return the layout `kind`; raise UnknownName with the nearest one."""
    if kind not in SOURCES:
        raise UnknownName("kind of set", kind, SOURCES)
    return SOURCES[kind]


def read_source(kind: str, path: Path) -> Iterator[Item]:
    """Yield the records and skips of the set at `path`, its paths absolute.

    Raises UnknownName for the kind, BadInputFile when `path` is not a readable folder.
    """
    source = find_source(kind)
    if not path.exists():
        raise BadInputFile(path, "no such folder", "give the folder that holds the set")
    if not path.is_dir():
        raise BadInputFile(path, "is not a folder", "give the folder that holds the set")
    return source.read(path.resolve())


def guess_kind(path: Path) -> str | None:
    """Return the public set whose names the first files of `path` have, if any."""
    for kind, source in SOURCES.items():
        if source.is_public_set and any(
            isinstance(item, SourceRecord) for item in islice(source.read(path), _PROBE_FILES)
        ):
            return kind
    return None
