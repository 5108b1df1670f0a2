"""Years that people, goods and events carry with them, and editions in two digits."""

from datetime import UTC, datetime

import pytest

from crawler.taken_year import PhotoText, explain, extract_taken_year

UPLOADED = datetime(2022, 5, 5, 10, tzinfo=UTC)


def _read(title: str) -> tuple[int | None, int | None, int | None]:
    taken = extract_taken_year(PhotoText(title=title, uploaded=UPLOADED))
    return taken.year, taken.year_min, taken.year_max


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Survivor of the 1906 earthquake", "anniversary"),
        ("Parade in memory of 1916", "anniversary"),
        ("Former Miss Denmark 1969, Lone", "term"),
        ("1974 champion Bo Falk", "term"),
        ("Goalie of FC Schalke 1904", "founding"),
        ("Hincha con la camiseta de 1978", "object"),
        ("Morfar med sin Volvo från 1962", "object"),
        ("Nonno e la sua Fiat 1100 del 1957", "object"),
        ("Pedlar, pre-1900", "bound"),
        ("Dinner at 1930 with Tess", "identifier"),
        ("Ballerina © Studio Lux 2012", "publication"),
        ("El torero Luis Rubio (Sevilla, 1905 - Madrid, 1971)", "birth_death"),
    ],
)
def test_a_year_that_something_carries_with_it_dates_no_photo(title: str, role: str) -> None:
    assert _read(title) == (None, None, None)
    assert {c.role for c in explain(PhotoText(title=title, uploaded=UPLOADED))} <= {role, "object"}


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("Fans at France 98, Benny", 1998),
        ("Hostess Lise, Expo 67", 1967),
        ("Xmas 78, Nan", 1978),
        ("Sept 58 - first day at school", 1958),
        ("Winner of the sack race, Leeds 1955", 1955),
        ("New York 1969", 1969),
        ("Champagne reception 2001, Liz", 2001),
        ("1955 hotel staff", 1955),
        ("Uncle Joe 1950 by the canal", 1950),
        ("Dědeček v roce 1937 na vojně", 1937),
        ("一九七六年三月 北京 爷爷", 1976),
        ("平成十三年 運動会", 2001),
    ],
)
def test_a_caption_that_looks_like_one_of_them_is_read(title: str, year: int) -> None:
    assert _read(title)[0] == year


@pytest.mark.parametrize(
    "title", ["France 97, Benny", "Room 98, Benny", "Easter 12 eggs", "May 45 people", "Summer 45 men", "Expo 92%"]
)
def test_two_digits_that_are_a_number_are_no_year(title: str) -> None:
    assert _read(title) == (None, None, None)


@pytest.mark.parametrize(
    ("title", "years"),
    [
        ("Fans at Euro 2020", (2021, 2021, 2021)),
        ("Fencer at the Tokyo 2020 Olympics", (2021, 2021, 2021)),
        ("Guide at Expo 2020, Dubai", (None, 2021, 2022)),
        ("Tokyo 2020, Kenji", (None, None, None)),
        ("Tokyo, May 2020, Kenji", (2020, 2020, 2020)),
        ("London 2012 Olympics, Danny", (2012, 2012, 2012)),
    ],
)
def test_an_event_is_of_the_year_it_was_held_in(title: str, years: tuple[int | None, int | None, int | None]) -> None:
    assert _read(title) == years


def test_a_postponed_event_is_sure_of_its_year() -> None:
    assert extract_taken_year(PhotoText(title="Fans at Euro 2020", uploaded=UPLOADED)).edtf == "2021"


def test_late_and_early_halves_of_two_decades_are_one_interval() -> None:
    assert _read("Dancers, late 1940s or early 1950s") == (None, 1947, 1953)


def test_a_year_in_the_name_of_the_subject_dates_nothing() -> None:
    photo = PhotoText(title="Club 1975 live at the Roxy", uploaded=UPLOADED)
    assert extract_taken_year(photo).year == 1975
    named = PhotoText(title="Club 1975 live at the Roxy", subject_name="Club 1975", uploaded=UPLOADED)
    assert extract_taken_year(named).year is None


def test_a_tag_that_repeats_the_year_of_a_thing_is_no_second_witness() -> None:
    photo = PhotoText(title="Grandad and his 1938 Austin", tags="grandad 1938", uploaded=UPLOADED)
    assert extract_taken_year(photo).year is None
    assert extract_taken_year(PhotoText(title="Grandad", tags="grandad 1938", uploaded=UPLOADED)).year == 1938


def test_years_beside_a_year_of_the_story_are_of_the_story_too() -> None:
    photo = PhotoText(title="Ella", description="She finished school in 1931, joined the mill in 1932.")
    assert extract_taken_year(photo).year is None


@pytest.mark.parametrize(
    ("uploaded", "year"), [(datetime(2012, 4, 6, tzinfo=UTC), 2011), (datetime(2012, 10, 6, tzinfo=UTC), None)]
)
def test_last_summer_is_last_years_before_the_summer_and_doubtful_after_it(
    uploaded: datetime, year: int | None
) -> None:
    assert extract_taken_year(PhotoText(title="Last summer in Corfu with Ann", uploaded=uploaded)).year == year


@pytest.mark.parametrize("name", ["signal-2013-05-06-101112.jpg", "mmexport20130506.jpg", "scan_20100512.jpg"])
def test_the_stamp_of_a_messenger_or_a_scan_is_no_date_of_taking(name: str) -> None:
    assert extract_taken_year(PhotoText(title="Aunt", file_name=name, uploaded=UPLOADED)).year is None


@pytest.mark.parametrize(
    "title", ["Oma wird 90! (geb. 1911)", "Abuela cumple 90 años (nacida en 1911)", "Gran turns 90 (b. 1911)"]
)
def test_a_birthday_is_reckoned_from_the_birth_in_more_languages(title: str) -> None:
    assert _read(title)[0] == 2001


def test_a_tag_that_begins_a_line_parts_two_dates() -> None:
    photo = PhotoText(title="Barn dance", description="<b>Date:</b> 1929<br><b>Scanned:</b> 2008", uploaded=UPLOADED)
    assert extract_taken_year(photo).year == 1929
