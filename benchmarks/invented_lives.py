"""FG-NET's subjects as people of a photo site: invented names, invented birth years, captions that carry the year.

FG-NET tells ages, not years. A subject gets a birth year, so each of its photos gets the year it was taken; owners of
the site's photos then write that year into titles, texts, tags and dates in many shapes and languages, beside other
numbers. Nothing else of the set reaches the site: neither its file names, which spell the age, nor an age.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from agegap.errors import BadInputFile
from agegap.files import write_text
from crawler.photosite.drawn.captions import Telling, write_record
from crawler.photosite.drawn.people import Moment, Person, make_people
from crawler.photosite.records import RECORDS_FILE, PhotoRecord, numeric_id, write_lines
from dataset.sources.known import read_source
from dataset.sources.records import SourceRecord

CAPTIONS: dict[Telling, float] = {"right": 0.85, "decoy": 0.15}
"""Every photo tells its year somewhere; some tell another number beside it."""

LICENCE = "4"  # all of them may be stored: the licence setting is not what is measured here
FIRST_BIRTH, LAST_TAKEN = 1925, 2003  # FG-NET holds family albums of the last century


@dataclass(frozen=True)
class Lives:
    """What the benchmark knows and the product does not."""

    names: tuple[str, ...]  # LFW style, one a subject
    taken_years: dict[str, int]  # by the photo's id at the site
    ages: dict[str, float]  # by the photo's id at the site


def read_people(fgnet: Path) -> dict[str, list[SourceRecord]]:
    """Return the photos of the FG-NET copy in `fgnet` by subject; raise BadInputFile where there is none."""
    people: dict[str, list[SourceRecord]] = {}
    for item in read_source("fgnet", fgnet):
        if isinstance(item, SourceRecord) and item.subject is not None:
            people.setdefault(item.subject, []).append(item)
    if not people:
        raise BadInputFile(fgnet, "holds no FG-NET photo", "give the folder with files such as 001A02.JPG")
    return people


def hold_out(people: Sequence[str], *, share: float, seed: int) -> set[str]:
    """Choose the subjects whose photos are kept for the measurement: never crawled, never paired."""
    order = np.random.default_rng(seed).permutation(sorted(people))
    return set(order[: max(1, round(len(order) * share))].tolist())


def write_site(folder: Path, people: dict[str, list[SourceRecord]], *, seed: int) -> Lives:
    """Write `photos.jsonl` and `names.txt` of a photo site that shows these people, its photos left where they are."""
    invented = make_people(len(people), photos=1, seed=seed)
    records: list[PhotoRecord] = []
    ages: dict[str, float] = {}
    for number, (_, photos) in enumerate(sorted(people.items())):
        rng = np.random.default_rng([seed, number])
        born = date(_birth_year(rng, oldest=max(_age(photo) for photo in photos)), 1, 1)
        for photo in photos:
            photo_id = numeric_id(f"real-faces/{seed}/{photo.site_id}")
            record = _record(invented[number], born, photo, photo_id=photo_id, rng=rng)
            records.append(record)
            ages[photo_id] = _age(photo)
    names = tuple(person.name for person in invented)
    write_text(folder / RECORDS_FILE, "".join(f"{line}\n" for line in write_lines(records)))
    write_text(folder / "names.txt", "".join(f"{name}\n" for name in names))
    return Lives(names, {record.id: int(record.taken_year or 0) for record in records}, ages)


def _record(
    invented: Person, born: date, photo: SourceRecord, *, photo_id: str, rng: np.random.Generator
) -> PhotoRecord:
    # A day of the year in which the person has that age all year long: born on 1 January.
    day = date(born.year + int(_age(photo)), 1, 1) + timedelta(int(rng.integers(365)))
    moment = Moment(age=_age(photo), taken=day, photo_seed=int(rng.integers(2**31)))
    person = Person(name=invented.name, identity_seed=invented.identity_seed, born=born, moments=(moment,))
    record = write_record(person, moment, photo_id=photo_id, file=str(photo.path), shares=CAPTIONS)
    # The site's folder must not spell the age: the truth stays in this process.
    return dataclasses.replace(record, license=LICENCE, age=None)


def _birth_year(rng: np.random.Generator, *, oldest: float) -> int:
    return int(rng.integers(FIRST_BIRTH, max(LAST_TAKEN - int(oldest), FIRST_BIRTH) + 1))


def _age(photo: SourceRecord) -> float:
    assert photo.age is not None
    return photo.age
