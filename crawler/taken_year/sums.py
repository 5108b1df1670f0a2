"""Years that follow by arithmetic: the 50th anniversary of 1945, 90 years old and born 1910, yesterday, last year."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from crawler.taken_year.clean import CleanText
from crawler.taken_year.records import Candidate
from crawler.taken_year.words import Vocabulary, has_piece, pieces_of, vocabulary

_ORDINAL = r"(\d{1,3})(?:st|nd|rd|th|er|eme|e|o|a|[.º°ª]|-?[а-я]{1,2})?"
_AGED = re.compile(
    r"(?<!\w)(?:aged|im alter von|agee? de|aos|a la edad de) (\d{1,2})(?!\w)(?! ?(?:months|monate|mois|meses))"
)
_SHORTEST_FEAST = 25  # years: a silver wedding
_SHORT_TEXT = 120
"""Letters up to which "last year" speaks of the photo; in a longer text it speaks of the story."""

_NOT_NOW = re.compile(r"(?:since|than|until|from|of|until|as of|like|seit|depuis|desde|\d)\s$")
_LAST_MONTHS = {"spring": 2, "summer": 5, "autumn": 8, "christmas": 11}
"""Month of the upload up to which the last spring, summer, autumn or Christmas was that of the year before."""

_JANUARY, _FIRST_DAYS, _FIRST_WEEKS, _NOON = 1, 1, 7, 12


def _alternatives(words: Vocabulary, kind: str) -> str:
    found = [word for word, kinds in words.kinds.items() if kind in kinds]
    return "|".join(re.escape(word) for word in sorted(found, key=len, reverse=True))


@lru_cache(maxsize=2)
def _anniversary_pieces(*, is_ascii: bool) -> tuple[str, ...]:
    words = vocabulary()
    found = [*words.feasts, *(word for word, kinds in words.kinds.items() if "anniversary" in kinds)]
    return pieces_of([word for word in found if word.isascii() or not is_ascii])


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    words = vocabulary()
    anniversaries, birthdays = _alternatives(words, "anniversary"), _alternatives(words, "birthday")
    turns = _alternatives(words, "turns")
    relative = "|".join(re.escape(word) for word in sorted(words.relative, key=len, reverse=True))
    return (
        re.compile(rf"(?<!\w){_ORDINAL}[ -](?:[^\W\d_]+[ ])?(?:{anniversaries})(?!\w)"),
        re.compile(rf"(?<!\w)(?:(?:{turns}) (\d{{1,3}})|{_ORDINAL}[ ](?:{birthdays}))(?!\w)"),
        re.compile(rf"(?<!\w)(?:{relative})(?!\w)"),
    )


def add_anniversaries(text: CleanText, found: list[Candidate], *, latest: int) -> list[Candidate]:
    """Return `found` with the years of anniversaries worked out and their base years rejected."""
    if not found or not has_piece(text.folded, _anniversary_pieces(is_ascii=text.is_ascii)):
        return found
    found = [_of_feast(text, candidate) for candidate in found]
    match = _patterns()[0].search(text.folded)
    if match is None:
        return found
    count = int(match[1])
    result: list[Candidate] = []
    for candidate in found:
        year, is_base = candidate.year_min, _follows(text, match, candidate)
        if candidate.year_max - year == count:
            # (1945-1995): the interval is the count, its end the feast.
            result.append(_worked_out(candidate, candidate.year_max, "anniversary_span"))
        elif candidate.year_min == candidate.year_max and is_base and year + count <= latest:
            result.append(_worked_out(candidate, year + count, "anniversary_of"))
        elif is_base:
            result.append(replace(candidate, role="anniversary", rule="base", accepted=False, why="anniversary: base"))
        else:
            result.append(candidate)
    return result


def _of_feast(text: CleanText, candidate: Candidate) -> Candidate:
    # Golden wedding 1948-1998: a span as long as the feast counts ends with the feast.
    width = candidate.year_max - candidate.year_min
    if width < _SHORTEST_FEAST or width not in vocabulary().feasts.values():
        return candidate
    if any(count == width and feast in text.folded for feast, count in vocabulary().feasts.items()):
        return _worked_out(candidate, candidate.year_max, "feast_span")
    return candidate


def _follows(text: CleanText, match: re.Match[str], candidate: Candidate) -> bool:
    gap = text.folded[match.end() : candidate.start]
    return candidate.start >= match.end() and bool(re.fullmatch(r"[^.;!?,()\d]{0,40}\(?", gap)) and " of " in f"{gap} "


def birthday_number(text: CleanText) -> re.Match[str] | None:
    """Return the match of "turns 90" or "90th birthday", its number in group 1 or 2."""
    return _patterns()[1].search(text.folded)


def birthday(text: CleanText, source: str, *, born: int | None, latest: int) -> Candidate | None:
    """Return the year of the birthday a text speaks of, for a person born in `born`."""
    match = birthday_number(text) if born else None
    if match is None or born is None:
        return None
    year = born + int(match[1] or match[2])
    if year > latest:
        return None
    return Candidate(
        source, match.start(), match.end(), text.raw[match.start() : match.end()], year, year, "year",
        "anniversary", "birthday", 0.93, accepted=True,
    )  # fmt: skip


def age(text: CleanText, source: str, *, born: int, latest: int) -> Candidate | None:
    """Return the two years in which a person born in `born` was of the age a text tells: aged 42."""
    match = _AGED.search(text.folded)
    if match is None:
        return None
    first = born + int(match[1])
    if not born < first <= latest:
        return None
    return Candidate(
        source, match.start(), match.end(), text.raw[match.start() : match.end()], first, first + 1, "range",
        "anniversary", "age_and_birth", 0.92, accepted=True,
    )  # fmt: skip


def relative(text: CleanText, source: str, uploaded: datetime) -> Candidate | None:
    """Return the year that "yesterday" or "last year" means in a short text, counted from the upload."""
    if len(text.plain.strip()) > _SHORT_TEXT:
        return None
    match = _patterns()[2].search(text.folded)
    if match is None or _NOT_NOW.search(text.folded[: match.start()]):
        return None
    year = _shifted(vocabulary().relative[match[0]], uploaded)
    if year is None:
        return None
    return Candidate(
        source, match.start(), match.end(), text.raw[match.start() : match.end()], year, year, "year",
        "relative", "relative_words", 0.91, accepted=True,
    )  # fmt: skip


def _shifted(shift: str, uploaded: datetime) -> int | None:
    unit, _, count = shift.partition("-")
    if unit == "day" and count and uploaded.month == _JANUARY and uploaded.day <= int(count):
        # In the morning of 1 January it is not yet the 2nd anywhere, so yesterday was last year everywhere.
        return uploaded.year - 1 if uploaded.hour < _NOON else None
    if unit == "year":
        return uploaded.year - int(count or 0)
    if unit in _LAST_MONTHS:
        # "Last summer" in April was last year's; in October it is this year's to some and last year's to others.
        return uploaded.year - 1 if uploaded.month <= _LAST_MONTHS[unit] else None
    first_days = {"day": int(count or 0) + _FIRST_DAYS, "week": _FIRST_WEEKS + 7, "month": 31}[unit]
    if uploaded.month == _JANUARY and uploaded.day <= first_days and count:
        # Early in January yesterday may be last year; only a month back is certain to be.
        return uploaded.year - 1 if unit == "month" else None
    return uploaded.year


def _worked_out(candidate: Candidate, year: int, rule: str) -> Candidate:
    return replace(
        candidate, year_min=year, year_max=year, precision="year", role="anniversary", rule=rule,
        confidence=0.93, accepted=True, why=None,
    )  # fmt: skip


def birth_years(found: Sequence[Candidate]) -> list[int]:
    """Return the birth years a record states, for the arithmetic of birthdays."""
    return [c.year_min for c in found if c.rule == "born_words" and c.year_min == c.year_max]
