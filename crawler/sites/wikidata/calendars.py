"""Julian and Gregorian dates as one count of days, so that a date written in the old calendar gets its true year.

Both calendars are proleptic and years astronomical: 1 BCE is 0, 2 BCE is -1. The algorithm is that of E. G. Richards,
"Calendars", Explanatory Supplement to the Astronomical Almanac, 3rd ed., section 15.11.3.
"""

from typing import Literal, NamedTuple

Calendar = Literal["gregorian", "julian"]


class Day(NamedTuple):
    """A date of either calendar."""

    year: int
    month: int
    day: int


def day_number(date: Day, calendar: Calendar) -> int:
    """Return the Julian day number of a date: days since noon of 1 January 4713 BCE, Julian."""
    from_march = (14 - date.month) // 12
    year = date.year + 4800 - from_march
    days = date.day + (153 * (date.month + 12 * from_march - 3) + 2) // 5 + 365 * year + year // 4
    return days - 32083 if calendar == "julian" else days - year // 100 + year // 400 - 32045


def gregorian_day(number: int) -> Day:
    """Return the Gregorian date of a Julian day number."""
    days = number + 32044
    centuries = (4 * days + 3) // 146097
    rest = days - 146097 * centuries // 4
    years = (4 * rest + 3) // 1461
    rest -= 1461 * years // 4
    months = (5 * rest + 2) // 153
    return Day(
        year=100 * centuries + years - 4800 + months // 10,
        month=months + 3 - 12 * (months // 10),
        day=rest - (153 * months + 2) // 5 + 1,
    )


def to_gregorian(date: Day, calendar: Calendar) -> Day:
    """Return the Gregorian date of the same day."""
    return date if calendar == "gregorian" else gregorian_day(day_number(date, calendar))


def days_of_month(year: int, month: int, calendar: Calendar) -> int:
    """Return how many days a month has."""
    following = Day(year + month // 12, month % 12 + 1, 1)
    return day_number(following, calendar) - day_number(Day(year, month, 1), calendar)
