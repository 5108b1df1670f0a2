"""Reading Wikidata's answers: the items a name may mean, and the people among them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crawler.sites.found import SiteFault
from crawler.sites.loose import clean_json, to_text
from crawler.sites.mediawiki import has_flag, read_answer
from crawler.sites.wikidata.statements import (
    LifeDate,
    best_text,
    date_statements,
    item_ids,
    life_date,
    statement_facts,
)

_HUMAN = "Q5"
_NO_WIKIPEDIAS = frozenset({"commonswiki", "specieswiki", "wikidatawiki", "metawiki", "mediawikiwiki", "sourceswiki"})


@dataclass(frozen=True)
class Person:
    """A human being as Wikidata knows them; `facts` are all statements that were read, as JSON.

    `sitelinks` counts the Wikipedias that have an article on them.
    """

    entity_id: str
    label: str | None = None
    names: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    description: str | None = None
    birth: LifeDate = field(default_factory=LifeDate)
    death: LifeDate = field(default_factory=LifeDate)
    is_dead: bool = False
    occupations: tuple[str, ...] = ()
    sitelinks: int = 0
    commons_category: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadEntities:
    """What an answer told: `people` by the id that was asked for, and the ids of what is no person or not there.

    An id that is in neither was left out by the site, as it does when an answer grows too long.
    """

    people: Mapping[str, Person]
    others: frozenset[str]


def read_search(body: bytes, headers: Mapping[str, str]) -> list[str] | SiteFault:
    """Return the ids of the items a name may mean, the site's first one first."""
    answer = read_answer(body, headers)
    if isinstance(answer, SiteFault):
        return answer
    found = answer.get("search")
    if not isinstance(found, list):
        return SiteFault("transient", "the answer holds no results")
    ids = [hit["id"] for hit in found if isinstance(hit, Mapping) and _is_item(hit.get("id"))]
    return list(dict.fromkeys(ids))


def read_entities(body: bytes, headers: Mapping[str, str]) -> ReadEntities | SiteFault:
    """Return the people among the items of an answer."""
    answer = read_answer(body, headers)
    if isinstance(answer, SiteFault):
        return answer
    entities = answer.get("entities")
    if not isinstance(entities, Mapping):
        return SiteFault("transient", "the answer holds no items")
    people: dict[str, Person] = {}
    others: set[str] = set()
    for key, entity in entities.items():
        if not isinstance(entity, Mapping):
            continue
        asked = {str(key)} | _redirected(entity)
        person = None if has_flag(entity, "missing") else read_person(entity)
        if person is None:
            others |= asked
        else:
            people.update(dict.fromkeys(asked, person))
    return ReadEntities(people=people, others=frozenset(others))


def read_person(entity: Mapping[str, Any]) -> Person | None:
    """Return an item as a person, or None where it is not one (P31 is not "human")."""
    entity_id = entity.get("id")
    if not isinstance(entity_id, str) or not _is_item(entity_id) or _HUMAN not in item_ids(entity, "P31"):
        return None
    births, deaths = date_statements(entity, "P569"), date_statements(entity, "P570")
    labels, aliases = _texts(entity.get("labels")), _texts(entity.get("aliases"))
    occupations = tuple(dict.fromkeys(item_ids(entity, "P106")))
    sitelinks, category = _sitelinks(entity), best_text(entity, "P373")
    return Person(
        entity_id=entity_id,
        label=labels[0] if labels else None,
        names=tuple(dict.fromkeys(labels)),
        aliases=tuple(dict.fromkeys(aliases)),
        description=next(iter(_texts(entity.get("descriptions"))), None),
        birth=life_date(births),
        death=life_date(deaths),
        is_dead=any(one.rank != "deprecated" and one.snak != "novalue" for one in deaths),
        occupations=occupations,
        sitelinks=sitelinks,
        commons_category=category,
        facts=clean_json(
            {
                "P569": [statement_facts(one) for one in births],
                "P570": [statement_facts(one) for one in deaths],
                "P106": list(occupations),
                "P373": category,
                "names": labels,
                "aliases": aliases,
            }
        ),
    )


def _texts(found: object) -> list[str]:
    """Return the values of labels (an object a language) or aliases (a list a language), English first."""
    if not isinstance(found, Mapping):
        return []
    texts = []
    for language in sorted(found, key=lambda language: (language != "en", str(language))):
        entries = found[language] if isinstance(found[language], list) else [found[language]]
        texts += [to_text(entry.get("value")) for entry in entries if isinstance(entry, Mapping)]
    return [text for text in texts if text is not None]


def _sitelinks(entity: Mapping[str, Any]) -> int:
    found = entity.get("sitelinks")
    if not isinstance(found, Mapping):
        return 0
    return sum(str(site).endswith("wiki") and site not in _NO_WIKIPEDIAS for site in found)


def _redirected(entity: Mapping[str, Any]) -> set[str]:
    redirects = entity.get("redirects")
    return {redirects["from"]} if isinstance(redirects, Mapping) and isinstance(redirects.get("from"), str) else set()


def _is_item(value: object) -> bool:
    return isinstance(value, str) and value[:1] == "Q" and value[1:].isdigit() and len(value) <= 32
