"""Whole texts in a fixed form of a day or a month, most with the year in two digits or in no digits of its own."""

import re
from datetime import UTC, datetime

from crawler.taken_year.words import vocabulary

_SHORT = re.compile(r" *(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|1[0-2]|[12]\d|3[01])\1'?(\d\d) *$")
_TIME = r"(?: +\d{1,2}[:.h]\d\d.{0,20})?"
_NAMED = re.compile(
    # 14Oct21, 14. Okt. 21, Thursday, Oct 14 '21, 14 окт. 21 г.
    r" *(?:[^\W\d_]{2,12}[., ] *)?(?:\d{1,2}[-. ]*([^\W\d_]{3,12})[-., ]*|([^\W\d_]{3,12})[-. ]*\d{1,2},? )"
    rf"('?)(\d\d)(?: ?[^\W\d_]{{1,2}}\.)?{_TIME} *$"
)
_MONTH = re.compile(r" *(?:0?[1-9]|1[0-2]) ?([./-]) ?((?:1[5-9]|20)\d\d) *$")
_WEEK = re.compile(r" *((?:1[89]|20)\d\d)-?w(?:0[1-9]|[1-4]\d|5[0-3])(?:-?[1-7])? *$")
_COMPACT = re.compile(r" *((?:1[89]|20)\d\d)(?:0[1-9]|1[0-2]) *$")
_SECONDS = re.compile(r" *(1\d{9})(?:\d{3}|\d{6})? *$")
"""Seconds since 1970, with thousandths or millionths: no telephone number of ten digits begins with 1."""


def year_of_form(folded: str, *, latest: int) -> tuple[int, str] | None:
    """Return the year of a whole folded text in one of the forms, and "day" or "month"; None for all others.

    A year of two digits is of the latest century that is not after `latest`.
    """
    if match := _SHORT.match(folded):
        return _full(match[2], latest), "day"
    if (match := _NAMED.match(folded)) and (match[3] or "month" in vocabulary().of(match[1] or match[2])):
        return _full(match[4], latest), "day"
    if match := _MONTH.match(folded):
        return int(match[2]), "month"
    if match := _WEEK.match(folded):
        return int(match[1]), "day"
    if match := _COMPACT.match(folded):
        return int(match[1]), "month"
    if match := _SECONDS.match(folded):
        year = datetime.fromtimestamp(int(match[1]), UTC).year
        return (year, "day") if year <= latest else None
    return None


def _full(short: str, latest: int) -> int:
    return int(short) + 100 * ((latest - int(short)) // 100)
