"""Remembers what was decided of a date between the same words: long captions of one house repeat their sentences.

"Acquired 2001-10-04", "(American, 1908-1998)": the rules are asked once, and the next caption is told. Only what a
verdict depends on is the key, so that the answer with the memo is the answer without it; tests/crawler/
test_taken_year_memo.py holds that. Texts with anything the rules look for further away go without.
"""

import re
from typing import NamedTuple

from crawler.taken_year.captions import LONG_TEXT, STILL_PIECES
from crawler.taken_year.clean import CleanText
from crawler.taken_year.context import REACH, ends_sentence
from crawler.taken_year.marks import Mark
from crawler.taken_year.records import Precision, Role
from crawler.taken_year.words import has_piece

_MOST = 8192
"""Entries kept, two megabytes; then it begins anew."""

_FORMS = frozenset({"year", "span", "date"})
_LOOKS_FURTHER = frozenset({"dated_thing", "object_after", "quoted", "inscribed"})
"""Rules that read the whole text."""

_SURE_END = 5  # letters of a word that a full stop follows and that no pattern of the rules spells
_LONG_NUMBER = re.compile(r"[0-9]{3,}")


class Decided(NamedTuple):
    """What was decided of a date; years are counted from those of the mark."""

    first: int
    last: int
    precision: Precision
    role: Role
    rule: str
    confidence: float
    accepted: bool
    why: str | None
    is_questioned: bool


Key = tuple[str, str, str, int, str, str, bool]

_SEEN: dict[Key, Decided] = {}


def is_worth_it(text: CleanText) -> bool:
    """Tell whether verdicts on a text depend only on the words beside each date: a long one in plain letters."""
    return text.is_ascii and len(text.plain) > LONG_TEXT and len(text.plain.strip()) > LONG_TEXT


def key_of(text: CleanText, mark: Mark, source: str, *, left_edge: int, right_edge: int) -> Key | None:
    """Return all that the verdict on `mark` depends on, None where that is more than the words beside it."""
    if mark.form not in _FORMS:
        return None
    for first, last in text.quotes:
        if first < mark.start and mark.end < last:
            return None
    start, folded = max(left_edge, mark.start - REACH), text.folded
    is_cut = start > left_edge
    before = folded[start : mark.start]
    stop = before.rfind(";") + 1
    point = before.rfind(". ", stop)
    while point > stop:
        word = before.rfind(" ", stop, point) + 1
        if point - word >= _SURE_END and word > stop and before[word:point].isalpha():
            if ends_sentence(before[word:point]):
                stop = point + 1
            break
        point = before.rfind(". ", stop, point)
    if stop:
        before, is_cut = before[stop:], False
    after = text.plain[mark.end : min(right_edge, mark.end + REACH)]
    if not before or not after:
        return None
    if mark.form == "year" and (")" in after or "]" in after) and has_piece(folded, STILL_PIECES):
        return None  # the rule for film stills reads on over the end of a sentence
    after = _LONG_NUMBER.sub("000", after)
    return source, mark.form, mark.precision, mark.year_max - mark.year_min, before, after, is_cut


def recall(key: Key) -> Decided | None:
    """Return what was decided between the same words, if it is remembered."""
    return _SEEN.get(key)


def remember(key: Key, decided: Decided) -> None:
    """Keep what was decided, unless a rule decided that read further than the key."""
    if decided.rule in _LOOKS_FURTHER:
        return
    if len(_SEEN) >= _MOST:
        _SEEN.clear()
    _SEEN[key] = decided


def forget() -> None:
    """Begin anew: for tests and measurements."""
    _SEEN.clear()
