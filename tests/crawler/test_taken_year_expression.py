"""Date texts of catalogues: what each says, as an interval and as EDTF; answers worked out by hand."""

from datetime import UTC, datetime

import pytest

from crawler.taken_year import PhotoText, extract_taken_year


@pytest.mark.parametrize(
    ("text", "year_min", "year_max", "edtf"),
    [
        ("1637", 1637, 1637, "1637"),
        ("about 1860", 1860, 1860, "1860~"),
        ("?1815", 1815, 1815, "1815?"),
        ("1968-71?", 1968, 1971, "1968/1971?"),
        ("March 27-29, 1956", 1956, 1956, "1956-03"),
        ("September 1961 - May 1962", 1961, 1962, "1961/1962"),
        ("8/27/1929", 1929, 1929, "1929-08-27"),
        ("21-12-19", 2019, 2019, "2019"),
        ("January 2008", 2008, 2008, "2008-01"),
        ("Feb 1812 approx", 1812, 1812, "1812-02~"),
        ("Summer 1872", 1872, 1872, "1872-22"),
        ("12. März 1934", 1934, 1934, "1934-03-12"),
        ("3/4/1950", 1950, 1950, "1950"),
        ("listopad 1980", 1980, 1980, "1980"),
        ("1920s - early 1930s", 1920, 1935, "192X/1935"),
        ("1940s", 1940, 1949, "194X"),
        ("late 19th century", 1850, 1899, "1850/1899"),
        ("12th-13th century", 1100, 1299, "11XX/12XX"),
        ("siglo XIX", 1800, 1899, "18XX"),
        ("664-525 BCE", -664, -525, "-0664/-0525"),
        ("1938, printed 1970s", 1938, 1938, "1938"),
        ("published 1793", 1793, 1793, "1793"),
        ("between 1932 and 1934", 1932, 1934, "1932/1934"),
        ("[190-]", 1900, 1909, "190X"),
        ("19--", 1900, 1999, "19XX"),
        ("before 1945", None, 1945, "../1945"),
        ("1900 or later", 1900, None, "1900/.."),
    ],
)
def test_a_date_text_says_an_interval(text: str, year_min: int | None, year_max: int | None, edtf: str) -> None:
    taken = extract_taken_year(PhotoText(text=text))
    assert (taken.year_min, taken.year_max, taken.edtf) == (year_min, year_max, edtf)


@pytest.mark.parametrize(
    ("source", "text", "interval"),
    [
        ("cmoa/collection 1", "c. 1911", (1906, 1916)),
        ("tategallery/collection", "c.1911", (1911, 1911)),
        (None, "ca. 1911", (1911, 1911)),
        ("cmoa/collection 1", "1520", (1519, 1519)),
        ("tategallery/collection", "1972, printed 2010", (1972, 2010)),
    ],
)
def test_the_width_of_circa_is_a_setting_of_the_house(source: str | None, text: str, interval: tuple[int, int]) -> None:
    taken = extract_taken_year(PhotoText(text=text, source=source))
    assert (taken.year_min, taken.year_max) == interval


@pytest.mark.parametrize(
    ("text", "year"),
    [("designed 1944, manufactured 1999", 1999), ("1986 (manufactured 2000)", 2000), ("c. 1953-1965", 1959)],
)
def test_a_thing_is_of_the_year_it_was_made_in_and_else_of_the_middle(text: str, year: int) -> None:
    assert extract_taken_year(PhotoText(text=text)).year == year


def test_a_photo_record_keeps_to_two_years_for_circa() -> None:
    taken = extract_taken_year(PhotoText(title="Toma, c. 1911"))
    assert (taken.year, taken.year_min, taken.year_max, taken.edtf) == (1911, 1909, 1913, "1911~")


def test_a_bare_interval_gives_its_middle_and_a_photo_record_gives_none() -> None:
    assert extract_taken_year(PhotoText(text="1953-1965")).year == 1959
    assert extract_taken_year(PhotoText(text="1953-1965")).precision == "range"
    assert extract_taken_year(PhotoText(title="1953-1965")).year is None


@pytest.mark.parametrize(
    ("text", "year", "first", "last"),
    [
        ("before 1945", 1944, None, 1945),
        ("no later than 1945", 1945, None, 1945),
        ("1945 or later", 1945, 1945, None),
        ("after 1945", None, 1945, None),
        ("before the 1900s", None, None, None),
        ("before 2090", None, None, 2026),
    ],
)
def test_one_open_side_gives_the_nearest_year_that_every_house_means(
    text: str, year: int | None, first: int | None, last: int | None
) -> None:
    photo = PhotoText(text=text, uploaded=datetime(2026, 5, 1, tzinfo=UTC))
    taken = extract_taken_year(photo)
    assert (taken.year, taken.year_min, taken.year_max) == (year, first, last)
    assert extract_taken_year(PhotoText(title=text)).year is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("18th century, after 1713", 1713, 1799),
        ("19th century, before 1840", 1800, 1840),
        ("New Kingdom, 18th Dynasty, c. 1570-1320 BCE", -1575, -1315),
        ("1122 BCE-256 BCE", -1122, -256),
    ],
)
def test_a_bound_cuts_a_century_and_names_of_periods_are_passed_over(text: str, first: int, last: int) -> None:
    taken = extract_taken_year(PhotoText(text=text))
    assert (taken.year_min, taken.year_max) == (first, last)
    assert taken.year is not None


def test_carnegie_widens_spans_of_before_the_fifties() -> None:
    years = [extract_taken_year(PhotoText(text=f"c. {span}")) for span in ("1938-1949", "1938-1950", "1930-1950")]
    assert [(taken.year_min, taken.year_max) for taken in years] == [(1933, 1954), (1938, 1950), (1925, 1955)]


@pytest.mark.parametrize("text", ["Room 12", "3.5 x 4 in.", "undated", "born 1931", "", "-", "the", "1"])
def test_what_is_no_date_gives_no_year(text: str) -> None:
    assert extract_taken_year(PhotoText(text=text)).year is None
