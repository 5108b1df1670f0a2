"""Wikidata on the photo site: statements about the people of the photos, and who is found by a name."""

import re
from datetime import date
from typing import Any

import pytest

from crawler.photosite.wiki import WikiSite, truth_of
from crawler.photosite.wiki.people import CASES
from crawler.photosite.wiki.times import century_time, julian_time
from tests.crawler.photosites import site_photo
from tests.crawler.wikis import ask, everyone, names, photos_of

JULIAN = "http://www.wikidata.org/entity/Q1985786"
TIME = re.compile(r"\+(\d{4})-(\d\d)-(\d\d)T00:00:00Z")


@pytest.fixture(scope="module")
def site() -> WikiSite:
    """Twenty people: every case once."""
    return WikiSite(everyone())


def item(site: WikiSite, entity_id: str) -> dict[str, Any]:
    """One item, whole."""
    found: dict[str, Any] = ask(site, "wikidata", action="wbgetentities", ids=entity_id)["entities"][entity_id]
    return found


def found_by(site: WikiSite, name: str, **params: str) -> list[dict[str, Any]]:
    """What a search for a name finds."""
    params = {"action": "wbsearchentities", "search": name, "language": "en", "limit": "50", **params}
    entries: list[dict[str, Any]] = ask(site, "wikidata", **params)["search"]
    return entries


def years_said(statements: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """The first and last (Gregorian) year each statement of the best rank leaves open: another road than the site's."""
    ranks = {said["rank"] for said in statements}
    best = "preferred" if "preferred" in ranks else "normal"
    years = []
    for said in statements:
        if said["rank"] != best or said["mainsnak"]["snaktype"] != "value":
            continue
        value = said["mainsnak"]["datavalue"]["value"]
        match = TIME.fullmatch(value["time"])
        assert match
        year, month, day = map(int, match.groups())
        if value["calendarmodel"] == JULIAN:  # thirteen days behind, in the century of these people
            year = date.fromordinal(date(year, month, day).toordinal() + 13).year
        first = {11: year, 10: year, 9: year, 8: year, 7: year - 99}[value["precision"]]
        last = {11: year, 10: year, 9: year, 8: year + 9, 7: year}[value["precision"]]
        years.append((first, last))
    return years


def test_every_case_is_there_and_its_statements_hold_the_truth(site: WikiSite) -> None:
    photos = everyone()
    truths = truth_of(photos)
    assert sorted(truth.case for truth in truths.values()) == sorted(CASES)
    real = {photo.record.subject: photo.record.birth_year for photo in photos}
    with_years = 0
    for name, truth in truths.items():
        if truth.entity_id is None:
            assert found_by(site, name.replace("_", " ")) == []
            continue
        claims = item(site, truth.entity_id)["claims"]
        said = years_said(claims.get("P569", []))
        assert truth.birth_year_min == min((low for low, _ in said), default=None)
        assert truth.birth_year_max == max((high for _, high in said), default=None)
        if truth.birth_year_min is not None and truth.birth_year_max is not None:
            with_years += 1
            assert truth.birth_year_min <= (real[name] or 0) <= truth.birth_year_max
        died = years_said(claims.get("P570", []))
        assert (truth.death_year_min, truth.death_year_max) == (died[0] if died else (None, None))
        assert [said["mainsnak"]["datavalue"]["value"] for said in claims.get("P373", [])] == (
            [truth.commons_category] if truth.commons_category else []
        )
    assert with_years == len(CASES) - 3  # no entity, some value, no statement


@pytest.mark.parametrize(
    ("gregorian", "julian"),
    [  # Explanatory Supplement to the Astronomical Almanac, and the countries' own days of change
        (date(1582, 10, 15), (1582, 10, 5)),
        (date(1752, 9, 14), (1752, 9, 3)),
        (date(1700, 3, 11), (1700, 2, 29)),
        (date(1900, 3, 13), (1900, 2, 29)),
        (date(1918, 2, 14), (1918, 2, 1)),
        (date(1944, 1, 5), (1943, 12, 23)),
    ],
)
def test_the_julian_calendar_writes_another_day(gregorian: date, julian: tuple[int, int, int]) -> None:
    time = julian_time(gregorian)
    assert (time.year, time.month, time.day) == julian
    assert time.value()["calendarmodel"] == JULIAN


def test_a_century_is_written_by_its_last_year() -> None:
    assert [century_time(year).value()["time"] for year in (1901, 2000, 2001)] == [
        "+2000-00-00T00:00:00Z", "+2000-00-00T00:00:00Z", "+2100-00-00T00:00:00Z"
    ]  # fmt: skip


def test_parts_a_precision_does_not_reach_are_zeros_or_a_bots_first_of_january(site: WikiSite) -> None:
    times = {}
    for truth in truth_of(everyone()).values():
        if truth.entity_id:
            for said in item(site, truth.entity_id)["claims"].get("P569", []):
                value = said["mainsnak"].get("datavalue", {}).get("value")
                times[truth.case] = (value["time"][5:11], value["precision"]) if value else None
    assert times["year"] == ("-00-00", 9)
    assert times["year_as_january"] == ("-01-01", 9)
    assert times["decade"] == ("-00-00", 8)
    assert times["century"] == ("-00-00", 7)
    month = times["month"]
    assert month and month[0].endswith("-00") and month[1] == 10
    assert times["somevalue"] is None


def test_namesakes_are_far_apart_or_alike() -> None:
    photos = everyone(40)  # every case twice
    site = WikiSite(photos)
    for name, truth in truth_of(photos).items():
        entries = found_by(site, name.replace("_", " "))
        if truth.case == "homonym":
            kinds = {entry["id"]: item(site, entry["id"]) for entry in entries}
            assert len(kinds) == 3
            humans = [one for one in kinds.values() if _instance(one) == "Q5"]
            links = {one["id"]: len(one["sitelinks"]) for one in humans}
            assert max(links, key=lambda one: links[one]) == truth.entity_id
            assert sorted(links.values())[0] == 0
        elif truth.case == "close_homonym":
            one, other = (item(site, entry["id"]) for entry in entries)
            assert truth.expected == "open"
            assert len(one["sitelinks"]) == len(other["sitelinks"])
            assert [_values(one, "P106")] == [_values(other, "P106")]
            assert years_said(one["claims"]["P569"]) != years_said(other["claims"]["P569"])
        elif truth.case == "missing_homonym":
            missing = [entry["id"] for entry in entries if "missing" in item(site, entry["id"])]
            assert len(missing) == 1
            assert item(site, missing[0]) == {"id": missing[0], "missing": ""}
        elif truth.entity_id:
            assert [entry["id"] for entry in entries] == [truth.entity_id]


def _instance(entity: dict[str, Any]) -> str:
    return str(_values(entity, "P31")[0]["id"])


def _values(entity: dict[str, Any], prop: str) -> list[Any]:
    return [said["mainsnak"]["datavalue"]["value"] for said in entity["claims"].get(prop, [])]


def test_a_merged_item_is_told_under_the_id_that_was_asked(site: WikiSite) -> None:
    (truth,) = [truth for truth in truth_of(everyone()).values() if truth.case == "redirect"]
    assert truth.merged_id and truth.entity_id
    told = item(site, truth.merged_id)
    assert told["id"] == truth.entity_id
    assert told["redirects"] == {"from": truth.merged_id, "to": truth.entity_id}
    refused = ask(site, "wikidata", action="wbgetentities", ids=truth.merged_id, redirects="no")
    assert refused["entities"][truth.merged_id] == {"id": truth.merged_id, "missing": ""}


def test_an_alias_is_found_and_told_as_what_matched(site: WikiSite) -> None:
    (name,) = [name for name, truth in truth_of(everyone()).items() if truth.case == "alias"]
    (entry,) = found_by(site, name.replace("_", " "))
    assert entry["label"] != name.replace("_", " ")
    assert entry["match"] == {"type": "alias", "language": "en", "text": name.replace("_", " ")}
    assert entry["aliases"] == [name.replace("_", " ")]


def test_some_people_have_one_label_for_all_languages(site: WikiSite) -> None:
    (truth,) = [truth for truth in truth_of(everyone()).values() if truth.case == "mul_label"]
    assert truth.entity_id
    assert item(site, truth.entity_id)["labels"].keys() == {"mul"}
    (entry,) = found_by(site, truth.name.replace("_", " "))
    assert entry["display"]["label"]["language"] == "mul"


def test_a_search_goes_on_and_ends() -> None:
    photos = [photo for place in range(12) for photo in photos_of(f"Ada_Onsel_{place:02d}", 1, first=place)]
    site = WikiSite(photos)
    ids: list[str] = []
    answer: dict[str, Any] = {"search-continue": 0}
    while "search-continue" in answer:
        going_on = {"continue": str(answer["search-continue"])}
        answer = ask(site, "wikidata", action="wbsearchentities", search="ada onsel", language="en", **going_on)
        assert len(answer["search"]) <= 7  # the wiki's own number
        ids += [entry["id"] for entry in answer["search"]]
    assert len(ids) == len(set(ids))
    assert set(ids) >= {truth.entity_id for truth in truth_of(photos).values() if truth.entity_id}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"action": "wbsearchentities", "search": "Ada"}, "missingparam"),
        ({"action": "wbsearchentities", "search": "Ada", "language": "en", "type": "nope"}, "badvalue"),
        ({"action": "wbgetentities"}, "param-missing"),
        ({"action": "wbgetentities", "ids": "Q1|banana"}, "no-such-entity"),
        ({"action": "wbgetentities", "ids": "|".join(f"Q{number}" for number in range(1, 52))}, "toomanyvalues"),
    ],
)
def test_a_refused_call_says_its_code(site: WikiSite, params: dict[str, str], code: str) -> None:
    assert ask(site, "wikidata", **params)["error"]["code"] == code


def test_only_what_was_asked_is_told(site: WikiSite) -> None:
    (name, *_) = names(1)
    entity_id = truth_of(everyone())[name].entity_id
    assert entity_id
    told = ask(site, "wikidata", action="wbgetentities", ids=entity_id, props="labels|descriptions", languages="en|de")
    entity = told["entities"][entity_id]
    assert entity.keys() == {"type", "id", "labels", "descriptions"}
    assert entity["labels"].keys() == {"en", "de"}
    assert entity["descriptions"].keys() == {"en"}
    bare = ask(site, "wikidata", action="wbgetentities", ids=entity_id, props="")["entities"][entity_id]
    assert bare == {"id": entity_id, "type": "item"}


def test_people_without_a_birth_year_have_no_statement_and_photos_of_nobody_are_borne() -> None:
    photos = [*photos_of("Ada_Onsel", 2, birth_year=None, taken_year=None), site_photo(99)]
    truth = truth_of(photos)["Ada_Onsel"]
    assert truth.entity_id and truth.birth_year_min is None
    assert "P569" not in item(WikiSite(photos), truth.entity_id)["claims"]


def test_nobody_dies_before_a_photo() -> None:
    photos = [
        photo
        for place, name in enumerate(names(40))
        for photo in photos_of(name, 1, first=place, birth_year=1915, taken_year=2015)
    ]
    deaths = [truth.death_year_min for truth in truth_of(photos).values() if truth.death_year_min]
    assert deaths
    assert min(deaths) > 2015
