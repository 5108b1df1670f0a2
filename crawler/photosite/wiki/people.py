"""The people of the served photos as Wikidata would have them.

Each gets a case by place in the sorted names, so that twenty names show every kind of statement once: what is known of
a birth (day to century, Julian, several, none), namesakes near and far, an item without a date, no item at all.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from crawler.photosite.chance import share
from crawler.photosite.photos import SitePhoto
from crawler.photosite.wiki.times import TimeStatement, WikiTime, century_time, day_time, julian_time

CASES = (
    "day", "preferred", "homonym", "month", "close_homonym", "year", "deprecated", "julian", "two_days", "no_entity",
    "decade", "alias", "somevalue", "two_years", "year_as_january", "century", "redirect", "no_birth", "mul_label",
    "missing_homonym",
)  # fmt: skip
OCCUPATIONS = {
    "Q82955": "politician",
    "Q33999": "actor",
    "Q937857": "association football player",
    "Q10833314": "tennis player",
    "Q177220": "singer",
    "Q193391": "diplomat",
}
"""Those of people whom the press photographed; with the words that describe them."""

FARMER = "Q131512"
HUMAN, DISAMBIGUATION, FICTIONAL_HUMAN = "Q5", "Q4167410", "Q15632617"
LAST_DEATH = 2024
SEED = 7


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One item of the wiki."""

    id: str
    label: str
    description: str
    instance_of: str = HUMAN
    label_language: str = "en"
    aliases: tuple[str, ...] = ()
    births: tuple[TimeStatement, ...] = ()
    deaths: tuple[TimeStatement, ...] = ()
    occupations: tuple[str, ...] = ()
    category: str | None = None
    sitelinks: int = 0
    redirected_from: str | None = None  # an id that was merged into this one
    is_deleted: bool = False  # the search still finds it, its item is missing


@dataclass(frozen=True, kw_only=True)
class WikiPerson:
    """A person of the photos: the item that is about them, and what else bears the name."""

    name: str
    case: str
    own: Entity | None
    others: tuple[Entity, ...] = ()

    @property
    def display_name(self) -> str:
        """The name as people write it."""
        return self.name.replace("_", " ")

    @property
    def entities(self) -> tuple[Entity, ...]:
        """All items that bear the name."""
        return (self.own, *self.others) if self.own else self.others


def wiki_people(photos: Sequence[SitePhoto]) -> list[WikiPerson]:
    """Return everyone in the photos, by name; the same photos give the same people."""
    births: dict[str, Counter[int]] = {}
    latest: dict[str, int] = {}
    for photo in photos:
        name, taken = photo.record.subject, photo.record.taken_year
        if not name:
            continue
        years = births.setdefault(name, Counter())
        if photo.record.birth_year is not None:
            years[photo.record.birth_year] += 1
        latest[name] = max(latest.get(name, 0), taken or 0)
    people = []
    for place, name in enumerate(sorted(births)):
        known = births[name].most_common(1)
        people.append(_person(name, CASES[place % len(CASES)], known[0][0] if known else None, latest[name]))
    return people


def entity_id(*what: str) -> str:
    """Return a steady item id for these words."""
    return f"Q{10_000_000 + int(hashlib.sha256(' '.join(what).encode()).hexdigest()[:12], 16) % 90_000_000}"


def _person(name: str, case: str, birth_year: int | None, last_photo: int) -> WikiPerson:
    if case == "no_entity":
        return WikiPerson(name=name, case=case, own=None)
    display = name.replace("_", " ")
    occupation = list(OCCUPATIONS)[int(share(SEED, name, "occupation") * len(OCCUPATIONS))]
    own = Entity(
        id=entity_id(name),
        label=display,
        description=OCCUPATIONS[occupation],
        births=_births(name, case, birth_year),
        deaths=_deaths(name, birth_year, last_photo),
        occupations=(occupation,),
        category=display if share(SEED, name, "category") < 0.8 else None,
        sitelinks=12 + int(share(SEED, name, "sitelinks") * 40),
    )
    if case == "alias":
        own = replace(own, label=f"{display.split()[0]} Vandermoor", aliases=(f"{display} Vandermoor", display))
    if case == "mul_label":  # since 2025 many people have one label for all languages and none in English
        own = replace(own, label_language="mul")
    if case == "redirect":
        own = replace(own, redirected_from=entity_id(name, "merged"))
    return WikiPerson(name=name, case=case, own=own, others=_namesakes(own, display, case, birth_year))


def _births(name: str, case: str, year: int | None) -> tuple[TimeStatement, ...]:
    if case == "somevalue":
        return (TimeStatement(None),)
    if year is None or case == "no_birth":
        return ()
    day = date(year, 1, 1) + timedelta(int(share(SEED, name, "birthday") * 365))
    exact = day_time(day)
    match case:
        case "month":
            return (TimeStatement(replace(exact, day=0, precision="month")),)
        case "year":
            return (TimeStatement(WikiTime(year=year, precision="year")),)
        case "year_as_january":  # what bots write: the parts below the precision mean nothing
            return (TimeStatement(WikiTime(year=year, month=1, day=1, precision="year")),)
        case "decade":
            return (TimeStatement(WikiTime(year=year // 10 * 10, precision="decade")),)
        case "century":
            return (TimeStatement(century_time(year)),)
        case "julian":  # 5 January is 23 December of the year before in the Julian calendar
            return (TimeStatement(julian_time(date(year, 1, 5))),)
        case "preferred":
            return (TimeStatement(replace(exact, year=year - 3, day=1)), TimeStatement(exact, "preferred"))
        case "deprecated":
            return (TimeStatement(replace(exact, year=year + 4, day=1), "deprecated"), TimeStatement(exact))
        case "two_days":
            return (TimeStatement(exact), TimeStatement(day_time(date(year, day.month % 12 + 1, 9))))
        case "two_years":
            return (TimeStatement(exact), TimeStatement(WikiTime(year=year + 2, precision="year")))
        case _:
            return (TimeStatement(exact),)


def _deaths(name: str, birth_year: int | None, last_photo: int) -> tuple[TimeStatement, ...]:
    if birth_year is None:
        return ()
    year = max(birth_year + 68 + int(share(SEED, name, "life") * 28), last_photo + 1)
    if year > LAST_DEATH:
        return ()
    if share(SEED, name, "death known to the year") < 0.3:
        return (TimeStatement(WikiTime(year=year, precision="year")),)
    return (TimeStatement(day_time(date(year, 1, 1) + timedelta(int(share(SEED, name, "death") * 365)))),)


def _namesakes(own: Entity, display: str, case: str, birth_year: int | None) -> tuple[Entity, ...]:
    if case == "close_homonym":
        year = (birth_year or 1950) + 6
        twin = replace(
            own,
            id=entity_id(display, "close"),
            births=(TimeStatement(WikiTime(year=year, month=3, day=14)),),
            deaths=(),
            category=None,
        )
        return (twin,)
    if case == "homonym":
        farmer = Entity(
            id=entity_id(display, "farmer"),
            label=display,
            description="farmer (1790–1851)",
            births=(TimeStatement(WikiTime(year=1790, precision="year")),),
            deaths=(TimeStatement(WikiTime(year=1851, month=2, day=11)),),
            occupations=(FARMER,),
        )
        return (farmer, _page(display, DISAMBIGUATION, "Wikimedia disambiguation page", sitelinks=2))
    if case == "missing_homonym":
        gone = replace(own, id=entity_id(display, "deleted"), births=(), deaths=(), category=None, is_deleted=True)
        return (_page(display, FICTIONAL_HUMAN, "character in a novel", sitelinks=30), gone)
    return ()


def _page(display: str, instance_of: str, description: str, *, sitelinks: int) -> Entity:
    return Entity(
        id=entity_id(display, instance_of),
        label=display,
        description=description,
        instance_of=instance_of,
        sitelinks=sitelinks,
    )
