"""A date of Wikidata with its precision and calendar: what is written, and the years it may lie in.

https://www.wikidata.org/wiki/Help:Dates, https://www.mediawiki.org/wiki/Wikibase/DataModel/JSON#time
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from crawler.sites.wikidata.calendars import Calendar, Day, days_of_month, to_gregorian

Precision = Literal["day", "month", "year", "decade", "century"]

_PRECISIONS: Mapping[int, Precision] = {11: "day", 10: "month", 9: "year", 8: "decade", 7: "century"}
_FINER_THAN_DAY = (12, 13, 14)  # hours and less are in the data model and in no statement
_JULIAN = "Q1985786"
_LONGEST_YEAR = 6  # a larger one is geology, not a person

# Old dumps pad the year: +00000001876-11-13T00:00:00Z. Month and day may be 00.
_TIME = re.compile(r"([+-]?)(\d{1,16})-(\d{2})-(\d{2})(?:T[\d:.]*Z?)?")


@dataclass(frozen=True)
class Span:
    """The Gregorian days a date may lie in, both included; an end is None where it is open."""

    first: Day
    last: Day

    @property
    def year_min(self) -> int:
        """The first year it may lie in, astronomical."""
        return self.first.year

    @property
    def year_max(self) -> int:
        """The last year it may lie in."""
        return self.last.year

    def cover(self, other: "Span") -> "Span":
        """Return the smallest span that holds both."""
        return Span(min(self.first, other.first), max(self.last, other.last))


@dataclass(frozen=True)
class WikidataTime:
    """A date as it is written: `text` in EDTF (1968-03-12, 1968-03, 1968, 196X, 19XX), in `calendar`.

    `span` is in the Gregorian calendar, whatever the date is written in.
    """

    text: str
    precision: Precision
    calendar: Calendar
    span: Span


def read_time(value: object) -> WikidataTime | None:
    """Return a `time` value of a statement, or None for what no person is dated with and for what is none."""
    if not isinstance(value, Mapping):
        return None
    match = _TIME.fullmatch(value["time"]) if isinstance(value.get("time"), str) else None
    if match is None:
        return None
    sign, digits, month, day = match[1], match[2].lstrip("0"), int(match[3]), int(match[4])
    precision = _precision(value.get("precision"), month=month, day=day)
    if precision is None or not digits or len(digits) > _LONGEST_YEAR or month > 12:
        return None
    calendar: Calendar = "julian" if str(value.get("calendarmodel", "")).endswith(_JULIAN) else "gregorian"
    magnitude, is_bce = int(digits), sign == "-"
    if precision == "day" and day > days_of_month(_astronomical(magnitude, is_bce=is_bce), month, calendar):
        precision = "month"  # 31 June was written; the month may be right
    return WikidataTime(
        text=_text(magnitude, month, day, precision=precision, is_bce=is_bce),
        precision=precision,
        calendar=calendar,
        span=_span(magnitude, month, day, precision=precision, is_bce=is_bce, calendar=calendar),
    )


def _precision(said: object, *, month: int, day: int) -> Precision | None:
    # A precision that promises more than is written is not believed.
    number = 11 if said in _FINER_THAN_DAY else said
    precision = _PRECISIONS.get(number) if isinstance(number, int) else None
    if precision == "day" and not day:
        precision = "month"
    if precision == "month" and not month:
        precision = "year"
    return "year" if precision == "day" and not month else precision


def _span(magnitude: int, month: int, day: int, *, precision: Precision, is_bce: bool, calendar: Calendar) -> Span:
    if precision == "day":
        only = Day(_astronomical(magnitude, is_bce=is_bce), month, day)
        first, last = only, only
    elif precision == "month":
        year = _astronomical(magnitude, is_bce=is_bce)
        first, last = Day(year, month, 1), Day(year, month, days_of_month(year, month, calendar))
    else:
        low, high = _years(magnitude, precision)
        ends = sorted((_astronomical(low, is_bce=is_bce), _astronomical(high, is_bce=is_bce)))
        first, last = Day(ends[0], 1, 1), Day(ends[1], 12, 31)
    return Span(to_gregorian(first, calendar), to_gregorian(last, calendar))


def _years(magnitude: int, precision: Precision) -> tuple[int, int]:
    if precision == "decade":
        start = magnitude // 10 * 10
        return max(start, 1), start + 9
    if precision == "century":  # 1801 to 1900 is the 19th, as Wikidata itself shows it: 1900 is in it
        start = (magnitude - 1) // 100 * 100
        return start + 1, start + 100
    return magnitude, magnitude


def _astronomical(magnitude: int, *, is_bce: bool) -> int:
    return 1 - magnitude if is_bce else magnitude


def _text(magnitude: int, month: int, day: int, *, precision: Precision, is_bce: bool) -> str:
    sign, year = "-" if is_bce else "", f"{magnitude:04d}"
    if precision == "decade":
        return f"{sign}{year[:-1]}X"
    if precision == "century":
        return f"{sign}{(magnitude - 1) // 100:02d}XX"
    if precision == "year":
        return f"{sign}{year}"
    return f"{sign}{year}-{month:02d}" if precision == "month" else f"{sign}{year}-{month:02d}-{day:02d}"


def as_facts(time: WikidataTime) -> dict[str, Any]:
    """Return a date as JSON for the catalog."""
    return {
        "date": time.text,
        "precision": time.precision,
        "calendar": time.calendar,
        "year_min": time.span.year_min,
        "year_max": time.span.year_max,
    }
