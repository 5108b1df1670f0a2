"""`curate audit` on a drawn set in the layout of MORPH's album 2 with planted faults: it finds those and no other.

In shape the acceptance of the real set: subjects that span six years and more, that get younger with a later picture,
that change race, that change sex (reference: 243, 536, 214 and 4).
"""

from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine, select

from curation.audit.known import NAMES
from curation.audit.run import run_audit
from curation.audit.settings import AuditSettings
from curation.audit_steps import decide
from curation.imports import import_set
from dataset.sources.dates import age_on
from db.audits import findings_of
from db.models import Photo, Subject

HEADER = "id_num,picture_num,dob,doa,race,gender,facial_hair,age,age_diff,glasses,photo"
PEOPLE = 60
SPANS, FALLS, RACES, SEXES = {3, 17, 58}, {5, 29, 31, 40, 51}, {8, 29}, {44}


def draw_morph(folder: Path) -> Path:
    """Write a set of invented people; the numbers in SPANS, FALLS, RACES and SEXES have one fault of that kind each."""
    rng = Random(7)
    (folder / "Album2").mkdir(parents=True)
    lines = [HEADER]
    for person in range(PEOPLE):
        birth = date(1950, 1, 1) + timedelta(days=rng.randrange(12_000))
        first = date(2003, 1, 1) + timedelta(days=rng.randrange(300))
        sex, race = rng.choice("MF"), rng.choice("WBAHO")
        for picture in range(5):
            taken = first + timedelta(days=picture * 300)
            age = age_on(birth.isoformat(), taken.isoformat())
            assert age is not None
            said_sex, said_race = sex, race
            if person in SPANS and picture == 4:
                age += 9
            if person in FALLS and picture == 2:
                age -= 3
            if person in RACES and picture == 1:
                said_race = "B" if race != "B" else "W"
            if person in SEXES and picture == 3:
                said_sex = "F" if sex == "M" else "M"
            name = f"Album2/{person:06}_{picture}{said_sex}{age:02}.JPG"
            (folder / name).write_bytes(b"a photo")
            dates = f"{birth.month}/{birth.day}/{birth.year},{taken.month}/{taken.day}/{taken.year}"
            lines.append(f"{person:06},{picture},{dates},{said_race},{said_sex},,{age},,,{name}")
    (folder / "morph_2008_nonCommercial.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def morph(catalog: Engine, tmp_path: Path) -> Engine:
    """A catalog with the drawn set."""
    tally = import_set(catalog, "morph2", draw_morph(tmp_path / "morph"))
    assert (tally.new, len(tally.subjects), dict(tally.skipped)) == (PEOPLE * 5, PEOPLE, {})
    return catalog


def people(engine: Engine, check: str) -> set[int]:
    """Return the numbers of the people a check has findings about."""
    with engine.connect() as connection:
        ids = [finding.subject_id for finding in findings_of(connection, check).values()]
        names = connection.execute(select(Subject.name).where(Subject.id.in_(ids))).scalars().all()
    assert len(names) == len(ids)
    return {int(name.removeprefix("morph2/")) for name in names}


def ages(engine: Engine) -> dict[str, float | None]:
    with engine.connect() as connection:
        return {row.site_id: row.age_label for row in connection.execute(select(Photo.site_id, Photo.age_label))}


def test_exactly_the_planted_faults_are_found(morph: Engine) -> None:
    run_audit(morph, NAMES, AuditSettings())
    assert people(morph, "collection_span") == SPANS
    assert people(morph, "falling_age") == FALLS
    assert people(morph, "race_flip") == RACES
    assert people(morph, "sex_flip") == SEXES
    assert people(morph, "age_and_dates") == SPANS | FALLS
    for check in ("impossible_age", "impossible_year", "before_birth", "after_death", "birth_flip", "shared_image"):
        assert people(morph, check) == set(), check


def test_a_second_run_finds_the_same_and_stores_nothing_twice(morph: Engine) -> None:
    first = run_audit(morph, NAMES, AuditSettings())
    with morph.connect() as connection:
        before = {check: findings_of(connection, check) for check in NAMES}
    second = run_audit(morph, NAMES, AuditSettings())
    with morph.connect() as connection:
        assert {check: findings_of(connection, check) for check in NAMES} == before
    assert first.new == len(SPANS) + len(FALLS) + len(RACES) + len(SEXES) + len(SPANS | FALLS)
    assert (second.new, second.resolved, second.reopened) == (0, 0, 0)


@pytest.mark.parametrize(("check", "planted"), [("collection_span", SPANS), ("falling_age", FALLS)])
def test_the_fix_of_an_age_takes_away_the_planted_ones_only(morph: Engine, check: str, planted: set[int]) -> None:
    before = ages(morph)
    run_audit(morph, NAMES, AuditSettings())
    decide(morph, applied=[check])
    picture = {"collection_span": 4, "falling_age": 2}[check]
    changed = {name for name, age in ages(morph).items() if age != before[name]}
    assert {(int(name[:6]), int(name[7])) for name in changed} == {(person, picture) for person in planted}
    assert {ages(morph)[name] for name in changed} == {None}
    decide(morph, reverted=[check])
    assert ages(morph) == before


@pytest.mark.parametrize(("check", "column", "planted"), [("sex_flip", "sex", SEXES), ("race_flip", "race", RACES)])
def test_the_fix_of_a_flip_is_what_most_photos_say(morph: Engine, check: str, column: str, planted: set[int]) -> None:
    def stated() -> dict[str, str]:
        with morph.connect() as connection:
            return {row.site_id: row.raw[column] for row in connection.execute(select(Photo.site_id, Photo.raw))}

    before = stated()
    run_audit(morph, [check], AuditSettings())
    decide(morph, applied=[check])
    of_person = {person: {value for name, value in stated().items() if int(name[:6]) == person} for person in planted}
    assert {len(values) for values in of_person.values()} == {1}
    assert sum(before[name] != value for name, value in stated().items()) == len(planted)
    assert run_audit(morph, [check], AuditSettings()).new == 0
    decide(morph, reverted=[check])
    assert stated() == before
