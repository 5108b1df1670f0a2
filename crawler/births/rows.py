"""A verdict about a name as rows of the catalog."""

from typing import Any

from crawler.sites.wikidata.people import Person
from crawler.sites.wikidata.scoring import Verdict, candidate_facts
from db.subjects import FoundLife


def candidate_rows(verdict: Verdict) -> list[dict[str, Any]]:
    """Return a row for everybody who may be meant, the best one first."""
    return [
        {
            "entity_id": candidate.person.entity_id,
            "place": place,
            "score": candidate.score,
            "label": candidate.person.label,
            "description": candidate.person.description,
            "facts": candidate_facts(candidate, verdict.why),
            **_life(candidate.person),
            "sitelinks": candidate.person.sitelinks,
            "is_accepted": candidate is verdict.accepted,
        }
        for place, candidate in enumerate(verdict.candidates)
    ]


def found_life(verdict: Verdict) -> FoundLife | None:
    """Return what is known of the accepted person, or None."""
    if verdict.accepted is None:
        return None
    person = verdict.accepted.person
    return FoundLife(person.entity_id, person.commons_category, _life(person))


def _life(person: Person) -> dict[str, Any]:
    return {**person.birth.columns("birth"), **person.death.columns("death")}
