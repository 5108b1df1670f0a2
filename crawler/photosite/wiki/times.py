"""Points in time as Wikibase writes them: precision, calendar, zeros where a part is not said.

Source: wikibase data model, doc.wikimedia.org/Wikibase/master/php/docs_topics_json.html#Time; recorded P571 and P569.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Precision = Literal["day", "month", "year", "decade", "century"]
Rank = Literal["preferred", "normal", "deprecated"]

PRECISIONS: dict[Precision, int] = {"day": 11, "month": 10, "year": 9, "decade": 8, "century": 7}
GREGORIAN = "http://www.wikidata.org/entity/Q1985727"
JULIAN = "http://www.wikidata.org/entity/Q1985786"
_JULIAN_DAY_OF_ORDINAL_0 = 1_721_425  # Julian day number of the day before 0001-01-01 (proleptic Gregorian)


@dataclass(frozen=True, kw_only=True)
class WikiTime:
    """A point in time as an editor wrote it; month and day are 0 where the precision does not reach them."""

    year: int
    month: int = 0
    day: int = 0
    precision: Precision = "day"
    is_julian: bool = False

    def value(self) -> dict[str, Any]:
        """Return the value of a time snak."""
        return {
            "time": f"{self.year:+05d}-{self.month:02d}-{self.day:02d}T00:00:00Z",
            "timezone": 0,
            "before": 0,
            "after": 0,
            "precision": PRECISIONS[self.precision],
            "calendarmodel": JULIAN if self.is_julian else GREGORIAN,
        }


@dataclass(frozen=True)
class TimeStatement:
    """One statement of a date: a time, or None where the wiki says "some value"."""

    time: WikiTime | None
    rank: Rank = "normal"


def day_time(day: date) -> WikiTime:
    """Return this day, written in the Gregorian calendar."""
    return WikiTime(year=day.year, month=day.month, day=day.day)


def julian_time(day: date) -> WikiTime:
    """Return this (Gregorian) day as the Julian calendar writes it (Richards 2013, Explanatory Supplement 15.11.3)."""
    shifted = day.toordinal() + _JULIAN_DAY_OF_ORDINAL_0 + 32_082
    year = (4 * shifted + 3) // 1461
    rest = shifted - 1461 * year // 4
    month = (5 * rest + 2) // 153
    return WikiTime(
        year=year - 4800 + month // 10,
        month=month + 3 - 12 * (month // 10),
        day=rest - (153 * month + 2) // 5 + 1,
        is_julian=True,
    )


def century_time(year: int) -> WikiTime:
    """Return the century `year` is in, as Wikidata's own form writes it: by its last year, 2000 for 1901 to 2000."""
    return WikiTime(year=-(-year // 100) * 100, precision="century")
