"""Batched writes that may be repeated, the same on both databases."""

from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from db.models import Photo, Subject
from db.upserts import batches, insert_new, upsert
from tests.db.rows import photo_row, subject_row, table

PHOTOS = table(Photo)
SUBJECTS = table(Subject)


def test_insert_new_leaves_known_rows_as_they_are_and_counts_the_new_ones(catalog: Engine) -> None:
    with catalog.begin() as connection:
        assert insert_new(connection, PHOTOS, [photo_row("a", title="first"), photo_row("b")]) == 2
        assert insert_new(connection, PHOTOS, [photo_row("a", title="second"), photo_row("c")]) == 1
        found = connection.execute(select(Photo.site_id, Photo.title).order_by(Photo.site_id)).all()
    assert found == [("a", "first"), ("b", None), ("c", None)]


def test_a_row_given_twice_is_stored_once(catalog: Engine) -> None:
    with catalog.begin() as connection:
        assert insert_new(connection, PHOTOS, [photo_row("a"), photo_row("a"), photo_row("b")]) == 2


def test_upsert_overwrites_the_named_columns_only(catalog: Engine) -> None:
    with catalog.begin() as connection:
        upsert(
            connection, PHOTOS, [photo_row("a", title="old", tags="old")], keys=["site", "site_id"], update=["title"]
        )
        upsert(
            connection, PHOTOS, [photo_row("a", title="new", tags="new")], keys=["site", "site_id"], update=["title"]
        )
        assert connection.execute(select(Photo.title, Photo.tags)).all() == [("new", "old")]


def test_of_rows_with_the_same_key_the_last_counts(catalog: Engine) -> None:
    rows = [subject_row(name, birth_date=date) for name, date in [("A", "1950"), ("B", None), ("A", "1951")]]
    with catalog.begin() as connection:
        upsert(connection, SUBJECTS, rows, keys=["name"], update=["birth_date"])
        found = connection.execute(select(Subject.name, Subject.birth_date).order_by(Subject.name)).all()
    assert found == [("A", "1951"), ("B", None)]


def test_rows_may_name_different_columns(catalog: Engine) -> None:
    rows = [photo_row("a", title="A"), photo_row("b"), photo_row("c", tags="C"), photo_row("d", title="D")]
    with catalog.begin() as connection:
        assert insert_new(connection, PHOTOS, rows) == 4
        found = connection.execute(select(Photo.site_id, Photo.title, Photo.tags, Photo.state).order_by(Photo.site_id))
        assert found.all() == [
            ("a", "A", None, "pending"),
            ("b", None, None, "pending"),
            ("c", None, "C", "pending"),
            ("d", "D", None, "pending"),
        ]


def test_no_rows_are_no_work(catalog: Engine) -> None:
    with catalog.begin() as connection:
        assert insert_new(connection, PHOTOS, []) == 0
        upsert(connection, PHOTOS, [], keys=["site", "site_id"], update=["title"])
        assert connection.execute(select(func.count()).select_from(Photo)).scalar_one() == 0


def test_more_rows_than_a_statement_takes_are_written_in_several(catalog: Engine) -> None:
    """2,100 rows of every column are above the parameter bound of both databases."""
    wide: dict[str, Any] = {
        column.name: None for column in PHOTOS.columns if column.nullable and column.name not in ("site", "site_id")
    }
    rows = [photo_row(str(number), **wide) for number in range(2100)]
    with catalog.begin() as connection:
        assert insert_new(connection, PHOTOS, rows) == 2100
        assert connection.execute(select(func.count()).select_from(Photo)).scalar_one() == 2100


@pytest.mark.parametrize(("count", "size", "expected"), [(0, 3, []), (3, 3, [3]), (7, 3, [3, 3, 1])])
def test_batches_hold_every_row_once(count: int, size: int, expected: list[int]) -> None:
    rows = [{"n": number} for number in range(count)]
    slices = list(batches(rows, size))
    assert [len(part) for part in slices] == expected
    assert [row for part in slices for row in part] == rows


def test_wide_rows_make_small_batches() -> None:
    rows = [{f"c{column}": 0 for column in range(100)}] * 400
    assert max(len(part) * 100 for part in batches(rows)) <= 32_766
