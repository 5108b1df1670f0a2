"""CACD2000: 163,446 photos of 2,000 celebrities; `53_Robin_Williams_0001.jpg` is age, person, number.

`celebrity2000_meta.mat` adds the year that was searched for (2004 to 2013), the birth year and the rank: only people of
rank 5 or better were cleaned by hand. Without it there are ages and no years. Names with accents are spoilt (UTF-8 read
as Latin-1) in some copies and are mended. Research only. https://bcsiriuschen.github.io/CARC/
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dataset.sources.lists import BadRowError, age_in, find_lists, told
from dataset.sources.mat_file import read_mat
from dataset.sources.records import TOLD_YEAR_CONFIDENCE, Item, Skipped, SkipReason, SourceRecord
from dataset.sources.walk import is_photo_name, is_utf8, printable, walk_files

NAMES = "53_Robin_Williams_0001.jpg: age, person, number"

_NAME = re.compile(r"(?P<age>\d{1,3})_(?P<person>[^\W\d_].*?)_(?P<number>\d{4})\.jpe?g", re.IGNORECASE)
_META = r"celebrity2000_meta\.mat"
_FIELDS = ("name", "year", "birth", "rank", "identity")


@dataclass(frozen=True, eq=False)
class _Meta:
    """The list's columns, a row a photo, and which row tells about which photo."""

    row_of: dict[str, int]
    year: NDArray[np.float64]
    birth: NDArray[np.float64]
    rank: NDArray[np.float64]
    identity: NDArray[np.float64]


def read_cacd(folder: Path) -> Iterator[Item]:
    """Return the photos of the CACD2000 copy in `folder`; photos that only its list knows are skips."""
    listed = find_lists(folder, _META)
    return _read(folder, _read_meta(listed[0]) if listed else None)


def _read(folder: Path, meta: _Meta | None) -> Iterator[Item]:
    missing = dict.fromkeys(meta.row_of, 1) if meta else {}
    for path in walk_files(folder):
        if not is_photo_name(path.name):
            continue
        where = printable(path, folder)
        match = _NAME.fullmatch(path.name)
        if match is None or not is_utf8(str(path)):
            yield Skipped(where, SkipReason.MALFORMED_NAME, f"is not named as {NAMES}")
            continue
        missing.pop(_key(path.stem), None)
        try:
            yield _record(path, match, meta)
        except BadRowError as fault:
            yield fault.skipped(where)
    for key in missing:
        yield Skipped(key, SkipReason.MISSING_FILE, "is in celebrity2000_meta.mat and not there")


def _record(path: Path, match: re.Match[str], meta: _Meta | None) -> SourceRecord:
    age = age_in(match["age"])
    person = _mend(match["person"])
    flags = [] if person == match["person"] else ["name_mended"]
    row = meta.row_of.get(_key(path.stem)) if meta else None
    if meta and row is None:
        flags.append("not_listed")
    told_of_row = _of_row(meta, row) if meta and row is not None else {}
    birth = told_of_row.get("birth")
    return SourceRecord(
        path=path,
        site_id=f"{match['age']}_{person}_{match['number']}",
        subject=unicodedata.normalize("NFC", person),
        birth=None if birth is None else f"{birth:04}",
        age=age,
        taken_year=told_of_row.get("year"),
        year_confidence=TOLD_YEAR_CONFIDENCE,
        flags=tuple(flags),
        texts={"file_name": path.name},
        extra=told(
            birth_date=None if birth is None else f"{birth:04}",
            rank=told_of_row.get("rank"),
            identity=told_of_row.get("identity"),
        ),
    )


def _of_row(meta: _Meta, row: int) -> dict[str, int]:
    values = {name: float(getattr(meta, name)[row]) for name in ("year", "birth", "rank", "identity")}
    return {name: int(value) for name, value in values.items() if value == value}


def _read_meta(path: Path) -> _Meta:
    columns = read_mat(path, "celebrityImageData", fields=_FIELDS)
    names = columns.get("name", [])
    numbers = {name: np.asarray(columns.get(name, []), np.float64) for name in _FIELDS if name != "name"}
    whole = {name: np.pad(c, (0, max(0, len(names) - len(c))), constant_values=np.nan) for name, c in numbers.items()}
    return _Meta({_key(Path(str(name)).stem): i for i, name in enumerate(names)}, **whole)


def _key(stem: str) -> str:
    """Return a name without the letters that copies and list spell differently: those beyond ASCII."""
    mended = unicodedata.normalize("NFC", _mend(stem))
    return "".join(letter for letter in mended if letter.isascii())


def _mend(name: str) -> str:
    """Return `name` with UTF-8 that was read as Latin-1 or Windows' code page put right ("ZoÃ«" is Zoë)."""
    if name.isascii():
        return name
    for wrong in ("latin-1", "cp1252"):
        try:
            return name.encode(wrong).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return name
