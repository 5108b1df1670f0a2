"""Dates of Wikidata: precision, calendar, zeros, padding, and the Gregorian days they may be."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sites.wikidata.calendars import Day, day_number, days_of_month, gregorian_day, to_gregorian
from crawler.sites.wikidata.times import Span, read_time

GREGORIAN, JULIAN = "http://www.wikidata.org/entity/Q1985727", "http://www.wikidata.org/entity/Q1985786"
_ORDINAL_TO_JULIAN_DAY = 1_721_425  # 1 January of year 1, Gregorian, is ordinal 1


def value(time: str, precision: int, calendar: str = GREGORIAN) -> dict[str, object]:
    return {"time": time, "timezone": 0, "before": 0, "after": 0, "precision": precision, "calendarmodel": calendar}


@given(st.dates())
def test_gregorian_days_are_those_of_python(day: date) -> None:
    number = day_number(Day(day.year, day.month, day.day), "gregorian")
    assert number == day.toordinal() + _ORDINAL_TO_JULIAN_DAY
    assert gregorian_day(number) == (day.year, day.month, day.day)


@given(st.integers(-3000, 3000), st.integers(1, 12))
def test_a_julian_year_is_a_leap_year_each_fourth_and_its_days_follow_one_another(year: int, month: int) -> None:
    lengths = [31, 29 if year % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert days_of_month(year, month, "julian") == lengths[month - 1]
    assert day_number(Day(year, 1, 1), "julian") + sum(lengths) == day_number(Day(year + 1, 1, 1), "julian")


@pytest.mark.parametrize(
    ("julian", "gregorian"),
    [
        ((1582, 10, 4), (1582, 10, 14)),  # the day before the reform
        ((1642, 12, 25), (1643, 1, 4)),  # Isaac Newton
        ((1752, 9, 2), (1752, 9, 13)),  # the last Julian day of Great Britain
        ((1900, 2, 28), (1900, 3, 12)),
        ((1900, 2, 29), (1900, 3, 13)),
        ((1918, 1, 31), (1918, 2, 13)),  # the last Julian day of Russia
        ((-4712, 1, 1), (-4713, 11, 24)),
    ],
)
def test_julian_days_are_those_of_the_history_books(julian: tuple[int, ...], gregorian: tuple[int, ...]) -> None:
    assert to_gregorian(Day(*julian), "julian") == gregorian


@pytest.mark.parametrize(
    ("time", "precision", "text", "years"),
    [
        ("+1968-03-12T00:00:00Z", 11, "1968-03-12", (1968, 1968)),
        ("+1968-03-00T00:00:00Z", 10, "1968-03", (1968, 1968)),
        ("+1861-00-00T00:00:00Z", 9, "1861", (1861, 1861)),
        ("+00000001876-11-13T00:00:00Z", 11, "1876-11-13", (1876, 1876)),  # as old dumps pad it
        ("+1960-00-00T00:00:00Z", 8, "196X", (1960, 1969)),
        ("+1965-01-01T00:00:00Z", 8, "196X", (1960, 1969)),
        ("+2000-00-00T00:00:00Z", 7, "19XX", (1901, 2000)),  # the 20th century ends with 2000
        ("+1901-00-00T00:00:00Z", 7, "19XX", (1901, 2000)),
        ("+1900-00-00T00:00:00Z", 7, "18XX", (1801, 1900)),
        ("+1968-00-00T00:00:00Z", 11, "1968", (1968, 1968)),  # a precision that promises more than is written
        ("+1968-03-00T00:00:00Z", 11, "1968-03", (1968, 1968)),
        ("+1969-06-31T00:00:00Z", 11, "1969-06", (1969, 1969)),  # there is no such day
        ("-0044-03-15T00:00:00Z", 11, "-0044-03-15", (-43, -43)),  # 44 BCE is astronomical -43
        ("-0050-00-00T00:00:00Z", 8, "-005X", (-58, -49)),
        ("-0100-00-00T00:00:00Z", 7, "-00XX", (-99, 0)),  # the first century BCE
        ("+0005-00-00T00:00:00Z", 8, "000X", (1, 9)),
    ],
)
def test_a_date_says_as_much_as_its_precision(time: str, precision: int, text: str, years: tuple[int, int]) -> None:
    read = read_time(value(time, precision))
    assert read is not None
    assert (read.text, (read.span.year_min, read.span.year_max)) == (text, years)


@pytest.mark.parametrize(
    ("time", "precision", "span"),
    [
        ("+1642-12-25T00:00:00Z", 11, Span(Day(1643, 1, 4), Day(1643, 1, 4))),
        ("+1642-12-00T00:00:00Z", 10, Span(Day(1642, 12, 11), Day(1643, 1, 10))),
        ("+1642-00-00T00:00:00Z", 9, Span(Day(1642, 1, 11), Day(1643, 1, 10))),
    ],
)
def test_a_julian_date_spans_gregorian_days_and_is_kept_as_written(time: str, precision: int, span: Span) -> None:
    read = read_time(value(time, precision, JULIAN))
    assert read is not None
    assert read.span == span
    assert read.calendar == "julian"
    assert read.text.startswith("1642")


@pytest.mark.parametrize(
    "odd",
    [
        None,
        "1968",
        {},
        {"time": 1968},
        value("+1968-13-01T00:00:00Z", 11),
        value("+1968-03-12T00:00:00Z", 6),  # a millennium dates no person
        value("+13798000000-00-00T00:00:00Z", 3),
        value("+0000-00-00T00:00:00Z", 9),  # there is no year 0
        value("sometime", 9),
        {"time": "+1968-03-12T00:00:00Z"},
        {"time": "+1968-03-12T00:00:00Z", "precision": "11"},
    ],
)
def test_what_dates_no_person_is_no_date(odd: object) -> None:
    assert read_time(odd) is None


@given(st.dates(), st.sampled_from([7, 8, 9, 10, 11]), st.booleans())
def test_a_coarser_precision_covers_the_day_itself(day: date, precision: int, is_julian: bool) -> None:
    written = f"+{day.year:04d}-{day.month:02d}-{day.day:02d}T00:00:00Z"
    calendar = JULIAN if is_julian else GREGORIAN
    exact, coarse = read_time(value(written, 11, calendar)), read_time(value(written, precision, calendar))
    assert exact is not None
    assert coarse is not None
    assert coarse.span.first <= exact.span.first
    assert exact.span.last <= coarse.span.last


@given(st.dates(date(1900, 3, 14), date(2100, 3, 13)))
def test_a_julian_date_of_the_twentieth_century_is_thirteen_days_later(day: date) -> None:
    written = day - timedelta(days=13)
    read = read_time(value(f"+{written:%Y-%m-%d}T00:00:00Z", 11, JULIAN))
    assert read is not None
    assert read.span.first == read.span.last == (day.year, day.month, day.day)
