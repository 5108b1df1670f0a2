"""Which photos need a year, and that a year and its evidence are written and replaced together."""

from typing import Any

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import IntegrityError

from db.models import DateEvidence, Photo, TakenYear
from db.taken_years import (
    IMPORTED,
    IdRange,
    StoredYear,
    count_undated,
    save_taken_years,
    stored_year,
    undated_photos,
    undated_ranges,
)
from tests.db.rows import insert, photo_row

VERSION = "7"


def _photos(catalog: Engine, *numbers: int) -> None:
    with catalog.begin() as connection:
        insert(connection, Photo, [photo_row(str(number), id=number) for number in numbers])


def _year(photo_id: int, year: int | None = 1968, **changes: Any) -> dict[str, Any]:
    row = {"photo_id": photo_id, "year": year, "year_min": year, "year_max": year, "confidence": 0.9}
    return {**row, "source": "title" if year else None, "version": VERSION, "edtf": None, "reason": None, **changes}


def _proof(photo_id: int, place: int, **changes: Any) -> dict[str, Any]:
    span = {"source": "title", "span_start": 0, "span_end": 4, "words": "1968", "precision": "year"}
    judged = {"role": "caption", "rule": "year", "year_min": 1968, "year_max": 1968, "confidence": 0.9}
    return {
        "photo_id": photo_id,
        "place": place,
        **span,
        **judged,
        "is_chosen": False,
        "why": None,
        "version": "7",
    } | changes


def _stored(catalog: Engine, model: Any) -> list[Any]:
    table = model.__table__
    with catalog.connect() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key)))


def test_ranges_hold_each_photo_that_needs_a_year_once(catalog: Engine) -> None:
    _photos(catalog, *range(10, 60, 2))
    with catalog.begin() as connection:
        save_taken_years(connection, [_year(12), _year(14, version="6"), _year(16, None), _year(18, source=IMPORTED)])
    needed = [10, 14, *range(20, 60, 2)]
    with catalog.connect() as connection:
        assert count_undated(connection, VERSION) == len(needed)
        found: list[int] = []
        ranges: list[IdRange] = []
        while some := undated_ranges(connection, VERSION, after_id=ranges[-1].last if ranges else 0, size=3, count=2):
            assert len(some) <= 2
            ranges += some
        for within in ranges:
            photos = [photo.id for photo in undated_photos(connection, VERSION, within=within)]
            assert len(photos) <= 3
            found += photos
    assert found == needed


def test_again_gives_all_but_the_imported(catalog: Engine) -> None:
    _photos(catalog, 1, 2, 3)
    with catalog.begin() as connection:
        save_taken_years(connection, [_year(1), _year(2, source=IMPORTED)])
        assert count_undated(connection, VERSION, again=True) == 2
        (within,) = undated_ranges(connection, VERSION, after_id=0, size=9, count=9, again=True)
        assert [photo.id for photo in undated_photos(connection, VERSION, within=within, again=True)] == [1, 3]
        assert undated_photos(connection, VERSION, within=within) != []


def test_a_year_and_its_evidence_are_replaced_together(catalog: Engine) -> None:
    _photos(catalog, 1, 2)
    with catalog.begin() as connection:
        save_taken_years(connection, [_year(1), _year(2)], [_proof(1, 0), _proof(1, 1), _proof(2, 0)])
    with catalog.begin() as connection:
        assert save_taken_years(connection, [_year(1, 1970)], [_proof(1, 0, words="1970", is_chosen=True)]) == 1
    assert [(row.photo_id, row.year) for row in _stored(catalog, TakenYear)] == [(1, 1970), (2, 1968)]
    kept = [(row.photo_id, row.place, row.words, row.is_chosen) for row in _stored(catalog, DateEvidence)]
    assert kept == [(1, 0, "1970", True), (2, 0, "1968", False)]


def test_neither_is_written_when_one_cannot_be(catalog: Engine) -> None:
    _photos(catalog, 1)
    with pytest.raises(IntegrityError), catalog.begin() as connection:
        save_taken_years(connection, [_year(1)], [_proof(1, 0), _proof(1, 0)])
    assert _stored(catalog, TakenYear) == []
    assert _stored(catalog, DateEvidence) == []


def test_a_photo_that_was_taken_down_meanwhile_is_left_out(catalog: Engine) -> None:
    _photos(catalog, 1, 2)
    with catalog.begin() as connection:
        connection.execute(delete(Photo).where(Photo.id == 1))
        assert save_taken_years(connection, [_year(1), _year(2)], [_proof(1, 0), _proof(2, 0)]) == 1
    assert [row.photo_id for row in _stored(catalog, TakenYear)] == [2]
    assert [row.photo_id for row in _stored(catalog, DateEvidence)] == [2]


def test_a_year_that_was_imported_meanwhile_stays_and_an_import_replaces_all(catalog: Engine) -> None:
    _photos(catalog, 1, 2)
    with catalog.begin() as connection:
        save_taken_years(connection, [_year(1), _year(2)], [_proof(2, 0)])
        assert save_taken_years(connection, [_year(2, 1999, source=IMPORTED), _year(1, 1998, source=IMPORTED)]) == 2
        assert save_taken_years(connection, [_year(1, 1970), _year(2, 1971)], [_proof(1, 0)]) == 0
    assert [(row.year, row.source) for row in _stored(catalog, TakenYear)] == [(1998, IMPORTED), (1999, IMPORTED)]
    assert _stored(catalog, DateEvidence) == []


def test_deleting_a_photo_deletes_its_evidence(catalog: Engine) -> None:
    _photos(catalog, 1)
    with catalog.begin() as connection:
        save_taken_years(connection, [_year(1)], [_proof(1, 0)])
        connection.execute(delete(Photo).where(Photo.id == 1))
    assert _stored(catalog, DateEvidence) == []


def test_words_of_any_kind_are_stored(catalog: Engine) -> None:
    _photos(catalog, 1)
    with catalog.begin() as connection:
        save_taken_years(connection, [_year(1)], [_proof(1, 0, words="昭和55年\x00 \ud83d", why="é")])
    (row,) = _stored(catalog, DateEvidence)
    assert (row.words, row.why) == ("昭和55年 \ufffd", "é")


def test_what_is_stored_of_a_year_is_told(catalog: Engine) -> None:
    _photos(catalog, 1, 2)
    with catalog.begin() as connection:
        save_taken_years(connection, [_year(1, edtf="1968~")])
        assert stored_year(connection, 1) == StoredYear(1968, "1968~", "title", VERSION)
        assert stored_year(connection, 2) is None
