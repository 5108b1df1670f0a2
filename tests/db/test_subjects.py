"""Look-ups of subjects as rows: what is open, what was found, what is kept; and ages of photos that follow."""

from typing import Any

from sqlalchemy import Connection, Engine, select, text

from db.models import Photo, PhotoSubject, Query, Subject, SubjectCandidate, TakenYear
from db.subjects import (
    FoundLife,
    Lookup,
    add_lookups,
    add_subjects,
    count_lookups,
    fail_lookup,
    open_lookups,
    photo_years,
    revive_lookups,
    save_birth,
    subject_facts,
)
from db.tombstones import bury
from tests.db.rows import insert, photo_row, subject_row, table

NAMES = {"Marta_Quillon": "Marta Quillon", "Toma_Revik": "Toma Revik"}
LIFE = {
    "birth_date": "1642-12-25",
    "birth_precision": "day",
    "birth_calendar": "julian",
    "birth_year_min": 1643,
    "birth_year_max": 1643,
    "death_date": None,
    "death_precision": None,
    "death_calendar": None,
    "death_year_min": None,
    "death_year_max": None,
}


def candidate(entity_id: str, place: int = 0, **values: Any) -> dict[str, Any]:
    return {
        "entity_id": entity_id,
        "place": place,
        "score": 5.0 - place,
        "label": "Marta Quillon",
        "description": "somebody",
        "facts": {"P569": []},
        "sitelinks": 3,
        "is_accepted": False,
        **LIFE,
        **values,
    }


def asked(connection: Connection, **values: Any) -> list[Lookup]:
    """Ask for the look-up of NAMES and return what is open."""
    add_subjects(connection, NAMES)
    add_lookups(connection, asked_by="a list", names=list(NAMES), **values)
    return open_lookups(connection, asked_by="a list", limit=10)


def subject(connection: Connection, name: str) -> Any:
    return connection.execute(select(table(Subject)).where(table(Subject).c.name == name)).one()


def candidates(connection: Connection) -> list[tuple[str, bool]]:
    rows = connection.execute(select(table(SubjectCandidate)).order_by(table(SubjectCandidate).c.place))
    return [(row.entity_id, row.is_accepted) for row in rows]


def test_each_name_is_open_once_however_often_it_is_asked_for(catalog: Engine) -> None:
    with catalog.begin() as connection:
        asked(connection)
        assert [one.display_name for one in asked(connection)] == ["Marta Quillon", "Toma Revik"]
        assert len(connection.execute(select(table(Query))).all()) == 2


def test_a_subject_that_was_taken_down_does_not_come_back(catalog: Engine) -> None:
    with catalog.begin() as connection:
        bury(connection, "subject", None, ["Marta_Quillon"], reason="asked to")
        assert [one.name for one in asked(connection)] == ["Toma_Revik"]


def test_all_subjects_but_those_of_public_sets_are_looked_up(catalog: Engine) -> None:
    with catalog.begin() as connection:
        insert(connection, Subject, [subject_row("fgnet/001"), subject_row("Toma_Revik")])
        add_lookups(connection, asked_by="all")
        assert [one.name for one in open_lookups(connection, asked_by="all", limit=10)] == ["Toma_Revik"]


def test_what_is_found_is_written_and_not_looked_up_again(catalog: Engine) -> None:
    with catalog.begin() as connection:
        first, second = asked(connection)
        rows = [candidate("Q42", is_accepted=True), candidate("Q43", 1)]
        save_birth(connection, first, rows, FoundLife("Q42", "Marta Quillon (actor)", LIFE))
        marta = subject(connection, "Marta_Quillon")
        assert (marta.birth_date, marta.birth_calendar, marta.birth_year_min) == ("1642-12-25", "julian", 1643)
        assert (marta.wikidata_id, marta.commons_category) == ("Q42", "Marta Quillon (actor)")
        assert candidates(connection) == [("Q42", True), ("Q43", False)]
        assert asked(connection) == [second]
        assert subject_facts(connection, [*NAMES, "Nobody"]) == {
            "Marta_Quillon": {"wikidata_id": "Q42", "commons_category": "Marta Quillon (actor)"}
        }


def test_a_name_nobody_bears_is_done_without_a_candidate(catalog: Engine) -> None:
    with catalog.begin() as connection:
        first, second = asked(connection)
        save_birth(connection, first, [], None)
        assert asked(connection) == [second]
        assert count_lookups(connection, asked_by="a list").nobody == 1


def test_namesakes_left_open_leave_the_subject_without_a_birth(catalog: Engine) -> None:
    with catalog.begin() as connection:
        first, second = asked(connection)
        save_birth(connection, first, [candidate("Q42"), candidate("Q43", 1)], None)
        save_birth(connection, second, [candidate("Q44", is_accepted=True)], FoundLife("Q44", None, LIFE))
        marta = subject(connection, "Marta_Quillon")
        assert (marta.birth_date, marta.birth_year_min, marta.wikidata_id) == (None, None, None)
        counts = count_lookups(connection, asked_by="a list")
        assert (counts.states, counts.accepted, counts.left_open, counts.nobody) == ({"done": 2}, 1, 1, 0)


def test_looking_up_again_replaces_what_was_found_before(catalog: Engine) -> None:
    with catalog.begin() as connection:
        first, _ = asked(connection)
        save_birth(connection, first, [candidate("Q42", is_accepted=True)], FoundLife("Q42", None, LIFE))
        again = asked(connection, again=True)[0]
        assert again == first
        save_birth(connection, again, [candidate("Q42"), candidate("Q43", 1)], None)
        marta = subject(connection, "Marta_Quillon")
        assert (marta.birth_date, marta.birth_year_max, marta.wikidata_id) == (None, None, None)
        assert candidates(connection) == [("Q42", False), ("Q43", False)]


def test_a_birth_date_from_elsewhere_stays_where_wikidata_has_none(catalog: Engine) -> None:
    with catalog.begin() as connection:
        insert(connection, Subject, subject_row("Marta_Quillon", birth_date="1960", birth_precision="year"))
        first, _ = asked(connection)
        unknown: dict[str, Any] = dict.fromkeys(LIFE)
        save_birth(connection, first, [candidate("Q42", is_accepted=True, **unknown)], FoundLife("Q42", None, unknown))
        marta = subject(connection, "Marta_Quillon")
        assert (marta.birth_date, marta.birth_precision, marta.wikidata_id) == ("1960", "year", "Q42")


def test_a_failed_look_up_is_tried_in_later_runs_up_to_the_limit(catalog: Engine) -> None:
    with catalog.begin() as connection:
        first, second = asked(connection)
        fail_lookup(connection, first, "maxlag: wait")
        assert asked(connection) == [second]
        revive_lookups(connection, asked_by="a list", max_attempts=2)
        assert asked(connection) == [first, second]
        fail_lookup(connection, first, "maxlag: wait")
        revive_lookups(connection, asked_by="a list", max_attempts=2)
        assert asked(connection) == [second]


def test_photos_are_counted_by_subject_and_year(catalog: Engine) -> None:
    with catalog.begin() as connection:
        first, second = asked(connection)
        _photos(connection, first.subject_id, [2003, 2003, 2004, None])
        assert photo_years(connection, [first.subject_id, second.subject_id]) == {first.subject_id: {2003: 2, 2004: 1}}


def test_the_age_of_a_photo_is_the_interval_that_both_years_leave(catalog: Engine) -> None:
    with catalog.begin() as connection:
        first, second = asked(connection)
        life = {**LIFE, "birth_date": "1968", "birth_precision": "year", "birth_year_min": 1968, "birth_year_max": 1968}
        save_birth(connection, first, [candidate("Q42", is_accepted=True)], FoundLife("Q42", None, life))
        # Born some day of 1968, photographed some day between 2001 and 2003: 32 to 35 completed years.
        _photos(connection, first.subject_id, [2002], margin=1)
        _photos(connection, second.subject_id, [2002], margin=0, start=50)  # birth unknown: no age
        ages = connection.execute(text("select subject_id, age_min, age_max from photo_age where age_min is not null"))
        assert [tuple(row) for row in ages] == [(first.subject_id, 32, 35)]


def _photos(
    connection: Connection, subject_id: int, years: list[int | None], *, margin: int = 0, start: int = 0
) -> None:
    for place, year in enumerate(years, start=start):
        insert(connection, Photo, photo_row(f"{place}"))
        photo_id = connection.execute(
            select(table(Photo).c.id).where(table(Photo).c.site_id == f"{place}")
        ).scalar_one()
        insert(connection, PhotoSubject, {"photo_id": photo_id, "subject_id": subject_id})
        span = {"year_min": year - margin, "year_max": year + margin} if year is not None else {}
        insert(connection, TakenYear, {"photo_id": photo_id, "year": year, "confidence": 0.9, "version": "1", **span})
