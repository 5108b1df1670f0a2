"""Items of Wikidata as people: rank, disagreement, unknown values, and what is no person."""

import json
from pathlib import Path
from typing import Any

import pytest

from crawler.sites.found import SiteFault
from crawler.sites.wikidata.asks import entities_parameters, search_parameters, spellings
from crawler.sites.wikidata.people import Person, ReadEntities, read_entities, read_person, read_search
from crawler.sites.wikidata.statements import LifeDate, date_statements
from tests.crawler.wiki_answers import body, born, died, entity, item_value, statement, time_value


def person(*births: dict[str, Any], **values: Any) -> Person:
    read = read_person(entity("Q100", "Marta Quillon", births=births, **values))
    assert read is not None
    return read


def test_a_single_birth_is_kept_as_written() -> None:
    birth = person(born("+1968-03-12T00:00:00Z")).birth
    assert birth == LifeDate("1968-03-12", "day", "gregorian", 1968, 1968)


def test_a_julian_birth_keeps_its_date_and_spans_gregorian_years() -> None:
    birth = person(born("+1642-12-25T00:00:00Z", 11, "julian")).birth
    assert birth == LifeDate("1642-12-25", "day", "julian", 1643, 1643)


def test_the_preferred_statement_goes_before_the_normal_ones() -> None:
    birth = person(born("+1950-00-00T00:00:00Z", 9), born("+1968-03-12T00:00:00Z", rank="preferred")).birth
    assert (birth.year_min, birth.year_max) == (1968, 1968)


def test_deprecated_statements_say_nothing() -> None:
    found = person(born("+1950-00-00T00:00:00Z", 9, rank="deprecated"))
    assert found.birth == LifeDate()
    assert found.facts["P569"][0]["rank"] == "deprecated"  # and are kept as evidence


def test_several_normal_statements_are_all_covered() -> None:
    birth = person(
        born("+1950-00-00T00:00:00Z", 9), born("+1953-05-01T00:00:00Z"), born("+1951-00-00T00:00:00Z", 9)
    ).birth
    assert birth == LifeDate(None, "range", None, 1950, 1953)


def test_statements_that_differ_in_the_day_only_agree_on_the_year() -> None:
    birth = person(born("+1950-02-01T00:00:00Z"), born("+1950-02-03T00:00:00Z")).birth
    assert birth == LifeDate("1950", "year", "gregorian", 1950, 1950)


def test_an_unknown_birth_is_no_date_and_adds_nothing_to_one() -> None:
    assert person(statement("P569", None)).birth == LifeDate()
    assert person(statement("P569", None, snaktype="novalue")).birth == LifeDate()
    assert person(statement("P569", None), born("+1950-00-00T00:00:00Z", 9)).birth.year_max == 1950


def test_a_preferred_unknown_value_hides_the_normal_dates() -> None:
    assert person(statement("P569", None, rank="preferred"), born("+1950-00-00T00:00:00Z", 9)).birth == LifeDate()


def test_a_circa_birth_spans_years_to_each_side() -> None:
    birth = person(born("+1950-00-00T00:00:00Z", 9, qualifiers={"P1480": [item_value("Q5727902")]})).birth
    assert birth == LifeDate(None, "range", None, 1948, 1952)


def test_earliest_and_latest_date_are_the_span_even_of_an_unknown_birth() -> None:
    bounds = {
        "P1319": [time_value("+1940-00-00T00:00:00Z", 9)],
        "P1326": [time_value("+1949-00-00T00:00:00Z", 9)],
    }
    assert person(statement("P569", None, qualifiers=bounds)).birth == LifeDate(None, "range", None, 1940, 1949)


def test_a_death_of_unknown_date_is_a_death() -> None:
    assert person(deaths=[statement("P570", None)]).is_dead
    assert not person(deaths=[statement("P570", None, snaktype="novalue")]).is_dead
    assert person(deaths=[died("+2004-00-00T00:00:00Z", 9)]).death.year_max == 2004


def test_facts_hold_every_statement_with_rank_calendar_and_years() -> None:
    facts = person(born("+1642-12-25T00:00:00Z", 11, "julian"), statement("P569", None)).facts
    assert facts["P569"] == [
        {
            "rank": "normal",
            "snak": "value",
            "is_circa": False,
            "date": "1642-12-25",
            "precision": "day",
            "calendar": "julian",
            "year_min": 1643,
            "year_max": 1643,
        },
        {"rank": "normal", "snak": "somevalue", "is_circa": False, "year_min": None, "year_max": None},
    ]


def test_only_wikipedias_count_as_sitelinks() -> None:
    item = entity("Q100", "Marta Quillon", sitelinks=3)
    item["sitelinks"] |= {"commonswiki": {}, "enwikiquote": {}, "specieswiki": {}, "frwikisource": {}}
    read = read_person(item)
    assert read is not None
    assert read.sitelinks == 3


def test_the_category_is_the_best_ranked_one() -> None:
    item = entity("Q100", "Marta Quillon", category="Marta Quillon (actor)")
    item["claims"]["P373"].append(statement("P373", {"value": "M. Quillon", "type": "string"}, rank="preferred"))
    read = read_person(item)
    assert read is not None
    assert read.commons_category == "M. Quillon"


@pytest.mark.parametrize("kind", ["Q5", "Q43229"])
def test_only_humans_are_people(kind: str) -> None:
    assert (read_person(entity("Q100", "Marta Quillon", kind=kind)) is not None) == (kind == "Q5")


def test_an_item_without_statements_has_lists_in_place_of_objects_and_is_nobody() -> None:
    bare = {"type": "item", "id": "Q7", "labels": [], "descriptions": [], "aliases": [], "claims": [], "sitelinks": []}
    answer = read_entities(body({"entities": {"Q7": bare, "Q8": {"id": "Q8", "missing": ""}}, "success": 1}), {})
    assert answer == ReadEntities(people={}, others=frozenset({"Q7", "Q8"}))


def test_a_redirect_is_found_under_the_id_that_was_asked_for() -> None:
    moved = {**entity("Q200", "Marta Quillon"), "redirects": {"from": "Q100", "to": "Q200"}}
    answer = read_entities(body({"entities": {"Q200": moved}, "success": 1}), {})
    assert isinstance(answer, ReadEntities)
    assert answer.people["Q100"].entity_id == "Q200"


def test_a_search_gives_items_in_the_sites_order_each_once() -> None:
    hits = [{"id": "Q2", "label": "a"}, {"id": "Q1"}, {"id": "Q2"}, {"id": "P31"}, {"label": "no id"}]
    assert read_search(body({"searchinfo": {"search": "a"}, "search": hits, "success": 1}), {}) == ["Q2", "Q1"]


@pytest.mark.parametrize("answer", [b"{", b"[]", b'{"success":1}', b'{"search":{}}'])
def test_an_answer_that_is_cut_off_or_empty_is_asked_again(answer: bytes) -> None:
    fault = read_search(answer, {})
    assert isinstance(fault, SiteFault)
    assert fault.kind == "transient"


def test_names_are_looked_up_as_given_and_with_points_after_initials() -> None:
    assert spellings("George W Bush") == ["George W Bush", "George W. Bush"]
    assert spellings("J K Rowling") == ["J K Rowling", "J. K. Rowling"]
    assert spellings("Marta Quillon") == ["Marta Quillon"]


def test_a_request_names_what_wikidata_asks_for() -> None:
    assert search_parameters("Marta Quillon")["maxlag"] == "5"
    assert entities_parameters(["Q1", "Q2"])["ids"] == "Q1|Q2"
    with pytest.raises(ValueError, match="51 items"):
        entities_parameters([f"Q{number}" for number in range(51)])


@pytest.mark.real_data
def test_recorded_dates_of_wikibase_are_read(shared_data: Path) -> None:
    dates = []
    for line in (shared_data / "recorded" / "flickypedia.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["params"].get("action") != "wbgetentities":
            continue
        for item in json.loads(record["body"])["entities"].values():
            statements = item.get("statements")
            if isinstance(statements, dict):  # structured data of Commons: as an item's claims, under another name
                dates += date_statements({"claims": statements}, "P571")
    assert dates
    assert all(one.time is not None and one.time.precision == "day" and one.snak == "value" for one in dates)
    assert "2019-01-31" in [one.time.text for one in dates if one.time is not None]
