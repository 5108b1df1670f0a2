"""FG-NET's people at the photo site: every photo tells its year, and nothing else of the set gets there."""

import json
from pathlib import Path

import pytest

from agegap.errors import BadInputFile
from benchmarks.invented_lives import Lives, hold_out, read_people, write_site
from crawler.photosite.records import RECORDS_FILE, PhotoRecord, read_records
from crawler.taken_year import PhotoText, extract_taken_year

AGES = (1, 4, 9, 16, 25, 38, 52, 69)
PEOPLE = 40


@pytest.fixture
def fgnet(tmp_path: Path) -> Path:
    """Return a folder named as FG-NET is; what is in the files does not matter here."""
    folder = tmp_path / "fgnet"
    folder.mkdir()
    for subject in range(1, PEOPLE + 1):
        for age in AGES:
            (folder / f"{subject:03d}A{age:02d}.JPG").write_bytes(b"pixels")
    return folder


@pytest.fixture
def site(fgnet: Path, tmp_path: Path) -> tuple[Path, Lives]:
    folder = tmp_path / "site"
    return folder, write_site(folder, read_people(fgnet), seed=91)


def records_of(site: tuple[Path, Lives]) -> list[PhotoRecord]:
    return read_records(site[0])


def test_each_subject_has_a_name_of_its_own(site: tuple[Path, Lives]) -> None:
    assert len(set(site[1].names)) == PEOPLE
    assert {record.subject for record in records_of(site)} == set(site[1].names)


def test_a_taken_year_is_the_birth_year_plus_the_age(site: tuple[Path, Lives]) -> None:
    lives = site[1]
    for record in records_of(site):
        assert record.birth_year is not None
        assert lives.taken_years[record.id] - record.birth_year == lives.ages[record.id]


def test_no_age_reaches_the_site(site: tuple[Path, Lives]) -> None:
    for line in (site[0] / RECORDS_FILE).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        assert record.get("age") is None
        stem = Path(record["file"]).stem
        assert stem not in record["title"] + record.get("description", "") + record["id"]


def test_the_captions_give_the_right_year_back_in_at_least_97_percent(site: tuple[Path, Lives]) -> None:
    records = records_of(site)
    right = 0
    for record in records:
        text = PhotoText(
            title=record.title,
            description=record.description,
            tags=" ".join(record.tags),
            date_taken=record.date_taken,
            date_taken_granularity=record.date_taken_granularity,
            date_taken_unknown=record.date_taken_unknown,
        )
        right += extract_taken_year(text).year == record.taken_year
    assert right / len(records) >= 0.97


def test_the_same_seed_writes_the_same_site(fgnet: Path, tmp_path: Path) -> None:
    people = read_people(fgnet)
    for name in ("one", "two"):
        write_site(tmp_path / name, people, seed=5)
    one, two = ((tmp_path / name / RECORDS_FILE).read_bytes() for name in ("one", "two"))
    assert one == two
    write_site(tmp_path / "three", people, seed=6)
    assert (tmp_path / "three" / RECORDS_FILE).read_bytes() != one


def test_held_out_people_are_a_fifth_and_stay_the_same() -> None:
    subjects = [f"{number:03d}" for number in range(67)]
    unseen = hold_out(subjects, share=0.2, seed=0)
    assert len(unseen) == 13
    assert unseen == hold_out(list(reversed(subjects)), share=0.2, seed=0)


def test_a_folder_without_fgnet_photos_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInputFile, match="holds no FG-NET photo"):
        read_people(tmp_path)
