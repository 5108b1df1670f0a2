"""A bare text of which nothing else is known: a catalogue's date text, or a caption.

Photo records keep to the guideline: an interval gives no year. Someone who asks for the year of "c. 1953-1965" wants
the best one year there is, so here an interval gives its middle, with precision "range" and the confidence of the
interval: at most thirty years in a caption, 500 where the whole text is a date. The floor of 1839 is lifted
for date texts and short labels, because catalogues date more than photos.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from crawler.taken_year.circa import Convention
from crawler.taken_year.expression import DateText, read_expression
from crawler.taken_year.records import Candidate, PhotoText, Precision, TakenYear
from crawler.taken_year.score import score_of
from crawler.taken_year.verdict import DATING_ROLES, WEAK

EARLIEST_OF_TEXTS = -3000
"""Years before are prehistory, and numbers."""

LONGEST_LABEL = 60
"""Letters up to which a text that is more than a date may still be a label of something older than photography."""

WIDEST_OF_CAPTION = 30
"""Years of the widest interval of a caption whose middle is given: wider ones are lives and collections."""

WIDEST_OF_DATE = 1000
"""The same where the whole text is a date, and so cannot be of anything else: "17th-19th century"."""

_COUNTS_ITSELF = re.compile(r"(?i)\bor (?:earlier|before|later|after)\b|\b(?:no|not) |\b(?:until|by|from) ")
"""1900 or later, no earlier than 1888: the year itself is one of them."""

_SURE_OF_EXPRESSION = 0.985  # the whole text is one date: 1 of 100 labels of Carnegie looks mistyped
_SURE_OF_BOUND = 0.9  # one side is open, and the other tells the nearest year only
_SURE_OF_WEAK = 0.85
_SURE_OF_SPAN = 0.95
_SURE_OF_HULL = 0.75


def read_bare(text: str, convention: Convention, *, earliest: int, latest: int) -> tuple[TakenYear, Candidate] | None:
    """Return the answer for a text that is nothing but a date, with its candidate; None where it is more than that."""
    read = read_expression(text, convention, latest=latest)
    if read is None:
        return None
    candidate = _candidate(text, read, earliest=earliest, latest=latest)
    return _answer(read, candidate, latest=latest), candidate


def _candidate(text: str, read: DateText, *, earliest: int, latest: int) -> Candidate:
    first = read.year_min if read.year_min is not None else read.year_max
    last = read.year_max if read.year_max is not None else first
    why = None
    if read.year_min is None and read.year_max is None:
        why = "bound: no year"
    elif read.year_min is not None and read.year_min > latest:
        why = "after the upload"
    elif read.year_max is not None and read.year_max < earliest:
        why = "before photography"
    precision: Precision = "circa" if read.is_approximate else "day" if read.grain == "day" else "year"
    precision = precision if read.is_exact_year else "range"
    return Candidate(
        "text", 0, len(text), text, first or 0, last or 0, precision, "caption", "date_text",
        0.0 if why else _SURE_OF_EXPRESSION, accepted=why is None, why=why,
    )  # fmt: skip


def _answer(read: DateText, candidate: Candidate, *, latest: int) -> TakenYear:
    year = read.year
    if year is None and read.year_min is not None and read.year_max is not None:
        year = _middle_of(read.year_min, read.year_max, WIDEST_OF_DATE if read.dates == 1 else WIDEST_OF_CAPTION)
    sure = _SURE_OF_EXPRESSION
    if year is None and (bound := _bound_of(read, candidate.words)) is not None:
        year, sure = bound, _SURE_OF_BOUND
    if not candidate.accepted or (year is not None and year > latest):
        year = None
    is_past = candidate.why is None or candidate.why.startswith("bound")
    score = score_of(sure) if year is not None else 0.0
    return TakenYear(
        year=year,
        year_min=read.year_min if is_past else None,
        year_max=min(read.year_max, latest) if is_past and read.year_max is not None else None,
        precision=candidate.precision if is_past else None,
        confidence=sure if year is not None else 0.0,
        source="text" if is_past else None,
        rule="caption:date_text" if is_past else None,
        words=candidate.words if is_past else None,
        reason=None if year is not None else _reason(candidate, is_past=is_past),
        edtf=read.edtf if is_past else None,
        score=score,
    )


def _reason(candidate: Candidate, *, is_past: bool) -> str:
    return (
        "the words give an interval, not a year"
        if is_past and candidate.precision == "range"
        else "only dates of other things"
    )


def _bound_of(read: DateText, text: str) -> int | None:
    # "Before 1935" is nearest to 1934, inside whether or not the house counts 1935. "After 1613" has no such year: some
    # houses mean 1613 by it and some 1614, which is no bet of 9 to 1.
    counts_itself = _COUNTS_ITSELF.search(text) is not None
    if read.year_min is None:
        return None if read.year_max is None else read.year_max - (not counts_itself)
    return read.year_min if read.year_max is None and counts_itself else None


def _middle_of(first: int, last: int, widest: int) -> int | None:
    return (first + last) // 2 if last - first <= widest else None


def best_of_caption(taken: TakenYear, found: Sequence[Candidate], text: str | None) -> TakenYear:
    """Return an answer for a bare caption where the strict rules gave none: the middle of what they found."""
    if taken.year is not None:
        return taken
    if taken.year_min is not None and taken.year_max is not None:
        if taken.rule in ("conflict", "caption:span_of_a_thing"):
            return taken
        return _middle(taken, taken.year_min, taken.year_max, _SURE_OF_SPAN)
    weak = [c for c in found if c.confidence >= WEAK and c.role in (*DATING_ROLES, "narrative") and not c.accepted]
    # "with 1949 flag" is as often the flag's year as the photo's, in English; a year of a story dates a lone text.
    is_english = (text or "").isascii()
    weak = [
        c for c in weak if not (is_english and c.rule == "modifier") and (c.why is None or c.why.startswith(c.role))
    ]
    if not weak:
        return taken
    first, last = min(c.year_min for c in weak), max(c.year_max for c in weak)
    base = replace(
        taken,
        source=weak[0].source,
        rule=f"{weak[0].role}:{weak[0].rule}",
        words=weak[0].words,
        precision=weak[0].precision,
    )
    return _middle(base, first, last, _SURE_OF_WEAK if first == last else _SURE_OF_HULL)


def _middle(taken: TakenYear, first: int, last: int, sure: float) -> TakenYear:
    year = _middle_of(first, last, WIDEST_OF_CAPTION)
    if year is None:
        return taken
    precision: Precision = "range" if first != last else taken.precision or "year"
    return replace(
        taken,
        year=year,
        year_min=first,
        year_max=last,
        precision=precision,
        confidence=sure,
        score=score_of(sure),
        reason=None,
    )


def is_bare(photo: PhotoText) -> bool:
    """Tell whether a photo is nothing but a bare text."""
    return bool(photo.text) and not (photo.title or photo.description or photo.page_text or photo.date_text)
