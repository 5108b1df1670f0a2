"""What sets come with beside their photos: lists in CSV and text files, and where to look for them."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agegap.errors import BadInputFile
from dataset.sources.records import MAX_AGE, Skipped, SkipReason

Row = Mapping[str, str]

_SNIFFED = ",;\t"
_PROBE_CHARACTERS = 4096


def find_lists(folder: Path, pattern: str) -> list[Path]:
    """Return the files whose whole name matches `pattern` in any case, in `folder` and the folders right below it.

    Sorted by name; of two files of one name the one nearer to `folder` is taken.
    """
    wanted = re.compile(pattern, re.IGNORECASE)
    found: dict[str, Path] = {}
    try:
        below = sorted(place for place in folder.iterdir() if place.is_dir() and not place.name.startswith("."))
        for place in (folder, *below):
            for path in place.iterdir():
                if wanted.fullmatch(path.name) and path.is_file():
                    found.setdefault(path.name, path)
    except OSError as fault:
        raise BadInputFile(fault.filename, f"cannot be read ({fault.strerror})", "give the right to read it") from None
    return [found[name] for name in sorted(found)]


def need_lists(folder: Path, pattern: str, *, called: str, of: str) -> list[Path]:
    """Return `find_lists`; raise BadInputFile when there is none, saying how the list of the set `of` is called."""
    found = find_lists(folder, pattern)
    if not found:
        raise BadInputFile(folder, f"is no {of}: it holds no {called}", f"give the folder that holds {called}")
    return found


def read_rows(path: Path, columns: Sequence[str] = (), *, header: Sequence[str] | None = None) -> Iterator[Row]:
    """Yield the rows of a delimited text file by column, names in lower case; comma, semicolon or tab, as it has.

    `header` names the columns of a file that has no line of names. Read line by line. Raises BadInputFile when a
    column of `columns` is missing or the file is no text.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="", errors="replace") as handle:
            delimiter = _delimiter(handle.read(_PROBE_CHARACTERS))
            handle.seek(0)
            lines = csv.reader(handle, delimiter=delimiter)
            names = header or [name.strip().lower() for name in next(lines, [])]
            missing = [name for name in columns if name not in names]
            if missing:
                raise BadInputFile(path, f"has no column '{missing[0]}'", f"its columns must be {', '.join(columns)}")
            for values in lines:
                if values and any(value.strip() for value in values):
                    yield {name: value.strip() for name, value in zip(names, values, strict=False)}
    except csv.Error as fault:
        raise BadInputFile(
            path, f"is not a table of text ({fault})", "give the list as the set was published"
        ) from None
    except OSError as fault:
        raise BadInputFile(path, f"cannot be read ({fault.strerror})", "give the right to read it") from None


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(_SNIFFED, key=first.count)


class BadRowError(Exception):
    """A row of a list that becomes no record."""

    def __init__(self, reason: SkipReason, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(detail)

    def skipped(self, where: str) -> Skipped:
        """Return what the reader yields for the row `where`."""
        return Skipped(where, self.reason, self.detail)


def find_photo(places: Sequence[Path], name: str) -> Path:
    """Return the file `name` (a path of the list) below the first of `places` that has it.

    Raises BadRowError where there is none, or when the list points out of the set.
    """
    parts = name.replace("\\", "/").split("/")
    if not name or name.startswith("/") or ".." in parts or "\x00" in name:
        raise BadRowError(SkipReason.BAD_RECORD, f"names no file of the set: {name!r}")
    for place in places:
        path = place.joinpath(*parts)
        if path.is_file():
            return path
    raise BadRowError(SkipReason.MISSING_FILE, f"names {name}, which is not there")


def age_in(text: str | float | None) -> float:
    """Return the age a list states; raise BadRowError when no person can have it."""
    age = number_in(text)
    if age is None or not 0 <= age <= MAX_AGE:
        raise BadRowError(SkipReason.BAD_AGE, f"says an age that is none from 0 to {MAX_AGE}: {text!r}")
    return age


def number_in(text: str | float | None) -> float | None:
    """Return the finite number that `text` is, None where it is none."""
    try:
        number = float(text if text is not None else "")
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def sex_in(text: str | None) -> str | None:
    """Return "m" or "f" for what sets write (M, male, F, female), None for anything else."""
    first = (text or "").strip().lower()
    return {"m": "m", "male": "m", "f": "f", "female": "f"}.get(first)


def told(**values: Any) -> dict[str, Any]:
    """Return the values that a set states: what is None or empty text is left out."""
    return {name: value for name, value in values.items() if value is not None and value != ""}
