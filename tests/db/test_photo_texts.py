"""A photo's texts come with the life of its subject where there is one, and a photo is found by what people call it."""

from typing import Any

import pytest
from sqlalchemy import Engine

from db.models import Photo, PhotoSubject, Subject
from db.photo_texts import find_photo, photo_ids, photos_with_texts
from tests.db.rows import insert, photo_row, subject_row


def _fill(catalog: Engine, subjects: list[dict[str, Any]], links: list[tuple[int, int]]) -> None:
    with catalog.begin() as connection:
        for number, subject in enumerate(subjects, start=1):
            insert(connection, Subject, subject_row(f"Marta_{number}", id=number, **subject))
        photos = sorted({photo for photo, _ in links})
        insert(connection, Photo, [photo_row(str(photo), id=photo, title=f"photo {photo}") for photo in photos])
        insert(connection, PhotoSubject, [{"photo_id": photo, "subject_id": subject} for photo, subject in links])


@pytest.mark.parametrize(
    ("subject", "years"),
    [
        ({}, (None, None)),
        ({"birth_date": "1950-03", "death_date": "2001-01-02"}, (1950, 2001)),
        ({"birth_date": "1950", "birth_year_min": 1949, "birth_year_max": 1951}, (1949, None)),
        ({"death_year_min": 1990, "death_year_max": 1999}, (None, 1999)),
        ({"birth_date": "about 1950"}, (None, None)),
    ],
)
def test_a_subject_lives_from_the_first_to_the_last_year_it_may(
    catalog: Engine, subject: dict[str, Any], years: tuple[int | None, int | None]
) -> None:
    _fill(catalog, [subject], [(1, 1)])
    with catalog.connect() as connection:
        (photo,) = photos_with_texts(connection, [1])
    assert (photo.birth_year, photo.death_year) == years
    assert (photo.subject_name, photo.title) == ("Marta 1", "photo 1")


def test_of_several_subjects_nobody_knows_which_is_meant(catalog: Engine) -> None:
    _fill(catalog, [{"birth_date": "1950"}, {}], [(1, 1), (1, 2), (2, 1)])
    with catalog.connect() as connection:
        both, one = photos_with_texts(connection, [2, 1])
    assert (both.id, both.subject_name, both.birth_year) == (1, None, None)
    assert (one.id, one.subject_name, one.birth_year) == (2, "Marta 1", 1950)


def test_a_photo_is_found_by_number_by_site_and_by_page(catalog: Engine) -> None:
    rows = [
        photo_row("77", id=1, page_url="https://photos.example/1/"),
        photo_row("a:b", id=2, site="album", page_url=None),
    ]
    with catalog.begin() as connection:
        insert(connection, Photo, rows)
        found = {
            words: find_photo(connection, words)
            for words in (
                *("1", "flickr:77", "album:a:b", "https://photos.example/1", "https://photos.example/1//"),
                *(
                    "3",
                    "flickr:78",
                    "77",
                    "",
                    ":",
                    "HTTPS://photos.example/2",
                    "9" * 18,
                    "9" * 19,
                    "1; drop table photo",
                ),
            )
        }
    assert {words for words, number in found.items() if number is not None} == {
        *("1", "flickr:77", "album:a:b", "https://photos.example/1", "https://photos.example/1//")
    }
    assert found["album:a:b"] == 2


def test_the_numbers_of_all_photos_come_in_their_order(catalog: Engine) -> None:
    with catalog.begin() as connection:
        insert(connection, Photo, [photo_row(str(number), id=number) for number in (9, 3, 5)])
        assert list(photo_ids(connection)) == [3, 5, 9]
