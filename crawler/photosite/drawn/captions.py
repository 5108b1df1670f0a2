"""What the owners of drawn photos wrote about them: titles, texts, tags and dates of many shapes.

Most photos carry the year they were taken at least once; some carry other years beside it, some none, and a few a
wrong one, in about the shares below. The sentences are in captions.json, a list for each language.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

from crawler.photosite.drawn.people import LAST_DAY, Moment, Person
from crawler.photosite.records import PhotoRecord, nsid

T = TypeVar("T")
Telling = Literal["right", "decoy", "none", "wrong"]
SHARES: dict[Telling, float] = {"right": 0.82, "decoy": 0.10, "none": 0.05, "wrong": 0.03}
"""How photos tell their year: right; right beside another number; not at all; only a wrong year."""

LANGUAGES: dict[str, float] = {
    "en": 0.56,
    "de": 0.1,
    "fr": 0.09,
    "es": 0.08,
    "it": 0.05,
    "nl": 0.04,
    "pt": 0.05,
    "ja": 0.03,
}
LICENCES: dict[str, float] = {
    "4": 0.4,
    "5": 0.12,
    "2": 0.12,
    "1": 0.12,
    "6": 0.05,
    "3": 0.05,
    "9": 0.05,
    "7": 0.05,
    "0": 0.04,
}
GRANULARITIES: dict[int, float] = {0: 0.62, 4: 0.14, 6: 0.18, 8: 0.06}
PLACES = ("Harrow Bay", "Lindau", "Port Elsen", "Vale", "Torrevia", "Sankt Olm", "Miravel", "Oostdam", "Kaldvik")
OWNERS = ("oldbox", "lakeside_prints", "tante ilse", "R. Osk", "quietlens", "attic finds", "mira.foto", "noorderlicht")
FIRST_UPLOAD_DAY = date(2004, 2, 10)  # the site opened
CAMERA_YEAR = 1995  # photos before it are scans: their date is known to the site less often
LARGEST_ERROR = 15  # years between a wrong year and the right one


@dataclass(frozen=True, kw_only=True)
class _Told:
    """The day the words tell (the right one or not) and what they are made of."""

    day: date
    person: Person
    rng: np.random.Generator
    language: str
    place: str
    uploaded: date


def write_record(
    person: Person, moment: Moment, *, photo_id: str, file: str, shares: Mapping[Telling, float] = SHARES
) -> PhotoRecord:
    """Write what the owner of this photo wrote about it, its year told as `shares` say; truth fields hold the truth."""
    rng = np.random.default_rng([moment.photo_seed, 41])
    telling = _choose(rng, shares)
    uploaded = _upload_moment(rng, moment.taken)
    told = _Told(
        day=_wrong_day(rng, moment.taken, uploaded.date()) if telling == "wrong" else moment.taken,
        person=person,
        rng=rng,
        language=_choose(rng, LANGUAGES),
        place=PLACES[int(rng.integers(len(PLACES)))],
        uploaded=uploaded.date(),
    )
    knows_date = telling != "none" and rng.random() < (0.8 if moment.taken.year >= CAMERA_YEAR else 0.45)
    title_tells, text_tells, tags_tell = (telling != "none" and bool(rng.random() < p) for p in (0.5, 0.4, 0.2))
    if telling != "none" and not (knows_date or title_tells or text_tells):
        title_tells = True
    granularity = _choose(rng, GRANULARITIES) if knows_date else 0
    ownername = OWNERS[int(rng.integers(len(OWNERS)))]
    return PhotoRecord(
        file=file,
        id=photo_id,
        title=_sentence(told, "dated_titles" if title_tells else "plain_titles"),
        description=_description(told, tells=text_tells, has_decoy=telling == "decoy"),
        tags=_tags(told, tells=tags_tell),
        date_taken=_date_taken(told, granularity) if knows_date else uploaded.strftime("%Y-%m-%d %H:%M:%S"),
        date_taken_granularity=granularity,
        date_taken_unknown=not knows_date,
        date_upload=int(uploaded.timestamp()),
        license=_choose(rng, LICENCES),
        owner=nsid(ownername),
        ownername=ownername,
        subject=person.name,
        age=round(moment.age, 2),
        taken_year=moment.taken.year,
        birth_year=person.born.year,
    )


@cache
def _sentences() -> dict[str, dict[str, list[str]]]:
    loaded: dict[str, dict[str, list[str]]] = json.loads(
        Path(__file__).with_name("captions.json").read_text(encoding="utf-8")
    )
    return loaded


def _sentence(told: _Told, kind: str) -> str:
    choices = _sentences()[told.language][kind]
    template = choices[int(told.rng.integers(len(choices)))]
    day, born = told.day, told.person.born.year
    other = _other_year(told)
    return template.format(
        name=told.person.display_name,
        year=day.year,
        month=_sentences()[told.language]["months"][day.month - 1],
        day=day.day,
        iso=day.isoformat(),
        dotted=f"{day.day:02d}.{day.month:02d}.{day.year}",
        place=told.place,
        birth=born,
        other=other,
        number=int(told.rng.integers(1850, 2000)),
        scan=told.uploaded.year,
    )


def _other_year(told: _Told) -> int:
    """Return a year of some thing in the picture: before the photo, so that it could be there."""
    return told.day.year - int(told.rng.integers(2, 20))


def _description(told: _Told, *, tells: bool, has_decoy: bool) -> str:
    parts = []
    if tells:
        parts.append(_sentence(told, "dated_texts"))
    elif told.rng.random() < 0.6:
        parts.append(_sentence(told, "plain_texts"))
    if has_decoy:
        parts.insert(int(told.rng.integers(len(parts) + 1)), _sentence(told, "decoys"))
    return ("\n" if told.rng.random() < 0.3 else " ").join(parts)


def _tags(told: _Told, *, tells: bool) -> tuple[str, ...]:
    tags = [told.person.display_name, "portrait"]
    if told.rng.random() < 0.4:
        tags.append(told.place)
    if tells:
        tags.append(str(told.day.year))
    return tuple(tags)


def _date_taken(told: _Told, granularity: int) -> str:
    day = told.day
    if granularity == 4:
        return f"{day.year:04d}-{day.month:02d}-01 00:00:00"
    if granularity in (6, 8):
        return f"{day.year:04d}-01-01 00:00:00"
    hour, minute, second = (int(told.rng.integers(limit)) for limit in (24, 60, 60))
    return f"{day.isoformat()} {hour:02d}:{minute:02d}:{second:02d}"


def _upload_moment(rng: np.random.Generator, taken: date) -> datetime:
    first = max(FIRST_UPLOAD_DAY, taken + timedelta(2))
    day = first + timedelta(int(rng.beta(1, 2) * max((LAST_DAY - first).days + 300, 1)))
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=int(rng.integers(86_400)))


def _wrong_day(rng: np.random.Generator, taken: date, uploaded: date) -> date:
    """Return the same day of another year, before the upload."""
    years = int(rng.integers(2, LARGEST_ERROR + 1)) * (1 if rng.random() < 0.5 else -1)
    if taken.year + years >= uploaded.year:
        years = -abs(years)
    return taken.replace(year=taken.year + years, day=min(taken.day, 28))


def _choose(rng: np.random.Generator, shares: Mapping[T, float]) -> T:
    place = int(rng.choice(len(shares), p=np.array(list(shares.values())) / sum(shares.values())))
    return list(shares)[place]
