"""Dates as the lists of sets write them, as far as they tell them."""

import re
from datetime import date, timedelta
from math import isfinite

_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,3})(?:\D.*)?", re.ASCII)
_AMERICAN = re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})(?:\D.*)?", re.ASCII)
_MATLAB_OFFSET = 366  # Matlab counts days from the year 0, Python from 1 January of the year 1


def iso_date(text: str | None) -> str | None:
    """Return a written date (1952-05-01, 5/1/1952) as ISO, as much of it as is a date: day, month or year.

    A month or day of 0, which stands for "unknown" in IMDB-WIKI, is left out; None where there is no year of four
    digits.
    """
    match = _ISO.fullmatch((text or "").strip()) or _AMERICAN.fullmatch((text or "").strip())
    if match is None or int(match["year"]) == 0:
        return None
    year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
    if not 1 <= month <= 12:
        return f"{year:04}"
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return f"{year:04}-{month:02}"


def year_of(iso: str | None) -> int | None:
    """Return the year of an ISO date of any precision."""
    return int(iso[:4]) if iso else None


def age_on(birth: str | None, taken: str | None) -> int | None:
    """Return the completed years between two ISO dates that are known to the day; None where they are not."""
    if birth is None or taken is None or len(birth) < 10 or len(taken) < 10:
        return None
    born, then = date.fromisoformat(birth), date.fromisoformat(taken)
    return then.year - born.year - ((then.month, then.day) < (born.month, born.day))


def matlab_date(serial: float) -> date:
    """Return the day of a Matlab serial date number; the first day there is where it lies before it.

    As yu4u/age-gender-estimation `src/utils.py` reads the births of IMDB-WIKI, whose ages everybody compares with.
    """
    days = int(serial) - _MATLAB_OFFSET if isfinite(serial) else 0
    return date.min + timedelta(days=min(max(days, 1), date.max.toordinal()) - 1)
