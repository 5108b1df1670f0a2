"""The layouts that can be read, by name; one line each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from agegap.errors import BadInputFile, UnknownName
from dataset.sources import (
    adience,
    afad,
    agedb,
    appa_real,
    cacd,
    fgnet,
    folder,
    imdb_clean,
    imdb_wiki,
    lap,
    lfw,
    morph2,
    utkface,
)
from dataset.sources.records import Item, SourceRecord


@dataclass(frozen=True)
class Source:
    """One layout."""

    read: Callable[[Path], Iterator[Item]]
    names: str
    """What its files are named like, in words."""
    is_public_set: bool = True
    """Whether the catalog calls the set by its kind; a folder has a name of its own."""
    has_names: bool = False
    """Whether subjects are names of people, spelt as a crawl's; else they are the set's own, as fgnet/001."""
    people_of: str | None = None
    """The set whose people these are, where two sets number them alike."""


SOURCES: dict[str, Source] = {
    "fgnet": Source(fgnet.read_fgnet, fgnet.NAMES),
    "morph2": Source(morph2.read_morph2, morph2.NAMES),
    "imdb": Source(imdb_wiki.read_imdb, imdb_wiki.NAMES),
    "wiki": Source(imdb_wiki.read_wiki, imdb_wiki.NAMES),
    "imdb-clean": Source(imdb_clean.read_imdb_clean, imdb_clean.NAMES, people_of="imdb"),
    "utkface": Source(utkface.read_utkface, utkface.NAMES),
    "appa-real": Source(appa_real.read_appa_real, appa_real.NAMES),
    "lap2015": Source(lap.read_lap2015, lap.NAMES_2015),
    "lap2016": Source(lap.read_lap2016, lap.NAMES_2016),
    "adience": Source(adience.read_adience, adience.NAMES),
    "agedb": Source(agedb.read_agedb, agedb.NAMES),
    "cacd2000": Source(cacd.read_cacd, cacd.NAMES, has_names=True),
    "afad": Source(afad.read_afad, afad.NAMES),
    "lfw": Source(lfw.read_lfw, lfw.NAMES, has_names=True),
    "folder": Source(folder.read_folder, folder.NAMES, is_public_set=False, has_names=True),
}

_PROBE_FILES = 50  # names are alike in a set: one in fifty tells which it is


def find_source(kind: str) -> Source:
    """Return the layout `kind`; raise UnknownName with the nearest one."""
    if kind not in SOURCES:
        raise UnknownName("kind of set", kind, SOURCES)
    return SOURCES[kind]


def read_source(kind: str, path: Path) -> Iterator[Item]:
    """Return the records and skips of the set at `path`, its paths absolute.

    Raises UnknownName for the kind, BadInputFile when `path` is not a readable folder or lacks the lists of the set.
    """
    source = find_source(kind)
    if not path.exists():
        raise BadInputFile(path, "no such folder", "give the folder that holds the set")
    if not path.is_dir():
        raise BadInputFile(path, "is not a folder", "give the folder that holds the set")
    try:
        return source.read(path.resolve())
    except BadInputFile as fault:
        if fault.path != path.resolve() or (likely := guess_kind(path)) in (None, kind):
            raise
        remedy = f"it looks like {likely}: run `curate import {likely} {path}`"
        raise BadInputFile(path, fault.fault, remedy) from None


def guess_kind(path: Path) -> str | None:
    """Return the public set whose lists and names `path` has, if any."""
    for kind, source in SOURCES.items():
        if not source.is_public_set:
            continue
        try:
            if any(isinstance(item, SourceRecord) for item in islice(source.read(path), _PROBE_FILES)):
                return kind
        except BadInputFile:  # none of this set's lists: another one's
            continue
    return None
