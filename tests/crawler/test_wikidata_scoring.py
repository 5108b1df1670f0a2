"""Who is meant: namesakes ranked by what speaks for them, and left open where that is not clear."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sites.wikidata.people import Person, read_person
from crawler.sites.wikidata.scoring import MARGIN, Hints, Verdict, Years, folded_name, judge, score
from tests.crawler.wiki_answers import born, died, entity

ACTOR, RESEARCHER = "Q33999", "Q1650915"


def person(entity_id: str, label: str = "Marta Quillon", **values: Any) -> Person:
    read = read_person(entity(entity_id, label, **values))
    assert read is not None
    return read


def accepted(verdict: Verdict) -> str | None:
    return verdict.accepted.person.entity_id if verdict.accepted is not None else None


def test_the_famous_bearer_of_a_name_goes_before_the_obscure_one() -> None:
    famous = person("Q200", sitelinks=60, occupations=[ACTOR])
    obscure = person("Q100", sitelinks=1, occupations=[RESEARCHER])
    verdict = judge("Marta Quillon", [obscure, famous], Hints())
    assert accepted(verdict) == "Q200"
    assert [one.person.entity_id for one in verdict.candidates] == ["Q200", "Q100"]


def test_two_well_known_namesakes_are_left_open() -> None:
    father = person("Q100", "Jor Quillon senior", aliases=["Jor Quillon"], sitelinks=150, occupations=["Q82955"])
    son = person("Q200", "Jor B. Quillon", aliases=["Jor Quillon"], sitelinks=200, occupations=["Q82955"])
    verdict = judge("Jor Quillon", [father, son], Hints())
    assert accepted(verdict) is None
    assert verdict.why == "two candidates are too close"
    assert verdict.candidates[0].score - verdict.candidates[1].score < MARGIN


def test_nobody_is_accepted_who_does_not_bear_the_very_name() -> None:
    airport_founder = person("Q100", "Marta Quillon Braddock", sitelinks=200, occupations=[ACTOR])
    verdict = judge("Marta Quillon", [airport_founder], Hints())
    assert (accepted(verdict), verdict.why) == (None, "nobody bears the very name")


def test_a_name_alone_is_not_enough() -> None:
    verdict = judge("Marta Quillon", [person("Q100", occupations=[RESEARCHER])], Hints())
    assert (accepted(verdict), verdict.why) == (None, "too little speaks for the best candidate")


def test_nobody_found_is_said() -> None:
    assert judge("Marta Quillon", [], Hints()).why == "nobody of this name"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("George W Quillon", "George W. Quillon"),
        ("Jose Quillon", "José Quillon"),
        ("Jean-Luc Quillon", "Jean Luc Quillon"),
        ("marta_quillon", "Marta Quillon"),
    ],
)
def test_points_accents_and_hyphens_do_not_part_a_name(name: str, label: str) -> None:
    assert folded_name(name) == folded_name(label)
    assert score(name, person("Q100", label), Hints()).is_named_so


@pytest.mark.parametrize(
    ("life", "fits"),
    [
        ({"births": [born("+1968-03-12T00:00:00Z")]}, True),
        ({"births": [born("+1990-03-12T00:00:00Z")]}, False),  # a child then
        ({"births": [born("+1850-03-12T00:00:00Z")]}, False),  # nobody lives so long unnoticed
        ({"births": [born("+1920-00-00T00:00:00Z", 9)], "deaths": [died("+1999-00-00T00:00:00Z", 9)]}, False),
        ({"births": [born("+1920-00-00T00:00:00Z", 9)], "deaths": [died("+2003-00-00T00:00:00Z", 9)]}, True),
        ({}, None),
    ],
)
def test_whoever_was_not_alive_and_adult_then_cannot_be_meant(life: dict[str, Any], fits: bool | None) -> None:
    alive = score("Marta Quillon", person("Q100", **life), Hints(alive_in=Years(2002, 2004))).parts["alive"]
    assert (alive > 0, alive < 0) == (fits is True, fits is False)


def test_without_alive_in_no_life_is_asked_for() -> None:
    old = person("Q100", births=[born("+1650-00-00T00:00:00Z", 9)], sitelinks=30)
    assert accepted(judge("Marta Quillon", [old], Hints())) == "Q100"


def test_photos_decide_between_namesakes_of_different_times() -> None:
    old = person(
        "Q100", births=[born("+1850-00-00T00:00:00Z", 9)], deaths=[died("+1910-00-00T00:00:00Z", 9)], sitelinks=40
    )
    young = person("Q200", births=[born("+1970-00-00T00:00:00Z", 9)], sitelinks=40)
    assert accepted(judge("Marta Quillon", [old, young], Hints())) is None
    assert accepted(judge("Marta Quillon", [old, young], Hints(photo_years={2003: 8, 2010: 4}))) == "Q200"


def test_few_photos_and_photos_of_both_times_say_nothing() -> None:
    young = person("Q200", births=[born("+1970-00-00T00:00:00Z", 9)])
    assert score("Marta Quillon", young, Hints(photo_years={1900: 4})).parts["photos"] == 0
    assert score("Marta Quillon", young, Hints(photo_years={1900: 30, 2003: 70})).parts["photos"] == 0
    assert score("Marta Quillon", young, Hints(photo_years={1900: 60, 2003: 40})).parts["photos"] < 0


@given(st.permutations([("Q100", 60), ("Q200", 60), ("Q300", 3), ("Q40", 0)]))
def test_the_verdict_does_not_hang_on_the_order_of_the_answer(order: list[tuple[str, int]]) -> None:
    people = [person(entity_id, sitelinks=sitelinks) for entity_id, sitelinks in order]
    verdict = judge("Marta Quillon", [*people, people[0]], Hints())
    assert [one.person.entity_id for one in verdict.candidates] == ["Q100", "Q200", "Q300", "Q40"]
    assert accepted(verdict) is None


@given(st.lists(st.integers(0, 300), min_size=1, max_size=6))
def test_whoever_is_accepted_leads_by_the_margin(sitelinks: list[int]) -> None:
    people = [person(f"Q{place + 1}", sitelinks=count) for place, count in enumerate(sitelinks)]
    verdict = judge("Marta Quillon", people, Hints())
    if verdict.accepted is not None:
        rest = [one.score for one in verdict.candidates if one is not verdict.accepted]
        assert all(verdict.accepted.score - other >= MARGIN for other in rest)
