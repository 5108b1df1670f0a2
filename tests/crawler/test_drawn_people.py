"""Lives and captions of drawn people: names, dates and what is told, counted against the truth."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.photosite.cli import cli
from crawler.photosite.drawn.captions import SHARES
from crawler.photosite.drawn.folder import drawn_photos, write_folder
from crawler.photosite.drawn.people import LAST_DAY, OLDEST, make_people
from crawler.photosite.photos import photos_of_folder
from crawler.photosite.records import PhotoRecord, read_records

PEOPLE, PHOTOS = 120, 10


@pytest.fixture(scope="module")
def records() -> list[PhotoRecord]:
    """What is written about 1,200 photos; none is drawn."""
    return [photo.record for photo in drawn_photos(PEOPLE, photos=PHOTOS, seed=77, style="album")]


def words_of(record: PhotoRecord) -> str:
    return " ".join((record.title, record.description, *record.tags))


def told_years(record: PhotoRecord) -> set[int]:
    """All years the site tells of a photo, right or wrong."""
    years = {int(year) for year in re.findall(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)", words_of(record))}
    return years if record.date_taken_unknown else years | {int(record.date_taken[:4])}


def test_names_are_distinct_and_lfw_like() -> None:
    names = [person.name for person in make_people(3000, photos=1, seed=1)]
    assert len(set(names)) == 3000
    assert all(re.fullmatch(r"[A-Z][a-z]+(_[A-Za-z][a-z]+){1,2}", name) for name in names)


def test_the_first_people_are_the_same_whatever_the_number() -> None:
    assert make_people(5, photos=4, seed=9) == make_people(50, photos=4, seed=9)[:5]
    assert make_people(5, photos=4, seed=9) != make_people(5, photos=4, seed=10)


def test_photos_lie_within_a_life_and_ages_are_days_since_birth() -> None:
    for person in make_people(200, photos=6, seed=2):
        days = [moment.taken for moment in person.moments]
        assert days == sorted(days)
        assert person.born <= days[0]
        assert days[-1] <= LAST_DAY + timedelta(1)
        for moment in person.moments:
            assert 0 <= moment.age <= OLDEST + 0.01
            assert moment.age == pytest.approx((moment.taken - person.born).days / 365.2425)


def test_ages_from_child_to_old_occur(records: list[PhotoRecord]) -> None:
    decades = Counter(int(record.age // 10) for record in records if record.age is not None)
    assert all(decades[decade] >= 0.02 * len(records) for decade in range(8))


def test_every_photo_is_found_by_its_name(records: list[PhotoRecord]) -> None:
    for record in records:
        assert record.subject is not None
        assert record.subject.replace("_", " ") in words_of(record)


def test_uploads_come_after_the_photo_was_taken(records: list[PhotoRecord]) -> None:
    for record in records:
        assert record.taken_year is not None
        assert datetime.fromtimestamp(record.date_upload, UTC).year >= record.taken_year
        if record.date_taken_unknown:
            uploaded = datetime.fromtimestamp(record.date_upload, UTC)
            assert record.date_taken == uploaded.strftime("%Y-%m-%d %H:%M:%S")


def test_most_photos_tell_the_right_year_some_none_and_few_a_wrong_one(records: list[PhotoRecord]) -> None:
    right = sum(record.taken_year in told_years(record) for record in records)
    only_wrong = [r for r in records if told_years(r) and r.taken_year not in told_years(r)]
    silent = sum(not told_years(record) for record in records)
    decoyed = sum(bool(told_years(r) - {r.taken_year}) and r.taken_year in told_years(r) for r in records)
    assert right / len(records) == pytest.approx(SHARES["right"] + SHARES["decoy"], abs=0.03)
    assert silent / len(records) == pytest.approx(SHARES["none"], abs=0.02)
    assert len(only_wrong) / len(records) == pytest.approx(SHARES["wrong"], abs=0.02)
    assert 0.03 < decoyed / len(records) < 0.12  # a decoy may be a house number or a film speed


def test_dates_come_in_all_granularities_and_carry_the_told_year(records: list[PhotoRecord]) -> None:
    known = [record for record in records if not record.date_taken_unknown]
    assert {record.date_taken_granularity for record in known} == {0, 4, 6, 8}
    for record in known:
        if record.date_taken_granularity in (6, 8):
            assert record.date_taken.endswith("-01-01 00:00:00")
        if record.date_taken_granularity == 4:
            assert record.date_taken.endswith("-01 00:00:00")


def test_captions_have_many_shapes_and_several_languages(records: list[PhotoRecord]) -> None:
    assert all("{" not in words_of(record) for record in records)
    shapes = {re.sub(r"\d", "9", r.title.replace(str(r.subject).replace("_", " "), "NAME")) for r in records}
    assert len(shapes) > 60
    together = " ".join(words_of(record) for record in records)
    for word in ("Taken in", "Aufgenommen", "prise en", "tomada", "scattata", "genomen", "tirada", "年"):
        assert word in together


def digest(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_drawn_the_same_twice_and_goes_on_after_a_kill(tmp_path: Path) -> None:
    write_folder(tmp_path / "one", 2, photos=3, seed=4, style="studio")
    whole = digest(tmp_path / "one")
    # what a kill may leave: some photos, a partial file, no list yet
    write_folder(tmp_path / "two", 2, photos=3, seed=4, style="studio")
    for name in ("photos.jsonl", "names.txt", sorted(whole)[0]):
        (tmp_path / "two" / name).unlink()
    (tmp_path / "two" / ".x.jpg.12345678.part").write_bytes(b"half")
    tally = write_folder(tmp_path / "two", 2, photos=3, seed=4, style="studio")
    assert (tally["drawn"], tally["kept"]) == (1, 5)
    assert digest(tmp_path / "two") == whole


def test_a_drawn_folder_can_be_served_and_lists_its_names(tmp_path: Path) -> None:
    write_folder(tmp_path, 2, photos=3, seed=4, style="album")
    records, photos = read_records(tmp_path), photos_of_folder(tmp_path)
    assert len(records) == len(photos) == 6
    expected = [photo.record for photo in drawn_photos(2, photos=3, seed=4, style="album")]
    assert records == expected
    names = dict(line.split("\t") for line in (tmp_path / "names.txt").read_text(encoding="utf-8").splitlines())
    assert names == {str(name): "3" for name in {record.subject for record in records}}


def test_the_command_draws_and_tells_how_many(tmp_path: Path) -> None:
    args = ["draw", "--out", str(tmp_path / "d"), "--people", "1", "--photos", "2", "--style", "studio", "--json"]
    ended = CliRunner().invoke(cli, args, catch_exceptions=False)
    assert ended.exit_code == 0
    tally = json.loads(ended.stdout.splitlines()[-1])
    assert (tally["people"], tally["photos"], tally["drawn"]) == (1, 2, 2)


def test_folders_of_one_seed_share_nobody_when_the_first_people_are_skipped() -> None:
    first = {photo.record.subject for photo in drawn_photos(40, photos=1, seed=4, style="studio")}
    others = {photo.record.subject for photo in drawn_photos(40, photos=1, seed=4, style="album", skip=40)}
    assert len(first) == len(others) == 40
    assert not first & others
