"""Whole texts in a fixed form of a day or a month: years in two digits, week dates, seconds since 1970."""

import pytest

from crawler.taken_year import PhotoText, extract_taken_year
from crawler.taken_year.date_forms import year_of_form


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("14Oct21", 2021),
        ("14. okt. 21", 2021),
        ("thursday, oct 14 21", 2021),
        ("14 окт. 21 г.", 2021),
        ("21. oktober 98", 1998),
        ("14 oct '21 10:15", 2021),
        ("3.5.84", 1984),
        ("10/2021", 2021),
        ("10.1968", 1968),
        ("2021-w41-4", 2021),
        ("196809", 1968),
        ("1634206500", 2021),
        ("1634206500000", 2021),
    ],
)
def test_a_form_gives_its_year(text: str, year: int) -> None:
    found = year_of_form(text.lower(), latest=2026)
    assert found is not None
    assert found[0] == year


@pytest.mark.parametrize("text", ["room 12", "14 men 21", "13/2021", "2021-w54", "196813", "4125551234", "1984"])
def test_other_numbers_have_no_form(text: str) -> None:
    assert year_of_form(text, latest=2026) is None


def test_seconds_that_are_still_to_come_are_no_date() -> None:
    assert year_of_form("1999999999", latest=2026) is None


@pytest.mark.parametrize("text", ["੨੦੨੧", "௨௦௨௧", "౨౦౨౧", "೨೦೨೧", "൨൦൨൧", "໒໐໒໑", "២០២១", "༢༠༢༡", "২০২১", "๒๐๒๑"])
def test_digits_of_all_scripts_are_read(text: str) -> None:
    assert extract_taken_year(PhotoText(text=text)).year == 2021


def test_photo_records_take_no_year_from_bare_counters() -> None:
    assert extract_taken_year(PhotoText(title="1634206500")).year is None
    assert extract_taken_year(PhotoText(title="196809")).year is None
