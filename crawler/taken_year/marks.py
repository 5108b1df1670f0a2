"""Finds everything in a text that could be a date, by one pass over its digits.

Only digits and the few words for decades are searched for; months and other words are then read around each find.
A month grammar over the whole text is fifty times slower (reference/taken-year.md).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from crawler.taken_year.records import Precision
from crawler.taken_year.words import vocabulary

MOST_MARKS = 64
"""Dates read of one field; a text with more of them is a chronicle, not a caption."""

ERAS = {"明治": (1867, 45), "大正": (1911, 15), "昭和": (1925, 64), "平成": (1988, 31), "令和": (2018, 99),
        "民國": (1911, 120), "民国": (1911, 120)}  # fmt: skip
"""Year before the first of each era, and its number of years (those not yet over: generous)."""

_BUDDHIST_OFFSET = 543  # years the Thai calendar is ahead
_YEAR = r"(?:1[0-9]|20)\d\d"
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")
_ERA_BEFORE = re.compile(rf"(?:{'|'.join(ERAS)}) ?$")
_ERA_AFTER = re.compile(r"\d{1,3} ?年")
_FIRST_OF_ERA = re.compile(rf"({'|'.join(ERAS)}) ?元 ?年")
_THAI_BEFORE = re.compile(r"พ\.? ?ศ\.? ?$")

Form = Literal["year", "date", "stamp", "apostrophe", "decade", "decade_word", "span", "era", "ocr", "open"]


@dataclass(frozen=True)
class Mark:
    """A find: its span in the folded text, the years it can mean, and how it is written."""

    start: int
    end: int
    year_min: int
    year_max: int
    form: Form
    precision: Precision


@dataclass(frozen=True)
class _Patterns:
    anchor: re.Pattern[str]
    decade_before: re.Pattern[str]
    decade_words: re.Pattern[str]
    last_words: frozenset[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    words = vocabulary()
    suffix = "|".join(re.escape(w) for w in words.decade_suffixes)
    prefix = "|".join(re.escape(w) for w in words.decade_prefixes)
    decade_words = "|".join(re.escape(w) for w in sorted(words.decades, key=len, reverse=True))
    # Matched where a run of digits begins, so that no alternative is tried anywhere else.
    anchor = rf"""
      (?P<stamp>(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:(?=[_\-t ]?\d{{4,6}}(?!\d))|(?!\d)))
    | (?P<iso>{_YEAR}(?P<a>[-./:_])[ ]?(?:0?[1-9]|1[0-2])(?P=a)[ ]?(?:0?[1-9]|[12]\d|3[01])(?!\d))
    | (?P<dmy>(?<![\d./-])[0-3]?\d[ ]?(?P<b>[./-])[ ]?[0-3]?\d[ ]?(?P=b)[ ]?(?:{_YEAR}|\d\d)(?!\d|[./-]\d))
    | (?P<dmony>(?<!\w)[0-3]?\d(?P<c>[-. ])[^\W\d_]{{3,10}}(?P=c)'?\d\d(?![\w:.]))
    | (?P<decade>(?<![.,])(?:1[89]|20)?\d0(?:{suffix})(?![^\W\d_]{{2}}))
    | (?P<open>(?<!\w)(?:1[89]\d|20\d)(?:\?|x|_|-(?=[\]\s,.)]|$))(?![\w?]))
    | (?P<hundred>(?<!\w)(?:1[89]|20)(?:--|\?\?|xx)(?![\w?-]))
    | (?P<short>{_YEAR}[ ]?[-/][ ]?(?:c\.?[ ]?)?\d\d?(?![\w]|[-/.]\d))
    | (?P<ocr>(?<!\w)(?:1[89]o\d|1[89]\do|2oo\d|20o\d)(?!\w))
    | (?P<year>{_YEAR}(?!\d))
    """
    return _Patterns(
        anchor=re.compile(anchor, re.VERBOSE),
        decade_before=re.compile(rf"(?<!\w)(?:{prefix}) '?$"),
        decade_words=re.compile(rf"(?<!\w)(?:{decade_words})(?!\w)"),
        last_words=frozenset(_WORD.findall(word)[-1] for word in words.decades),
    )


def find_marks(text: str, *, latest: int) -> list[Mark]:
    """Return the marks of a folded text in order; two-digit years take the latest century not after `latest`."""
    patterns = _patterns()
    marks: list[Mark] = []
    end = 0
    for digits in _DIGITS.finditer(text):
        if digits.start() < end:
            continue
        mark = _at_digits(text, digits, patterns, latest=latest)
        if mark is not None:
            marks.append(mark)
            end = mark.end
            if len(marks) >= MOST_MARKS:
                break
    if not patterns.last_words.isdisjoint(_WORD.findall(text)):
        marks += [_decade_word(match, latest=latest) for match in patterns.decade_words.finditer(text)]
    if "元" in text:
        marks += [_mark(match, ERAS[match[1]][0] + 1, "era") for match in _FIRST_OF_ERA.finditer(text)]
    return sorted(marks, key=lambda mark: mark.start)[:MOST_MARKS]


def _at_digits(text: str, digits: re.Match[str], patterns: _Patterns, *, latest: int) -> Mark | None:
    start, size = digits.start(), digits.end() - digits.start()
    before = text[max(0, start - 24) : start]
    if size <= 3 and (era := _ERA_BEFORE.search(before)) and (counted := _ERA_AFTER.match(text, start)):
        first, longest = ERAS[era[0].strip()]
        count = int(digits[0])
        year = first + count
        return Mark(start - len(era[0]), counted.end(), year, year, "era", "year") if 1 <= count <= longest else None
    if size == 4 and digits[0][0] == "2" and not before.isascii() and (thai := _THAI_BEFORE.search(before)):
        year = int(digits[0]) - _BUDDHIST_OFFSET
        return Mark(start - len(thai[0]), digits.end(), year, year, "era", "year")
    if size in (2, 4) and digits[0][-1] == "0" and patterns.decade_before.search(before):
        year = _decade(int(digits[0]), latest=latest)
        return Mark(start, digits.end(), year, year + 9, "decade", "range")
    if size == 2 and before[-1:] == "'" and not (before[-2:-1].isalnum() or before[-2:-1] == "'"):
        following = text[digits.end() : digits.end() + 1]
        if not (following.isalnum() or following == "'"):
            return _mark(digits, _century(int(digits[0]), latest=latest), "apostrophe")
    if size == 3 and before[-1:] in ("l", "i", "|") and not before[-2:-1].isalnum() and digits[0][0] in "89":
        year = 1000 + int(digits[0])
        return Mark(start - 1, digits.end(), year, year, "ocr", "year")
    match = patterns.anchor.match(text, start)
    return None if match is None else _read(match, latest=latest)


def _mark(match: re.Match[str], year: int, form: Form, precision: Precision = "year") -> Mark:
    last = year + {"decade": 9, "decade_word": 9}.get(form, 0)
    return Mark(match.start(), match.end(), year, last, form, precision)


def _decade_word(match: re.Match[str], *, latest: int) -> Mark:
    return _mark(match, _decade(vocabulary().decades[match[0]], latest=latest), "decade_word", "range")


def _read(match: re.Match[str], *, latest: int) -> Mark | None:
    kind, found = match.lastgroup, match[0]
    if kind == "year":
        return _mark(match, int(found), "year")
    numbers = [int(number) for number in _DIGITS.findall(found)]
    match kind:
        case "stamp":
            return _mark(match, int(found[:4]), "stamp", "day")
        case "iso":
            return _mark(match, numbers[0], "date", "day")
        case "dmy":
            year = _year_of_dmy(numbers, found, latest=latest)
            return None if year is None else _mark(match, year, "date", "day")
        case "dmony":
            is_date = "month" in vocabulary().of(_WORD.findall(found)[0]) and 1 <= numbers[0] <= 31
            return _mark(match, _century(numbers[1], latest=latest), "date", "day") if is_date else None
        case "decade":
            return _mark(match, _decade(numbers[0], latest=latest), "decade", "range")
        case "open":
            first = numbers[0] * 10
            return Mark(match.start(), match.end(), first, first + 9, "open", "range")
        case "hundred":
            first = numbers[0] * 100
            return Mark(match.start(), match.end(), first, first + 99, "open", "range")
        case "short":
            return _short_span(match, numbers)
        case _:
            return _mark(match, int(found.replace("o", "0")), "ocr")


def _century(short: int, *, latest: int) -> int:
    return short + 100 * ((latest - short) // 100)


def _decade(number: int, *, latest: int) -> int:
    return number if number > 99 else _century(number, latest=latest)


def _year_of_dmy(numbers: list[int], found: str, *, latest: int) -> int | None:
    first, second, third = numbers
    if not (1 <= min(first, second) <= 12 and max(first, second) <= 31):
        return None
    if third > 99:
        return third
    # 21-12-19 may be the 21st of December or year 21: a date only where one reading is left.
    if "-" in found and 1 <= second <= 12 and 1 <= third <= 31 and first <= latest % 100:
        return None
    return _century(third, latest=latest)


def _short_span(match: re.Match[str], numbers: list[int]) -> Mark:
    # 1977-78 and 1916-8 are spans, 2008-05 is May, and 2003-05 may be either: then the span, which claims less.
    year, short = numbers[0], numbers[-1]
    size = 100 if re.search(r"\d\d$", match[0]) else 10
    last = year - year % size + short
    if last > year:
        return Mark(match.start(), match.end(), year, last, "span", "range")
    if 1 <= short <= 12:
        return _mark(match, year, "date", "month")
    return Mark(match.start(), match.start() + 4, year, year, "year", "year")
