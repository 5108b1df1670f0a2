"""A taken year in EDTF, the Library of Congress's way of writing dates that are not exact."""

import re

from crawler.taken_year.records import TakenYear
from crawler.taken_year.words import vocabulary

_YEARS_OF_A_DECADE = 9
_ONE_YEAR = re.compile(r"(\d{4})([~?%]?)")
_ISO = re.compile(r"(?<!\d)(\d{4})[-./](\d\d?)(?:[-./](\d\d?))?(?!\d)")
_DAY_FIRST = re.compile(r"(?<!\d)(\d\d?)([-./])(\d\d?)\2(\d{4})(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_DAY = re.compile(r"(?<![\d:])(\d\d?)(?:st|nd|rd|th)?(?![\d:])")
_SEASONS = {"spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24}
"""Numbers of the seasons in EDTF, of no hemisphere."""

_MONTHS, _DAYS = 12, 31


def to_edtf(taken: TakenYear) -> str | None:
    """Return `1984`, `1984~` (circa), `198X` (a decade), `1984/1986` (an interval), or None where unknown."""
    if taken.edtf is not None:
        return taken.edtf
    if taken.year is not None and taken.precision != "range":
        return f"{taken.year:04d}~" if taken.precision == "circa" else f"{taken.year:04d}"
    if taken.year_min is None or taken.year_max is None:
        return None
    if taken.year_min % 10 == 0 and taken.year_max - taken.year_min == _YEARS_OF_A_DECADE:
        return f"{taken.year_min // 10:03d}X"
    return f"{taken.year_min:04d}/{taken.year_max:04d}"


def with_month(edtf: str, folded: str) -> str:
    """Return `edtf`, one year, with the month, day or season that its folded text names: 1812-02~, 1872-22.

    Where the text leaves open which number is the month (3/4/1950), or names two, the year stays alone.
    """
    match = _ONE_YEAR.fullmatch(edtf)
    if match is None:
        return edtf
    year, sign = match[1], match[2]
    found = _of_numbers(folded, year) or _of_words(folded, year)
    return f"{found}{sign}" if found else edtf


def _of_numbers(folded: str, year: str) -> str | None:
    if (iso := _ISO.search(folded)) and iso[1] == year:
        return _joined(year, int(iso[2]), int(iso[3]) if iso[3] else None)
    if (dmy := _DAY_FIRST.search(folded)) and dmy[4] == year:
        first, second = int(dmy[1]), int(dmy[3])
        if dmy[2] == "." or first > _MONTHS or first == second:
            return _joined(year, second, first)
        return _joined(year, first, second) if second > _MONTHS else None
    return None


def _of_words(folded: str, year: str) -> str | None:
    words = _WORD.findall(folded)
    seasons = {_SEASONS[word] for word in words if word in _SEASONS}
    months = {vocabulary().months[word] for word in words if word in vocabulary().months}
    if len(months) == 1 and not seasons:
        days = {int(day) for day in _DAY.findall(folded) if 1 <= int(day) <= _DAYS}
        return _joined(year, months.pop(), days.pop() if len(days) == 1 else None)
    return f"{year}-{seasons.pop()}" if len(seasons) == 1 and not months else None


def _joined(year: str, month: int, day: int | None) -> str | None:
    if not 1 <= month <= _MONTHS:
        return None
    return f"{year}-{month:02d}" if day is None or not 1 <= day <= _DAYS else f"{year}-{month:02d}-{day:02d}"
