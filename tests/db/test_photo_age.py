"""The view photo_age: the completed years a person can have in a photo, between its bounds."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from db.models import Photo, PhotoSubject, Subject, TakenYear
from tests.db.rows import insert, photo_row, subject_row

BORN = {"birth_year_min": 1950, "birth_year_max": 1950}


def _ages(catalog: Engine, subject: dict[str, Any], year: dict[str, Any] | None) -> list[tuple[Any, ...]]:
    with catalog.begin() as connection:
        insert(connection, Subject, subject_row(id=1, **subject))
        insert(connection, Photo, photo_row("a", id=7))
        insert(connection, PhotoSubject, {"photo_id": 7, "subject_id": 1})
        if year is not None:
            insert(connection, TakenYear, {"photo_id": 7, "confidence": 0.9, "version": "1", **year})
        return [tuple(row) for row in connection.execute(text("select * from photo_age"))]


@pytest.mark.parametrize(
    ("subject", "year", "ages"),
    [
        pytest.param(
            BORN, {"year": 2000, "year_min": 2000, "year_max": 2000}, (49, 50), id="before or after a birthday"
        ),
        pytest.param(BORN, {"year": 2000}, (49, 50), id="a year with no interval"),
        pytest.param(BORN, {"year_min": 1990, "year_max": 1999}, (39, 49), id="a decade"),
        pytest.param(
            {"birth_year_min": 1948, "birth_year_max": 1952},
            {"year": 2000, "year_min": 2000, "year_max": 2000},
            (47, 52),
            id="born some time between",
        ),
        pytest.param(BORN, {"year": 1950, "year_min": 1950, "year_max": 1950}, (0, 0), id="the year of birth"),
        pytest.param(BORN, {"year_min": 1945, "year_max": 1955}, (0, 5), id="nobody is younger than nought"),
        pytest.param(BORN, {"year": 1940, "year_min": 1940, "year_max": 1949}, None, id="taken before the birth"),
        pytest.param({}, {"year": 2000}, None, id="nobody knows when they were born"),
        pytest.param(BORN, {"reason": "no date"}, None, id="nobody knows when it was taken"),
        pytest.param(BORN, None, None, id="texts not read yet"),
    ],
)
def test_ages_are_intervals_and_unknown_is_no_row(
    catalog: Engine, subject: dict[str, Any], year: dict[str, Any] | None, ages: tuple[int, int] | None
) -> None:
    assert _ages(catalog, subject, year) == ([] if ages is None else [(7, 1, *ages)])


@pytest.mark.parametrize(("born", "taken"), [(1950, 2000), (1984, 1985)])
def test_the_bounds_hold_for_every_day_of_both_years(born: int, taken: int) -> None:
    """Against the calendar: the first and last days decide."""
    days = [(1, 1), (2, 28), (7, 1), (12, 31)]
    ages = [taken - born - (photo < birthday) for birthday in days for photo in days]
    assert (min(ages), max(ages)) == (max(0, taken - born - 1), taken - born)
