"""The tables behave the same on SQLite and on Postgres."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, UniqueConstraint, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from db.models import (
    Base,
    Face,
    Pair,
    PairSet,
    Photo,
    PhotoQuery,
    PhotoSubject,
    Query,
    SearchWindow,
    Subject,
    SubjectCandidate,
    TakenYear,
    Tombstone,
)
from tests.db.rows import NOW, face_row, insert, pair_set_row, photo_row, query_row, subject_row


def _fill(connection: Connection) -> None:
    """One subject, two photos, a face in each."""
    insert(connection, Subject, subject_row(id=1))
    insert(connection, Query, query_row(1, id=1))
    insert(connection, Photo, [photo_row("a", id=1), photo_row("b", id=2)])
    insert(connection, Face, [face_row(1, id=1, subject_id=1), face_row(2, id=2, subject_id=1)])
    insert(connection, PairSet, pair_set_row(id=1))


def test_a_fresh_catalog_has_the_tables_of_the_models(catalog: Engine) -> None:
    assert set(inspect(catalog).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_a_time_comes_back_in_utc_with_its_zone(catalog: Engine) -> None:
    east = timezone(timedelta(hours=9))
    given = datetime(2026, 3, 1, 5, 30, 0, 250_000, tzinfo=east)
    with catalog.begin() as connection:
        insert(connection, Subject, subject_row(created_at=given))
        found = connection.execute(select(Subject.created_at)).scalar_one()
    assert found == given
    assert found.tzinfo is not None
    assert (found.hour, found.tzinfo.utcoffset(found)) == (20, timedelta(0))


def test_a_time_without_a_zone_is_taken_as_utc(catalog: Engine) -> None:
    with catalog.begin() as connection:
        insert(connection, Subject, subject_row(created_at=datetime(2026, 3, 1, 5)))
        found = connection.execute(select(Subject.created_at)).scalar_one()
    assert found == datetime(2026, 3, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Zoë 東京 \U0001f600", "Zoë 東京 \U0001f600"),
        ("a\x00b", "ab"),
        ("half \ud83d a pair", "half \ufffd a pair"),
    ],
)
def test_text_of_a_site_is_stored_whatever_it_holds(catalog: Engine, written: str, read: str) -> None:
    with catalog.begin() as connection:
        insert(connection, Photo, photo_row("a", title=written))
        assert connection.execute(select(Photo.title)).scalar_one() == read


def test_no_raw_answer_is_sql_null_and_a_raw_answer_comes_back_as_it_was(catalog: Engine) -> None:
    answer = {"id": "1", "title": "Zoë \x00", "nested": [1, None, {"b": 1, "a": "1"}]}
    with catalog.begin() as connection:
        insert(connection, Photo, [photo_row("a", raw=None), photo_row("b", raw=answer)])
        nulls = connection.execute(text("select site_id from photo where raw is null")).scalars().all()
        found = connection.execute(select(Photo.raw).where(Photo.site_id == "b")).scalar_one()
    assert nulls == ["a"]
    assert found == answer


def test_a_row_starts_pending_and_with_no_attempts(catalog: Engine) -> None:
    with catalog.begin() as connection:
        insert(connection, Subject, subject_row(id=1))
        insert(connection, Query, query_row(1))
        insert(connection, Photo, photo_row("a"))
        assert connection.execute(select(Query.state, Query.kind, Query.attempts)).one() == ("pending", "phrase", 0)
        assert connection.execute(select(Photo.state, Photo.attempts)).one() == ("pending", 0)


@pytest.mark.parametrize(
    ("model", "row"),
    [
        pytest.param(Subject, subject_row(), id="one name, two subjects"),
        pytest.param(Photo, photo_row("a"), id="one site id, two photos"),
        pytest.param(Photo, photo_row("c", state="lost"), id="a state that is no state"),
        pytest.param(Photo, photo_row("c", leased_by=9), id="a lease of no worker"),
        pytest.param(
            Tombstone,
            {"kind": "person", "digest": "0" * 64, "reason": "r", "created_at": NOW},
            id="a kind of no tombstone",
        ),
        pytest.param(
            SearchWindow,
            {"site": "flickr", "query_id": 1, "sort": "x", "state": "gone", "updated_at": NOW},
            id="a window that is gone",
        ),
        pytest.param(Face, face_row(1, status="kept", drop_reason="blurred"), id="kept with a drop reason"),
        pytest.param(Face, face_row(1, status="dropped"), id="dropped without a reason"),
        pytest.param(Face, face_row(99), id="a face of no photo"),
        pytest.param(
            TakenYear,
            {"photo_id": 1, "year": 1999, "year_min": 2000, "year_max": 2001, "confidence": 0.5, "version": "1"},
            id="a year outside its interval",
        ),
        pytest.param(
            TakenYear,
            {"photo_id": 1, "year_min": 2002, "year_max": 2001, "confidence": 0.5, "version": "1"},
            id="an interval that ends before it begins",
        ),
        pytest.param(
            TakenYear, {"photo_id": 1, "year": 2000, "confidence": 1.5, "version": "1"}, id="a confidence above one"
        ),
        pytest.param(
            Pair,
            {"pair_set_id": 1, "younger_face_id": 1, "older_face_id": 1, "subject_id": 1, "gap_years": 0}
            | {"confidence": 1.0},
            id="a pair of one face with itself",
        ),
        pytest.param(
            Pair,
            {"pair_set_id": 1, "younger_face_id": 1, "older_face_id": 2, "subject_id": 1, "gap_years": -1}
            | {"confidence": 1.0},
            id="an older face before a younger",
        ),
    ],
)
def test_the_catalog_refuses(catalog: Engine, model: type[Base], row: dict[str, Any]) -> None:
    with catalog.begin() as connection:
        _fill(connection)
    with pytest.raises(IntegrityError), catalog.begin() as connection:
        insert(connection, model, row)


def test_a_taken_year_with_no_interval_and_a_null_year_are_accepted(catalog: Engine) -> None:
    with catalog.begin() as connection:
        _fill(connection)
        insert(connection, TakenYear, {"photo_id": 1, "year": 2000, "confidence": 0.9, "version": "1"})
        insert(connection, TakenYear, {"photo_id": 2, "reason": "no date", "confidence": 0.0, "version": "1"})
        assert connection.execute(select(func.count()).select_from(TakenYear)).scalar_one() == 2


def test_a_photo_takes_all_that_was_made_from_it_along(catalog: Engine) -> None:
    with catalog.begin() as connection:
        _fill(connection)
        insert(connection, PhotoSubject, {"photo_id": 1, "subject_id": 1})
        insert(connection, TakenYear, {"photo_id": 1, "year": 2000, "confidence": 0.9, "version": "1"})
        insert(
            connection,
            Pair,
            {"pair_set_id": 1, "younger_face_id": 1, "older_face_id": 2, "subject_id": 1, "gap_years": 3}
            | {"confidence": 0.8},
        )
    with catalog.begin() as connection:
        connection.execute(text("delete from photo where id = 1"))
        left = {
            name: connection.execute(text(f"select count(*) from {name}")).scalar_one()
            for name in ("photo", "photo_subject", "taken_year", "face", "pair", "subject")
        }
    assert left == {"photo": 1, "photo_subject": 0, "taken_year": 0, "face": 1, "pair": 0, "subject": 1}


def test_a_subject_takes_its_searches_and_candidates_along_and_leaves_the_photos(catalog: Engine) -> None:
    with catalog.begin() as connection:
        _fill(connection)
        candidate = {"subject_id": 1, "entity_id": "Q1", "place": 0, "score": 1.5, "found_at": NOW}
        insert(connection, SubjectCandidate, candidate)
        window = {"site": "flickr", "query_id": 1, "sort": "x", "updated_at": NOW}
        insert(connection, SearchWindow, {"id": 1, **window})
        insert(connection, SearchWindow, {"id": 2, "parent_id": 1, **window})
        insert(connection, PhotoQuery, {"photo_id": 1, "query_id": 1})
        connection.execute(text("delete from subject"))
        left = {
            name: connection.execute(text(f"select count(*) from {name}")).scalar_one()
            for name in ("query", "search_window", "subject_candidate", "photo_query", "photo")
        }
    assert left == {"query": 0, "search_window": 0, "subject_candidate": 0, "photo_query": 0, "photo": 2}


def test_each_foreign_key_is_the_start_of_an_index() -> None:
    """Else deleting a photo or a subject reads whole tables."""
    for table in Base.metadata.sorted_tables:
        unique = [c.columns for c in table.constraints if isinstance(c, UniqueConstraint)]
        starts = {next(iter(c)).name for c in [*(i.columns for i in table.indexes), table.primary_key.columns, *unique]}
        needed = {key.parent.name for key in table.foreign_keys}
        # A query is found by its site first; a subject has a handful of them and is hardly ever deleted.
        needed -= {"subject_id"} if table.name == "query" else set()
        assert needed <= starts, f"{table.name}: {needed - starts}"


def test_now_is_the_same_instant_in_both_databases(catalog: Engine) -> None:
    with catalog.begin() as connection:
        insert(connection, Subject, subject_row())
        later = connection.execute(
            select(func.count()).select_from(Subject).where(Subject.created_at <= NOW)
        ).scalar_one()
    assert later == 1
