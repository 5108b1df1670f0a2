"""`scrapy crawl wikidata_births` as a user runs it, against the wikis of the photo site, whose truth is known."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.exc import DBAPIError

from crawler.photosite.wiki.truth import PersonTruth, truth_of
from db.models import Query, Subject, SubjectCandidate
from tests.crawler.crawling import Workplace, ended
from tests.crawler.wikis import everyone, served
from tests.db.rows import table

PEOPLE = 40


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A folder with the names of everyone."""
    place = Workplace(tmp_path, f"sqlite:///{tmp_path / 'catalog.db'}")
    place.write_names(*truth_of(everyone(PEOPLE, 1)))
    return place


def arguments(place: Workplace, url: str) -> list[str]:
    return ["crawl", "wikidata_births", "-a", f"names={place.names}", "-a", f"api={url}/wikidata/w/api.php"]


def found(catalog: Engine) -> dict[str, tuple[Any, ...]]:
    """What the catalog says of everyone: item, birth years, category."""
    subject = table(Subject)
    with catalog.connect() as connection:
        return {
            row.name: (row.wikidata_id, row.birth_year_min, row.birth_year_max, row.commons_category)
            for row in connection.execute(select(subject))
        }


def wanted(truth: PersonTruth) -> tuple[Any, ...]:
    """What the catalog ought to say of somebody: nothing where it is not clear who is meant."""
    if truth.expected != "accepted":
        return (None, None, None, None)
    return (truth.entity_id, truth.birth_year_min, truth.birth_year_max, truth.commons_category)


@pytest.mark.slow
def test_everyone_gets_the_life_that_wikidata_has_and_doubtful_ones_stay_open(workplace: Workplace) -> None:
    people = everyone(PEOPLE, 1)
    truth = truth_of(people)
    with served(people) as (url, site):
        site.faults.change({"lag_every": 25, "cut_every": 11, "retry_after_s": 1})
        end = ended(workplace.start(*arguments(workplace, url), "--json"))
    assert end.returncode == 0, end.stderr
    catalog = create_engine(workplace.catalog_url)
    assert found(catalog) == {name: wanted(one) for name, one in truth.items()}
    tally = json.loads(end.stdout)
    by_end = {kind: sum(one.expected == kind for one in truth.values()) for kind in ("accepted", "open")}
    assert (tally["names"]["accepted"], tally["names"]["left_open"]) == (by_end["accepted"], by_end["open"])
    assert tally["this_run"]["api_calls_retried"] > 0
    candidate = table(SubjectCandidate)
    with catalog.connect() as connection:
        rows = connection.execute(select(candidate.c.facts, candidate.c.birth_year_min)).all()
    assert all("P569" in row.facts and "score" in row.facts for row in rows)
    catalog.dispose()


@pytest.mark.slow
def test_a_look_up_that_is_killed_goes_on_and_ends_as_one_that_was_not(workplace: Workplace) -> None:
    people = everyone(PEOPLE, 1)
    catalog = create_engine(workplace.catalog_url)
    left = []
    with served(people) as (url, _):
        for count in (1, 20):
            process = workplace.start(*arguments(workplace, url))
            while process.poll() is None and done(catalog) < count:
                time.sleep(0.002)
            process.kill()
            ended(process)
            left.append(PEOPLE - done(catalog))
        assert any(0 < one < PEOPLE for one in left), "no kill hit the middle"
        end = ended(workplace.start(*arguments(workplace, url), "--json"))
    assert end.returncode == 0, end.stderr
    assert json.loads(end.stdout)["this_run"]["looked_up"] == left[-1]
    assert found(catalog) == {name: wanted(one) for name, one in truth_of(people).items()}
    with catalog.connect() as connection:
        twice = text("select subject_id, entity_id from subject_candidate group by 1, 2 having count(*) > 1")
        assert connection.execute(twice).all() == []
    catalog.dispose()


def done(catalog: Engine) -> int:
    """How many look-ups are done, 0 before there is a catalog."""
    query = table(Query)
    try:
        with catalog.connect() as connection:
            return connection.execute(
                select(func.count()).where(query.c.site == "wikidata", query.c.state == "done")
            ).scalar_one()
    except DBAPIError:
        return 0
