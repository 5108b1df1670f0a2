"""What Flickr's taken date says, and when it says nothing."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sites.flickr.dates import TakenBounds, taken_bounds
from crawler.sites.found import FoundPhoto

UPLOADED = datetime(2004, 5, 6, 7, 8, 9, tzinfo=UTC)


def _photo(text: str | None, granularity: int | None = 0, unknown: bool | None = False) -> FoundPhoto:
    return FoundPhoto(
        "1", date_taken=text, date_taken_granularity=granularity, date_taken_unknown=unknown, uploaded=UPLOADED
    )


@pytest.mark.parametrize(
    ("text", "granularity", "first", "last"),
    [
        ("1998-07-04 10:11:12", 0, "1998-07-04", "1998-07-04"),
        ("1998-07-04 10:11:12", None, "1998-07-04", "1998-07-04"),
        ("1998-07-04 10:11:12", 3, "1998-07-04", "1998-07-04"),
        ("1998-02-01 00:00:00", 4, "1998-02-01", "1998-02-28"),
        ("2000-02-01 00:00:00", 5, "2000-02-01", "2000-02-29"),
        ("1998-01-01 00:00:00", 6, "1998-01-01", "1998-12-31"),
        ("1998-01-01 00:00:00", 7, "1998-01-01", "1998-12-31"),
        ("1998-01-01 00:00:00", 8, "1996-01-01", "2000-12-31"),
        ("1998-01-01 00:00:00", 10, "1996-01-01", "2000-12-31"),
        ("1943-00-00 00:00:00", 0, "1943-01-01", "1943-12-31"),
        ("1943-05-00 00:00:00", 0, "1943-05-01", "1943-05-31"),
        ("0001-01-01 00:00:00", 8, "0001-01-01", "0003-12-31"),
    ],
)
def test_the_granularity_says_how_wide_a_date_is(text: str, granularity: int | None, first: str, last: str) -> None:
    assert taken_bounds(_photo(text, granularity)) == TakenBounds(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "text", [None, "", "0000-00-00 00:00:00", "0000-01-01 00:00:00", "1998-13-01", "1998-02-30", "x"]
)
def test_an_impossible_date_says_nothing(text: str | None) -> None:
    assert taken_bounds(_photo(text)) is None


def test_an_unknown_date_says_nothing() -> None:
    assert taken_bounds(_photo("1998-07-04 10:11:12", unknown=True)) is None


@pytest.mark.parametrize("text", ["2004-05-06 07:08:09", "2004-05-05 23:08:09", "2004-05-06 12:38:10"])
def test_the_upload_time_in_some_zone_says_nothing_where_the_flag_is_absent(text: str) -> None:
    assert taken_bounds(_photo(text, unknown=None)) is None
    assert taken_bounds(_photo(text, unknown=False)) is not None


@pytest.mark.parametrize("text", ["2004-05-06 07:12:09", "2004-05-04 07:08:09", "2004-05-06 99:08:09"])
def test_another_time_is_a_date_where_the_flag_is_absent(text: str) -> None:
    assert taken_bounds(_photo(text, unknown=None)) is not None


@given(
    text=st.from_regex(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", fullmatch=True),
    granularity=st.none() | st.integers(0, 10),
    unknown=st.none() | st.booleans(),
)
def test_bounds_are_in_order_and_hold_the_year(text: str, granularity: int | None, unknown: bool | None) -> None:
    bounds = taken_bounds(_photo(text, granularity, unknown))
    if bounds is not None:
        assert bounds.first <= bounds.last
        assert bounds.first.year <= int(text[:4]) <= bounds.last.year
