"""Revision 0002 takes a catalog of 0001 along, rows and all, and gives it back."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from db.migrate import configuration, migrating
from db.session import connect
from db.windows import lease_windows
from db.workers import enter_crawl

_TIME = "2026-01-02 03:04:05+00:00"

# state, next_page, pages, total, photos_seen, photos_refused, attempts, error of revision 0001
_QUERIES: list[tuple[Any, ...]] = [
    ("done", 2, 1, 3, 3, 1, 0, None),
    ("pending", 3, 9, 30, 12, 10, 0, None),
    ("failed", 1, None, None, 0, 0, 2, "code 105"),
    ("done", 9, 8, 7000, 4000, 3998, 0, "7000 results, 4000 shown"),
]
# query -> photos found
_LINKS = {1: (1, 2), 2: (2, 3), 4: (4, 5)}


@pytest.fixture
def old(catalog_url: str) -> Iterator[Engine]:
    """A catalog of revision 0001 with queries in every state."""
    engine = connect(catalog_url)
    _move(engine, "0001")
    with engine.begin() as connection:
        _execute(
            connection, f"insert into subject (id, name, display_name, created_at) values (1, 'A', 'A', '{_TIME}')"
        )
        for number, row in enumerate(_QUERIES, start=1):
            _execute(
                connection,
                "insert into query (id, site, subject_id, text, state, next_page, pages, total, photos_seen,"
                " photos_refused, attempts, error, updated_at)"
                f" values ({number}, 'flickr', 1, 'q{number}', :a, :b, :c, :d, :e, :f, :g, :h, '{_TIME}')",
                **dict(zip("abcdefgh", row, strict=True)),
            )
        for photo in range(1, 6):
            state = "done" if photo == 1 else "leased" if photo == 2 else "pending"
            _execute(
                connection,
                "insert into photo (id, site, site_id, title, state, attempts, path, raw, found_at)"
                f" values ({photo}, 'flickr', '{photo}', 'T', '{state}', 1, 'p/{photo}.jpg', :raw, '{_TIME}')",
                raw='{"a": 1}',
            )
        _execute(connection, "insert into photo_subject (photo_id, subject_id) values (1, 1)")
        for query, photos in _LINKS.items():
            for photo in photos:
                _execute(connection, f"insert into photo_query (photo_id, query_id) values ({photo}, {query})")
        _execute(connection, "insert into taken_year (photo_id, year, confidence, version) values (1, 1999, 1, '1')")
    yield engine
    engine.dispose()


def _execute(connection: Connection, sql: str, **values: Any) -> None:
    connection.execute(text(sql), values)


def _move(engine: Engine, revision: str, *, down: bool = False) -> None:
    config = configuration()
    with migrating(engine) as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, revision)


def _rows(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_each_query_gets_a_window_and_what_it_found_stays_counted(old: Engine) -> None:
    _move(old, "0002")
    queries = _rows(
        old, "select state, total, photos_seen, photos_refused, attempts, error, kind from query order by id"
    )
    assert queries == [
        ("done", 3, 3, 1, 0, None, "phrase"),
        ("pending", 30, 2, 0, 0, None, "phrase"),
        ("pending", None, 0, 0, 0, None, "phrase"),
        ("pending", 7000, 2, 0, 0, None, "phrase"),  # it had met the cap of 4,000
    ]
    columns = "query_id, state, total, photos_seen, photos_refused, steps, sort, licences, parent_id, leased_by"
    assert _rows(old, f"select {columns} from search_window order by id") == [
        (1, "done", 3, 3, 1, 0, "date-posted-asc", None, None, None),
        (2, "pending", None, 2, 0, 0, "date-posted-asc", None, None, None),
        (3, "pending", None, 0, 0, 0, "date-posted-asc", None, None, None),
        (4, "pending", None, 2, 0, 0, "date-posted-asc", None, None, None),
    ]


def test_the_windows_can_be_leased_and_the_photos_are_all_there(old: Engine) -> None:
    _move(old, "0002")
    with old.begin() as connection:
        windows = lease_windows(connection, "flickr", enter_crawl(connection), asked_by=None, limit=9)
    assert [window.text for window in windows] == ["q2", "q3", "q4"]
    photos = _rows(old, "select id, title, state, attempts, path, leased_by, duplicate_of from photo order by id")
    states = ["done", "pending", "pending", "pending", "pending"]
    assert photos == [(id_, "T", state, 1, f"p/{id_}.jpg", None, None) for id_, state in enumerate(states, start=1)]
    assert _rows(old, "select count(*) from photo_query") == [(6,)]
    assert _rows(old, "select year from taken_year") == [(1999,)]


def test_a_migrated_photo_is_as_strict_as_a_fresh_one(old: Engine) -> None:
    """On SQLite the table is written anew, and what is not said again is lost."""
    checks = [check["name"] for check in inspect(old).get_check_constraints("photo")]
    assert len(checks) == 1
    _move(old, "0002")
    seen = inspect(old)
    assert {tuple(key["column_names"]) for key in seen.get_unique_constraints("photo")} == {("site", "site_id")}
    assert [check["name"] for check in seen.get_check_constraints("photo")] == checks
    indexes = {str(index["name"]) for index in seen.get_indexes("photo")}
    assert {"ix_photo_site_state_id", "ix_photo_sha256", "ix_photo_leased_by", "ix_photo_duplicate_of"} <= indexes
    new = "insert into photo (site, site_id, state, attempts, found_at) values ('x', 'y', :state, 0, :now)"
    with pytest.raises(IntegrityError), old.begin() as connection:
        _execute(connection, new, state="lost", now=_TIME)
    if old.dialect.name == "sqlite":  # which numbers rows by itself only in a column of the right type
        with old.begin() as connection:
            _execute(connection, new, state="pending", now=_TIME)
            assert connection.execute(text("select id from photo where site = 'x'")).scalar_one() == 6


def test_down_again_gives_the_old_columns_and_keeps_the_rows(old: Engine) -> None:
    checks = [check["sqltext"] for check in inspect(old).get_check_constraints("photo")]
    before = {table: [str(c["name"]) for c in inspect(old).get_columns(table)] for table in ("photo", "subject")}
    _move(old, "0002")
    _move(old, "0001", down=True)
    after = {table: [str(c["name"]) for c in inspect(old).get_columns(table)] for table in ("photo", "subject")}
    assert after == before
    assert _rows(old, "select state, next_page, pages, photos_seen from query order by id") == [
        ("done", 1, None, 3),
        ("pending", 1, None, 0),
        ("pending", 1, None, 0),
        ("pending", 1, None, 0),
    ]
    assert _rows(old, "select count(*) from photo_query") == [(6,)]
    assert _rows(old, "select count(*) from taken_year") == [(1,)]
    assert [check["sqltext"] for check in inspect(old).get_check_constraints("photo")] == checks
    assert "search_window" not in inspect(old).get_table_names()
    assert inspect(old).get_view_names() == []
    _move(old, "0002")
    assert _rows(old, "select count(*) from search_window") == [(4,)]
