"""The lists of LFW: its names, its people by fold, and the pairs of its test. http://vis-www.cs.umass.edu/lfw/README.txt"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agegap.errors import BadInputFile


@dataclass(frozen=True)
class LfwPair:
    """Two photos of the test, by name and number."""

    fold: int
    name: str
    number: int
    other_name: str
    other_number: int

    @property
    def is_same(self) -> bool:
        """Return whether both show one person."""
        return self.name == self.other_name


def read_names(path: Path) -> dict[str, int]:
    """Return how many photos each person has, of `lfw-names.txt`: name, tab, count."""
    return {name: _number(path, count) for name, count in _fields(path, 2)}


def read_people(path: Path) -> dict[str, int]:
    """Return the fold (from 0) of each person of `people.txt`: the folds, then for each its size and that many names.

    `peopleDevTrain.txt` and `peopleDevTest.txt`, which begin with a size, are one fold.
    """
    lines = _lines(path)
    header = [] if not lines else lines[0]
    folds = _number(path, header[0]) if len(lines) > 1 and len(lines[1]) == 1 else 1
    at, people = 1 if folds > 1 else 0, dict[str, int]()
    for fold in range(folds):
        size = _number(path, lines[at][0]) if at < len(lines) and len(lines[at]) == 1 else -1
        part = lines[at + 1 : at + 1 + size]
        if size < 0 or len(part) != size or any(len(line) != 2 for line in part):
            raise _bad(path, f"its fold {fold} has not as many people as it says")
        people |= {line[0]: fold for line in part}
        at += 1 + size
    return people


def read_pairs(path: Path) -> list[LfwPair]:
    """Return the pairs of `pairs.txt`: `10 300`, then in each fold 300 `name a b` and 300 `name a other b`.

    `pairsDevTrain.txt` and `pairsDevTest.txt`, which begin with one number, are one fold.
    """
    lines = _lines(path)
    header = [_number(path, text) for text in lines[0]] if lines else []
    if len(header) not in (1, 2):
        raise _bad(path, "its first line is not the number of folds and of pairs")
    folds, size = header if len(header) == 2 else (1, header[0])
    if len(lines) - 1 != folds * size * 2:
        raise _bad(path, f"it has {len(lines) - 1} pairs and says {folds * size * 2}")
    return [_pair(path, line, row // (2 * size)) for row, line in enumerate(lines[1:])]


def photo_name(name: str, number: int) -> str:
    """Return where a photo lies below the set's folder."""
    return f"{name}/{name}_{number:04}.jpg"


def _pair(path: Path, line: list[str], fold: int) -> LfwPair:
    if len(line) == 3:
        return LfwPair(fold, line[0], _number(path, line[1]), line[0], _number(path, line[2]))
    if len(line) == 4:
        return LfwPair(fold, line[0], _number(path, line[1]), line[2], _number(path, line[3]))
    raise _bad(path, f"a line is no pair: {' '.join(line)!r}")


def _fields(path: Path, count: int) -> Iterator[list[str]]:
    for line in _lines(path):
        if len(line) != count:
            raise _bad(path, f"a line has not {count} parts: {' '.join(line)!r}")
        yield line


def _lines(path: Path) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _bad(path, "it is no text") from None
    except OSError as fault:
        raise BadInputFile(path, f"cannot be read ({fault.strerror})", "give the right to read it") from None
    return [line.split() for line in text.splitlines() if line.strip()]


def _number(path: Path, text: str) -> int:
    if not text.isdecimal():
        raise _bad(path, f"'{text}' stands where a number must be")
    return int(text)


def _bad(path: Path, fault: str) -> BadInputFile:
    return BadInputFile(path, f"is no list of LFW: {fault}", "fetch the set's own list")
