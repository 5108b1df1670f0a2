"""Looking births up: few calls, faults of the site, namesakes and photos, on both databases."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine, select

from agegap.errors import BadInputFile, DataFailed, WrongUse
from crawler.births.entities import find_ids, read_people
from crawler.births.plan import BirthsPlan, make_births_plan
from crawler.births.run import BirthLookups
from crawler.births.tally import BirthsTally
from crawler.crawl_settings import CrawlSettings
from crawler.names import Name
from crawler.running.catalog_thread import CatalogThread
from crawler.sites.found import Ask, SiteFault
from crawler.sites.wikidata.scoring import Years
from db.models import Subject, SubjectCandidate
from tests.crawler.wiki_answers import body, born, died, entity
from tests.db.rows import table

T = TypeVar("T")
API = "https://wikidata.example/w/api.php"
ACTOR = "Q33999"


class FakeWikidata:
    """Answers as Wikidata does from the items it is given; `faults` are told in place of the next answers."""

    def __init__(self, *items: dict[str, Any], faults: Sequence[SiteFault | None] = (), at_most: int = 50) -> None:
        self.items = {item["id"]: item for item in items}
        self.calls: list[Mapping[str, str]] = []
        self._faults = list(faults)
        self._at_most = at_most

    async def call_and_read(self, ask: Ask, read: Callable[[bytes, Mapping[str, str]], T | SiteFault]) -> T | SiteFault:
        self.calls.append(ask.params)
        if self._faults and (fault := self._faults.pop(0)) is not None:
            return fault
        return read(body(self._answer(ask.params)), {})

    def asked(self, action: str) -> list[Mapping[str, str]]:
        return [call for call in self.calls if call["action"] == action]

    def _answer(self, params: Mapping[str, str]) -> dict[str, Any]:
        if params["action"] == "wbsearchentities":
            hits = [item for item in self.items.values() if self._starts(item, params["search"])]
            return {
                "searchinfo": {"search": params["search"]},
                "search": [{"id": hit["id"]} for hit in hits],
                "success": 1,
            }
        ids = params["ids"].split("|")
        told = {one: self.items.get(one, {"id": one, "missing": ""}) for one in ids[: self._at_most]}
        return {"entities": told, "success": 1}

    @staticmethod
    def _starts(item: dict[str, Any], words: str) -> bool:
        aliases = item["aliases"]["en"] if isinstance(item["aliases"], dict) else []
        texts = [item["labels"]["en"]["value"], *(one["value"] for one in aliases)]
        return any(one.lower().startswith(words.lower()) for one in texts)


def plan(catalog: Engine, *names: str, **values: Any) -> BirthsPlan:
    people = tuple(Name(name.replace(" ", "_"), name) for name in names)
    base = BirthsPlan(people, "a list", API, is_again=False, alive_in=None, settings=CrawlSettings(), catalog=catalog)
    return replace(base, **values)


def look_up(a_plan: BirthsPlan, site: FakeWikidata) -> BirthsTally:
    """Run a plan to its end; return its tally."""
    tally = BirthsTally()

    async def run() -> None:
        thread = CatalogThread(a_plan.catalog)
        try:
            lookups = BirthLookups(a_plan, caller=site, catalog=thread, tally=tally)
            await lookups.run()
            await lookups.count()
        finally:
            thread.close()

    asyncio.run(run())
    return tally


def births(catalog: Engine) -> dict[str, tuple[Any, ...]]:
    """The birth columns of every subject, by name."""
    found = table(Subject)
    with catalog.connect() as connection:
        rows = connection.execute(select(found)).all()
    return {row.name: (row.birth_date, row.birth_year_min, row.birth_year_max, row.wikidata_id) for row in rows}


MARTA = entity("Q42", "Marta Quillon", births=[born("+1968-03-12T00:00:00Z")], occupations=[ACTOR], sitelinks=12)
TOMA = entity("Q43", "Toma Revik", births=[born("+1950-00-00T00:00:00Z", 9)], occupations=[ACTOR], sitelinks=12)


def test_names_are_found_and_stored_and_not_asked_for_again(catalog: Engine) -> None:
    site = FakeWikidata(MARTA, TOMA, entity("Q44", "Toma Revik", kind="Q482994"))  # an album of that name
    tally = look_up(plan(catalog, "Marta Quillon", "Toma Revik", "Nobody Here"), site)
    assert births(catalog) == {
        "Marta_Quillon": ("1968-03-12", 1968, 1968, "Q42"),
        "Toma_Revik": ("1950", 1950, 1950, "Q43"),
        "Nobody_Here": (None, None, None, None),
    }
    assert (tally.looked_up, tally.accepted, tally.births, tally.after.nobody) == (3, 2, 2, 1)
    assert (len(site.asked("wbsearchentities")), len(site.asked("wbgetentities"))) == (3, 1)
    site.calls.clear()
    assert look_up(plan(catalog, "Marta Quillon", "Toma Revik", "Nobody Here"), site).looked_up == 0
    assert site.calls == []


def test_namesakes_are_ranked_and_left_open_with_everything_that_was_read(catalog: Engine) -> None:
    other = entity("Q45", "Marta Quillon", births=[born("+1930-00-00T00:00:00Z", 9)], occupations=[ACTOR], sitelinks=14)
    tally = look_up(plan(catalog, "Marta Quillon"), FakeWikidata(MARTA, other))
    assert births(catalog)["Marta_Quillon"] == (None, None, None, None)
    assert tally.left_open == {"two candidates are too close": 1}
    found = table(SubjectCandidate)
    with catalog.connect() as connection:
        rows = connection.execute(select(found).order_by(found.c.place)).all()
    assert [(row.entity_id, row.place, row.birth_year_min, row.is_accepted) for row in rows] == [
        ("Q45", 0, 1930, False),
        ("Q42", 1, 1968, False),
    ]
    assert rows[1].facts["P569"][0]["date"] == "1968-03-12"
    assert rows[1].facts["left_open"] == "two candidates are too close"
    assert rows[1].facts["score"]["name"] > 0


def test_years_in_which_a_person_was_in_the_news_tell_namesakes_apart(catalog: Engine) -> None:
    dead = entity(
        "Q45", "Marta Quillon", births=[born("+1930-00-00T00:00:00Z", 9)], deaths=[died("+1990-00-00T00:00:00Z", 9)],
        occupations=[ACTOR], sitelinks=14,
    )  # fmt: skip
    look_up(plan(catalog, "Marta Quillon", alive_in=Years(2002, 2004)), FakeWikidata(MARTA, dead))
    assert births(catalog)["Marta_Quillon"][3] == "Q42"


def test_again_looks_up_what_is_done_already(catalog: Engine) -> None:
    look_up(plan(catalog, "Marta Quillon"), FakeWikidata())
    assert births(catalog)["Marta_Quillon"][3] is None
    look_up(plan(catalog, "Marta Quillon", is_again=True), FakeWikidata(MARTA))
    assert births(catalog)["Marta_Quillon"][3] == "Q42"


def test_without_a_list_every_subject_of_the_catalog_is_looked_up(catalog: Engine) -> None:
    look_up(plan(catalog, "Marta Quillon"), FakeWikidata())
    site = FakeWikidata(MARTA, TOMA)
    tally = look_up(plan(catalog, names=None, asked_by="all subjects"), site)
    assert (tally.looked_up, site.calls) == (0, [])  # the only one there is has been looked up
    tally = look_up(plan(catalog, names=None, asked_by="all subjects", is_again=True), site)
    assert tally.accepted == 1


def test_a_fault_fails_its_name_and_the_next_run_tries_it_again(sqlite_catalog: Engine) -> None:
    limited = SiteFault("transient", "ratelimited: slow down")
    site = FakeWikidata(MARTA, TOMA, faults=[None, limited])
    tally = look_up(plan(sqlite_catalog, "Marta Quillon", "Toma Revik"), site)
    assert (tally.names_failed, tally.accepted, tally.after.states) == (1, 1, {"done": 1, "failed": 1})
    assert look_up(plan(sqlite_catalog, "Marta Quillon", "Toma Revik"), FakeWikidata(TOMA)).accepted == 1


def test_a_site_that_never_answers_stops_the_run_and_a_refusal_is_wrong_use(sqlite_catalog: Engine) -> None:
    down, refused = SiteFault("transient", "no answer (TimeoutError)"), SiteFault("fatal", "HTTP 403", 403)
    with pytest.raises(DataFailed, match="no answer"):
        look_up(plan(sqlite_catalog, "Marta Quillon", "Toma Revik"), FakeWikidata(faults=[down] * 9))
    with pytest.raises(WrongUse, match="wikidata refused the call"):
        look_up(plan(sqlite_catalog, "Toma Revik"), FakeWikidata(faults=[refused]))


def test_three_failures_in_a_row_stop_the_run(sqlite_catalog: Engine) -> None:
    down = SiteFault("transient", "HTTP 503")
    names = [f"Marta Quillon{letter}" for letter in "abcdefgh"]
    site = FakeWikidata(MARTA, faults=[None, *[down] * 7])
    with pytest.raises(DataFailed, match="HTTP 503"):
        look_up(plan(sqlite_catalog, *names), site)
    assert len(site.calls) == 4


def test_items_an_answer_leaves_out_are_asked_for_again(sqlite_catalog: Engine) -> None:
    people = [entity(f"Q{number}", f"Marta Quillon {number}") for number in range(1, 121)]
    site = FakeWikidata(*people, at_most=7)
    found = asyncio.run(read_people(site, API, [f"Q{number}" for number in range(1, 121)]))
    assert not isinstance(found, SiteFault)
    assert len(found) == 120
    assert max(len(call["ids"].split("|")) for call in site.calls) == 50
    silent = FakeWikidata(*people, at_most=0)
    assert isinstance(asyncio.run(read_people(silent, API, ["Q1", "Q2", "Q3"])), SiteFault)


def test_an_initial_without_a_point_is_looked_up_with_one_when_nothing_is_found(sqlite_catalog: Engine) -> None:
    site = FakeWikidata(entity("Q207", "Jor W. Quillon"))
    assert asyncio.run(find_ids(site, API, "Jor W Quillon")) == ["Q207"]
    assert [call["search"] for call in site.calls] == ["Jor W Quillon", "Jor W. Quillon"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"again": "maybe"}, "again: 'maybe' is neither true nor false"),
        ({"alive_in": "2004-2002"}, "alive_in: '2004-2002' is no span of years"),
        ({"alive_in": "lately"}, "no span of years"),
        ({"api": "wikidata"}, "api: 'wikidata' is not a web address"),
        ({"nmaes": "a.txt"}, "nmaes"),
        ({}, "no contact is set"),
    ],
)
def test_wrong_use_is_one_sentence(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(WrongUse, match=message):
        make_births_plan(arguments)


def test_a_names_file_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputFile, match="no such file"):
        make_births_plan({"names": str(tmp_path / "none.txt"), "contact": "mailto:a@example.org"})
