"""Lives of drawn people: an invented name, a birth day, and the moments at which they were photographed."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from crawler.photosite.drawn.identity import make_identity

DAYS_A_YEAR = 365.2425
FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR = 1915, 2006
LAST_DAY = date(2023, 12, 31)  # of any photo, so that every upload lies in the past
OLDEST = 90.0
SHORTEST_SPAN = 15.0  # years of a life that its photos are spread over, at least


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One photo of a person's life, before anything is written about it."""

    age: float  # years since birth, by the day
    taken: date
    photo_seed: int


@dataclass(frozen=True, kw_only=True)
class Person:
    """A drawn person with a name, a birth day and the moments that were photographed, by date."""

    name: str  # LFW style: Marta_Quillon
    identity_seed: int
    born: date
    moments: tuple[Moment, ...]

    @property
    def display_name(self) -> str:
        """The name as people write it."""
        return self.name.replace("_", " ")


def make_people(count: int, *, photos: int, seed: int) -> list[Person]:
    """Invent `count` people of distinct names with `photos` moments each; the first n are the same for every count."""
    people: list[Person] = []
    taken_names: set[str] = set()
    for number in range(count):
        rng = np.random.default_rng([seed, number, 5])
        identity_seed = int(rng.integers(2**31))
        name = _name(rng, make_identity(identity_seed).is_male, taken_names)
        taken_names.add(name)
        born = date(int(rng.integers(FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR + 1)), 1, 1) + timedelta(int(rng.integers(365)))
        people.append(Person(name=name, identity_seed=identity_seed, born=born, moments=_moments(rng, born, photos)))
    return people


def _moments(rng: np.random.Generator, born: date, count: int) -> tuple[Moment, ...]:
    """Spread photos over a stretch of the life: some people were photographed all along, some for a few decades."""
    oldest = min((LAST_DAY - born).days / DAYS_A_YEAR, OLDEST)
    span = rng.uniform(min(SHORTEST_SPAN, oldest), oldest)
    start = rng.uniform(0, oldest - span)
    days = np.sort(rng.uniform(start, start + span, count)) * DAYS_A_YEAR
    moments = []
    for day in days.astype(int).tolist():
        seed = int(rng.integers(2**31))
        moments.append(Moment(age=day / DAYS_A_YEAR, taken=born + timedelta(day), photo_seed=seed))
    return tuple(moments)


def _name(rng: np.random.Generator, is_male: bool, taken: set[str]) -> str:
    parts = _name_parts()
    given = parts["men" if is_male else "women"]
    for attempt in range(1000):
        words = [_pick(rng, given)]
        if rng.random() < 0.15 or attempt > 20:  # a crowded site needs the longer names
            words.append(_pick(rng, parts["middle"]))
        words.append(_pick(rng, parts["surname_starts"]) + _pick(rng, parts["surname_ends"]))
        name = "_".join(words)
        if name not in taken:
            return name
    raise ValueError(f"no name is left that is not one of {len(taken)} already given")


def _pick(rng: np.random.Generator, words: list[str]) -> str:
    return words[int(rng.integers(len(words)))]


@cache
def _name_parts() -> dict[str, list[str]]:
    parts: dict[str, list[str]] = json.loads(Path(__file__).with_name("names.json").read_text(encoding="utf-8"))
    return parts
