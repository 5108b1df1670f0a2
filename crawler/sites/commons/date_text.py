"""The date of a Commons file as its page writes it: free text or HTML, and what a machine can be sure of in it.

Templates of Commons put the date into the HTML a second time, for machines: a `<time datetime="2007-06-29">`, or a
hidden `date QS:P571,+1891-00-00T00:00:00Z/9` in the words of Wikidata (https://www.wikidata.org/wiki/Help:QuickStatements).
What is left is text, for the reader of texts (`crawler/taken_year`).
"""

import re
from dataclasses import dataclass

from crawler.sites.commons.page import html_text
from crawler.sites.wikidata.statements import CIRCA
from crawler.sites.wikidata.times import WikidataTime, read_time

_LETTERS = 20_000  # a date that begins further down is none

_TIME_TAG = re.compile(r"<time\b[^<>]{0,200}\bdatetime=\"([^\"]{4,40})\"", re.IGNORECASE)
_QUICK_STATEMENT = re.compile(r"date QS:P\d*,(\+\d{1,9}-\d\d-\d\dT00:00:00Z)/(\d{1,2})((?:,[^<,\s]{1,60}){0,12})")
_PLAIN = re.compile(r"\s*(\d{4})(?:[-:](\d{2})(?:[-:](\d{2})(?:[T ]+(\d{2}:\d{2}(?::\d{2})?))?)?)?(?=$|[\sZ+(<,;.])")
_NOT_TAKEN = re.compile(
    r"\bupload|\bpubli(?:shed|cation)|\bscan(?:ned)?\b|\bdigiti[sz]|\bbefore\b|\bafter\b|\bbetween\b|/"
)
_ABOUT = re.compile(r"\b(?:circa|ca\.?|c\.|about|around)(?!\w)")

_DAY, _MONTH, _YEAR, _ABOUT_YEAR = 0, 4, 6, 8
_GRANULARITIES = {"day": _DAY, "month": _MONTH, "year": _YEAR}


@dataclass(frozen=True)
class WrittenDate:
    """A taken date as the catalog has it: `YYYY-MM-DD HH:MM:SS`, and 0 (day or second), 4 month, 6 year, 8 circa."""

    date_taken: str
    granularity: int


def read_date_text(text: str | None) -> WrittenDate | None:
    """Return the one date `text` states for machines, or as a plain date; None where only a reader could tell.

    Dates of upload, publication or scanning, and bounds ("before 1950"), are none.
    """
    if text is None:
        return None
    text = text[:_LETTERS]
    shown = html_text(text) or ""
    if _NOT_TAKEN.search(shown.lower()):
        return None
    is_about = bool(_ABOUT.search(shown.lower()))
    if (statement := _QUICK_STATEMENT.search(text)) is not None:
        return _of_statement(statement, is_about=is_about)
    tags = set(_TIME_TAG.findall(text))
    if len(tags) > 1:
        return None  # a span of time
    return _of_plain(tags.pop() if tags else shown, is_about=is_about)


def _of_statement(match: re.Match[str], *, is_about: bool) -> WrittenDate | None:
    time = read_time({"time": match[1], "precision": int(match[2])})
    qualifiers = [word for word in match[3].split(",") if word]
    is_about = is_about or CIRCA in qualifiers
    if time is None or any(word.startswith("P") and word != "P1480" for word in qualifiers):
        return None  # earliest, latest, "early": a span
    granularity = _GRANULARITIES.get(time.precision)
    return None if granularity is None else _written(time, granularity, is_about=is_about)


def _of_plain(words: str, *, is_about: bool) -> WrittenDate | None:
    match = _PLAIN.match(words)
    if match is None:
        return None
    year, month, day, clock = match[1], match[2] or "00", match[3] or "00", match[4]
    time = read_time({"time": f"+{year}-{month}-{day}T00:00:00Z", "precision": 11})
    if time is None:
        return None
    return _written(time, _GRANULARITIES[time.precision], is_about=is_about, clock=clock)


def _written(time: WikidataTime, granularity: int, *, is_about: bool, clock: str | None = None) -> WrittenDate:
    first = time.span.first
    clock = f"{clock}:00"[:8] if clock else "00:00:00"
    date = f"{first.year:04d}-{first.month:02d}-{first.day:02d} {clock}"
    return WrittenDate(date, _ABOUT_YEAR if is_about else granularity)
