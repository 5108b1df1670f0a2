"""Finds everything in a text that could be a date, by one pass over its digits.

Only digits and the few words for decades are searched for; months and other words are then read around each find.
A month grammar over the whole text is fifty times slower (reference/taken-year.md).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from crawler.taken_year.calendars import ERAS, year_of_other_calendar
from crawler.taken_year.editions import year_of_edition
from crawler.taken_year.records import Precision
from crawler.taken_year.words import has_piece, vocabulary

_PLAIN_ENDS = frozenset(("", ",", ")", ";", "]", "\n", '"', "!"))
_CENTURY_TOO_FAR = 2100
MOST_MARKS = 64
"""Dates read of one field; a text with more of them is a chronicle, not a caption."""

_YEAR = r"(?:1[0-9]|20)\d\d"
_DIGITS = re.compile(r"\d+")
_RUNS = re.compile(
    # Runs of digits that can begin a date: counters, catalogue numbers and lone small numbers are passed over.
    # It opens with a digit and looks back from there: the engine then skips to digits by itself.
    r"[0-9](?<![0-9][0-9])(?:[0-9]{2,3}(?![0-9])|[0-9]{7,13}(?![0-9])|(?<=['][0-9])[0-9](?![0-9])|0(?![0-9])"
    r"|[0-9](?![0-9])(?<=[a-z.][ ][03-9][0-9])"
    r"|(?<![0-9]\.[0-9])[0-9]?(?!\.[0-9]{1,5}(?![0-9.]| \.)|[0-9,;:)\]\n\"!%°]|$|[ ][0-9(&,x×\"]))"
)
_FOUR_DIGITS = re.compile(r"[0-9]{4}").match
_WORD = re.compile(r"[^\W\d_]+")
_FIRST_OF_ERA = re.compile(rf"({'|'.join(ERAS)}) ?元 ?年")

Form = Literal["year", "date", "stamp", "apostrophe", "decade", "decade_word", "span", "era", "ocr", "open"]


class Mark(NamedTuple):
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
    pieces: tuple[str, ...]
    ascii_pieces: tuple[str, ...]
    """Pieces one of which is in every word for a decade, and those of them that an English text can hold."""
    last_words: frozenset[str]
    prefix_ends: frozenset[str]
    """Last letters of words that stand before a decade: anos in "anos 60"."""


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
    | (?P<open>(?<!\w)(?:1[89]\d|20\d)(?:\?|x|_|-\??(?=[\]\s,.)]|$))(?![\w?]))
    | (?P<hundred>(?<!\w)(?:1[89]|20)(?:--|\?\?|xx)(?![\w?-]))
    | (?P<short>{_YEAR}[ ]?[-/][ ]?(?:c\.?[ ]?)?\d\d?(?![\w]|[-/.]\d))
    | (?P<ocr>(?<!\w)(?:1[89]o\d|1[89]\do|2oo\d|20o\d)(?!\w))
    | (?P<year>{_YEAR}(?!\d))
    """
    return _Patterns(
        anchor=re.compile(anchor, re.VERBOSE),
        decade_before=re.compile(rf"(?<!\w)(?:(?:{prefix}) '?|ב?שנות ה-)$"),
        decade_words=re.compile(rf"(?<!\w)(?:{decade_words})(?!\w)"),
        pieces=words.decade_pieces,
        ascii_pieces=tuple(piece for piece in words.decade_pieces if piece.isascii()),
        last_words=frozenset(_WORD.findall(word)[-1] for word in words.decades),
        prefix_ends=frozenset(word[-1] for word in words.decade_prefixes),
    )


def find_marks(text: str, *, latest: int) -> list[Mark]:
    """Return the marks of a folded text in order; two-digit years take the latest century not after `latest`."""
    patterns = _patterns()
    marks: list[Mark] = []
    end, is_ascii = 0, text.isascii()
    for digits in _RUNS.finditer(text):
        if digits.start() < end:
            continue
        mark = _at_digits(text, digits, patterns, latest=latest, is_ascii=is_ascii)
        if mark is not None:
            marks.append(mark)
            end = mark.end
            if len(marks) >= MOST_MARKS:
                break
    in_order = len(marks)
    pieces = patterns.ascii_pieces if is_ascii else patterns.pieces
    if has_piece(text, pieces) and not patterns.last_words.isdisjoint(_WORD.findall(text)):
        marks += [_decade_word(match, latest=latest) for match in patterns.decade_words.finditer(text)]
    if not is_ascii and "元" in text:
        marks += [_mark(match, ERAS[match[1]][0] + 1, "era") for match in _FIRST_OF_ERA.finditer(text)]
    if len(marks) > in_order:
        marks.sort(key=_start_of)
    return marks[:MOST_MARKS]


def _start_of(mark: Mark) -> int:
    return mark.start


def _at_digits(text: str, digits: re.Match[str], patterns: _Patterns, *, latest: int, is_ascii: bool) -> Mark | None:
    start, end = digits.span()
    size = end - start
    if not is_ascii and (other := year_of_other_calendar(text, start, end)) is not None:
        precision: Precision = "year" if other.year_min == other.year_max else "range"
        return Mark(other.start, other.end, other.year_min, other.year_max, "era", precision)
    last = text[start - 1] if start else ""
    if size in (2, 4):
        if (
            text[end - 1] == "0"
            and (last in (" ", "'") or (last == "-" and not is_ascii))
            and _has_prefix(text, start, patterns)
        ):
            year = _decade(int(digits[0]), latest=latest)
            return Mark(start, end, year, year + 9, "decade", "range")
        if (
            size == 2
            and last == "'"
            and not (text[start - 2 : start - 1].isalnum() or text[start - 2 : start - 1] == "'")
        ):
            following = text[end : end + 1]
            if not (following.isalnum() or following == "'"):
                return _mark(digits, _century(int(digits[0]), latest=latest), "apostrophe")
        if size == 2 and last in " '" and start > 1 and (text[start - 2].isalpha() or text[start - 2] == "."):
            edition = year_of_edition(text, start, end, latest=latest)
            if edition is not None:
                return _mark(digits, edition, "apostrophe")
    elif (
        size == 3
        and last in ("l", "i", "|")
        and not text[max(0, start - 2) : start - 1].isalnum()
        and digits[0][0] in "89"
    ):
        year = 1000 + int(digits[0])
        return Mark(start - 1, end, year, year, "ocr", "year")
    if size == 4:
        if text[start] not in "12":
            return None
        following = text[end : end + 1]
        if (
            following in _PLAIN_ENDS
            or (following == "." and not text[end + 1 : end + 2].isdecimal())
            or (following == "-" and _FOUR_DIGITS(text, end + 1))
        ):
            # A year and nothing more, or one of a span: most dates of most texts, so they skip the grammar.
            year = int(digits[0])
            return Mark(start, end, year, year, "year", "year") if year < _CENTURY_TOO_FAR else None
    match = patterns.anchor.match(text, start)
    return None if match is None else _read(match, latest=latest)


def _has_prefix(text: str, start: int, patterns: _Patterns) -> bool:
    near = text[max(0, start - 24) : start]
    stripped = near.rstrip(" '-")
    return stripped[-1:] in patterns.prefix_ends and patterns.decade_before.search(near) is not None


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
