"""Which of several people of a name is meant: a score of what speaks for each, and whether the best one leads.

A wrong birth date spoils every age that follows from it, and a missing one spoils none. So nobody is accepted who
does not bear the very name, or who is not clearly ahead of the next.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.sites.wikidata.occupations import PUBLIC_OCCUPATIONS
from crawler.sites.wikidata.people import Person
from crawler.taken_year.clean import fold

ADULT_AGE = 18

LONGEST_LIFE = 115
"""Years after which somebody without a date of death is not taken to be alive: few were older, and known for it."""

LABEL_WEIGHT = 3.0
ALIAS_WEIGHT = 2.5
"""The name itself: an item called so goes before one that is also called so."""

FAME_WEIGHT = 2.0
FULL_FAME_SITELINKS = 200
"""Wikipedias with an article, on a log scale: 200, which the best-known heads of state have, weigh four times 3."""

OCCUPATION_WEIGHT = 1.0
ALIVE_WEIGHT = 1.0
PHOTOS_WEIGHT = 1.0
"""What fits; and what contradicts costs IMPOSSIBLE, more than all that can speak for somebody less the name."""

IMPOSSIBLE = 6.0

MARGIN = 0.75
"""How far the best one must lead: more than a label over an alias, or a fame of 40 Wikipedias over one of 20."""

MIN_SCORE = 3.25
"""The name alone is not enough: somebody without any article, known occupation or photo in their time stays open."""

MIN_DATED_PHOTOS = 5
FITTING_SHARE, CONTRADICTING_SHARE = 0.9, 0.5
"""Of the dated photos of a name, those in a person's lifetime: photos of namesakes are among them."""

_NO_LETTER = re.compile(r"[^\w]+|_+")


@dataclass(frozen=True)
class Years:
    """A span of years, both included."""

    first: int
    last: int


@dataclass(frozen=True)
class Hints:
    """What is known of the person who is meant: alive and adult in `alive_in`; how many photos of which year."""

    alive_in: Years | None = None
    photo_years: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A person with the score of being the one who is meant; `parts` are the summands, by name."""

    person: Person
    score: float
    parts: dict[str, float]

    @property
    def is_named_so(self) -> bool:
        """Whether they bear the very name."""
        return self.parts["name"] > 0


@dataclass(frozen=True)
class Verdict:
    """The candidates, the best one first, and the one that is accepted; `why` where none is."""

    candidates: tuple[Candidate, ...]
    accepted: Candidate | None
    why: str | None = None


def judge(name: str, people: Sequence[Person], hints: Hints) -> Verdict:
    """Return everybody `name` may mean, ranked, and whether it is clear who is meant."""
    unique = {person.entity_id: person for person in people}
    scored = [score(name, person, hints) for person in unique.values()]
    # Of equals the older item first: it was made earlier because it was better known.
    ranked = tuple(sorted(scored, key=lambda one: (-one.score, int(one.person.entity_id[1:]))))
    return _decided(ranked)


def score(name: str, person: Person, hints: Hints) -> Candidate:
    """Return what speaks for `person` being the one called `name`."""
    parts = {
        "name": _name(name, person),
        "fame": FAME_WEIGHT * min(1.0, math.log1p(person.sitelinks) / math.log1p(FULL_FAME_SITELINKS)),
        "occupation": OCCUPATION_WEIGHT * (not PUBLIC_OCCUPATIONS.keys().isdisjoint(person.occupations)),
        "alive": _alive(person, hints.alive_in) if hints.alive_in is not None else 0.0,
        "photos": _photos(person, hints.photo_years),
    }
    return Candidate(person, round(sum(parts.values()), 4), {key: round(value, 4) for key, value in parts.items()})


def folded_name(name: str) -> str:
    """Return a name for comparing: lower case, no Latin accents, no points, hyphens or underscores."""
    return " ".join(_NO_LETTER.sub(" ", fold(name)).split())


def _decided(ranked: tuple[Candidate, ...]) -> Verdict:
    named = [one for one in ranked if one.is_named_so]
    if not named:
        return Verdict(ranked, None, "nobody of this name" if not ranked else "nobody bears the very name")
    best = named[0]
    if best.score < MIN_SCORE:
        return Verdict(ranked, None, "too little speaks for the best candidate")
    rivals = [one for one in ranked if one is not best]
    if rivals and best.score - rivals[0].score < MARGIN:
        return Verdict(ranked, None, "two candidates are too close")
    return Verdict(ranked, best)


def _name(name: str, person: Person) -> float:
    wanted = folded_name(name)
    if wanted in {folded_name(one) for one in person.names}:
        return LABEL_WEIGHT
    return ALIAS_WEIGHT if wanted in {folded_name(one) for one in person.aliases} else 0.0


def _alive(person: Person, years: Years) -> float:
    """Whether they can have been alive and adult at some time in `years`; nothing where their dates are unknown."""
    birth, death = person.birth, person.death
    is_too_young = birth.year_min is not None and birth.year_min + ADULT_AGE > years.last
    is_dead_by_then = death.year_max is not None and death.year_max < years.first
    if is_too_young or is_dead_by_then:
        return -IMPOSSIBLE
    if birth.year_min is None or birth.year_max is None:
        return 0.0
    return ALIVE_WEIGHT if birth.year_max >= years.first - LONGEST_LIFE else -IMPOSSIBLE


def _photos(person: Person, photos: Mapping[int, int]) -> float:
    """Whether the photos found by the name were taken in their lifetime."""
    birth, death, total = person.birth, person.death, sum(photos.values())
    if total < MIN_DATED_PHOTOS or birth.year_min is None:
        return 0.0
    end = death.year_max if death.year_max is not None else birth.year_min + LONGEST_LIFE
    share = sum(count for year, count in photos.items() if birth.year_min <= year <= end) / total
    if share >= FITTING_SHARE:
        return PHOTOS_WEIGHT
    return -IMPOSSIBLE if share < CONTRADICTING_SHARE else 0.0


def candidate_facts(candidate: Candidate, why: str | None) -> dict[str, Any]:
    """Return all that was read of a candidate, and how it was weighed, as JSON for the catalog."""
    return {**candidate.person.facts, "score": candidate.parts, **({"left_open": why} if why else {})}
