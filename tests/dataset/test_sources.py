"""Layouts of sets: names in, records and reasons out. The files are empty: only names are read."""

import json
from pathlib import Path
from typing import Any

import pytest

from agegap.errors import BadInputFile, UnknownName
from dataset.sources.known import SOURCES, guess_kind, read_source
from dataset.sources.records import Skipped, SkipReason, SourceRecord


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def records(kind: str, folder: Path) -> list[SourceRecord]:
    return [item for item in read_source(kind, folder) if isinstance(item, SourceRecord)]


def skips(kind: str, folder: Path) -> list[Skipped]:
    return [item for item in read_source(kind, folder) if isinstance(item, Skipped)]


@pytest.mark.parametrize(
    ("name", "subject", "age", "site_id"),
    [
        ("001A02.JPG", "001", 2, "001A02"),
        ("082A00.jpg", "082", 0, "082A00"),
        ("010A05a.jpg", "010", 5, "010A05a"),
        ("010A05b.JPG", "010", 5, "010A05b"),
        ("077a69.jpg", "077", 69, "077A69"),
        ("010A05A.jpeg", "010", 5, "010A05a"),
    ],
)
def test_fgnet_names_say_subject_and_age_in_either_case(
    name: str, subject: str, age: float, site_id: str, tmp_path: Path
) -> None:
    (record,) = records("fgnet", touch(tmp_path, f"images/{name}"))
    assert (record.subject, record.age, record.site_id) == (subject, age, site_id)
    assert record.path == tmp_path / "images" / name


def test_fgnet_is_read_from_its_root_or_its_images(tmp_path: Path) -> None:
    touch(tmp_path, "images/001A02.JPG", "points/001a02.pts", "readme.txt")
    assert [r.site_id for r in records("fgnet", tmp_path)] == ["001A02"]
    assert [r.site_id for r in records("fgnet", tmp_path / "images")] == ["001A02"]
    assert skips("fgnet", tmp_path) == []


@pytest.mark.parametrize("name", ["1A02.JPG", "001B02.JPG", "001A2.JPG", "cover.jpg", "001A02ab.JPG", "٠٠١A02.JPG"])
def test_a_photo_not_named_as_fgnet_names_is_skipped_with_its_reason(name: str, tmp_path: Path) -> None:
    (skip,) = skips("fgnet", touch(tmp_path, name))
    assert (skip.where, skip.reason) == (name, SkipReason.MALFORMED_NAME)


def test_two_files_of_one_fgnet_photo_give_one_record(tmp_path: Path) -> None:
    touch(tmp_path, "a/001A02.JPG", "b/001a02.jpg")
    assert len(records("fgnet", tmp_path)) == 1
    assert [skip.reason for skip in skips("fgnet", tmp_path)] == [SkipReason.DUPLICATE]


@pytest.mark.parametrize(
    ("name", "age", "gender", "race", "flags"),
    [
        ("25_1_0_20170116174525125.jpg", 25, 1, 0, ()),
        ("116_1_4_20170116174525125.jpg.chip.jpg", 116, 1, 4, ()),
        ("14_0_0_2017011022340900.jpg.chip.jpg", 14, 0, 0, ("odd_name",)),  # 16 digits
        ("28_1_2_201701161846515488.jpg.chip.jpg", 28, 1, 2, ("odd_name",)),  # 18 digits
        # All below: the malformed names of the original, with what they should say.
        ("39_1_20170116174525125.jpg.chip.jpg", 39, 1, 1, ("name_mended",)),
        ("39_1_20170116174525125.jpg", 39, 1, 1, ("name_mended",)),
        ("61_1_20170109142408075.jpg", 61, 1, 1, ("name_mended",)),
        ("61_1_20170109150557335.jpg.chip.jpg", 61, 1, 3, ("name_mended",)),
        ("61_3_20170109150557335.jpg", 61, 1, 3, ("name_mended",)),
        ("53__0_20170116184028385.jpg", 53, 1, 0, ("name_mended", "labels_doubtful")),
        ("44_1_4_20170116235150272.pg", 44, 1, 4, ("odd_name",)),
        ("24_0_1_20170116220224657 .jpg.chip.jpg", 24, 0, 1, ("odd_name",)),
        ("55_0_0_20170116232725357jpg", 55, 0, 0, ("odd_name",)),
        ("55_0_0_20170116232725357jpg.chip.jpg", 55, 0, 0, ("odd_name",)),
    ],
)
def test_utkface_names_are_read_malformed_ones_mended_and_flagged(
    name: str, age: float, gender: int, race: int, flags: tuple[str, ...], tmp_path: Path
) -> None:
    (record,) = records("utkface", touch(tmp_path, name))
    assert (record.age, record.extra, record.flags) == (age, {"gender": gender, "race": race}, flags)


def test_utkface_says_neither_who_nor_when(tmp_path: Path) -> None:
    (record,) = records("utkface", touch(tmp_path, "25_1_0_20170116174525125.jpg"))
    assert record.subject is None
    assert record.taken_year is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("25_1_20170116174525126.jpg", SkipReason.MALFORMED_NAME),
        ("25_2_0_20170116174525125.jpg", SkipReason.MALFORMED_NAME),
        ("25_1_7_20170116174525125.jpg", SkipReason.MALFORMED_NAME),
        ("25_1_0.jpg", SkipReason.MALFORMED_NAME),
        ("face.png", SkipReason.MALFORMED_NAME),
        ("130_1_0_20170116174525125.jpg", SkipReason.BAD_AGE),
    ],
)
def test_a_utkface_name_that_cannot_be_read_is_skipped(name: str, reason: SkipReason, tmp_path: Path) -> None:
    (skip,) = skips("utkface", touch(tmp_path, name))
    assert skip.reason is reason
    assert records("utkface", tmp_path) == []


def test_a_wild_and_an_aligned_copy_of_one_utkface_photo_are_one(tmp_path: Path) -> None:
    touch(tmp_path, "part1/25_1_0_20170116174525125.jpg", "crop/25_1_0_20170116174525125.jpg.chip.jpg")
    assert len(records("utkface", tmp_path)) == 1
    assert [skip.reason for skip in skips("utkface", tmp_path)] == [SkipReason.DUPLICATE]


def test_in_a_folder_each_subfolder_is_a_subject(tmp_path: Path) -> None:
    touch(tmp_path, "Ada Lovelace/a.jpg", "Ada Lovelace/later/b.PNG", "Zoë/c.webp", "Zoë/notes.txt", ".cache/d.jpg")
    found = {record.site_id: record.subject for record in records("folder", tmp_path)}
    assert found == {
        "Ada Lovelace/a.jpg": "Ada Lovelace",
        "Ada Lovelace/later/b.PNG": "Ada Lovelace",
        "Zoë/c.webp": "Zoë",
    }


def test_a_photo_beside_the_subfolders_has_no_subject_and_is_skipped(tmp_path: Path) -> None:
    touch(tmp_path, "loose.jpg", "Ada/a.jpg")
    assert [(skip.where, skip.reason) for skip in skips("folder", tmp_path)] == [("loose.jpg", SkipReason.NO_SUBJECT)]


def test_a_name_that_is_not_utf8_is_skipped_and_can_be_printed(tmp_path: Path) -> None:
    (tmp_path / "Ada").mkdir()
    try:
        (tmp_path / "Ada" / b"\xff\xfe.jpg".decode("utf-8", "surrogateescape")).touch()
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    (skip,) = skips("folder", tmp_path)
    assert skip.reason is SkipReason.MALFORMED_NAME
    skip.where.encode("utf-8")


def jsonl(folder: Path, *lines: dict[str, Any] | str) -> Path:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    (folder / "photos.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_photos_jsonl_says_all_about_each_photo(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "Ada/b.jpg")
    line = {
        "file": "a.jpg",
        "id": 77,
        "subject": "Ada Lovelace",
        "age": 31,
        "taken_year": 1987,
        "title": "Ada",
        "description": "<b>at home</b>",
        "tags": ["ada", "1987"],
        "date_taken": "1987-05-01 00:00:00",
        "date_taken_granularity": "6",
        "date_taken_unknown": 0,
        "date_upload": 1_500_000_000,
        "license": 4,
        "birth_year": 1956,
    }
    first, second = records("folder", jsonl(tmp_path, line, {"file": "Ada/b.jpg"}))
    assert (first.site_id, first.subject, first.age, first.taken_year) == ("77", "Ada Lovelace", 31, 1987)
    assert first.path == tmp_path / "a.jpg"
    assert first.extra == line
    texts = dict(first.texts)
    assert texts.pop("uploaded").isoformat() == "2017-07-14T02:40:00+00:00"
    assert texts == {
        "title": "Ada",
        "description": "<b>at home</b>",
        "tags": "ada 1987",
        "date_taken": "1987-05-01 00:00:00",
        "date_taken_granularity": 6,
        "date_taken_unknown": False,
        "licence": "4",
        "file_name": "a.jpg",
    }
    assert (second.site_id, second.subject, second.age, second.taken_year) == ("Ada/b.jpg", None, None, None)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", SkipReason.BAD_RECORD),
        ("[1, 2]", SkipReason.BAD_RECORD),
        ("{}", SkipReason.BAD_RECORD),
        ('{"file": 7}', SkipReason.BAD_RECORD),
        ('{"file": "a\\u0000.jpg"}', SkipReason.BAD_RECORD),
        ('{"file": "gone.jpg"}', SkipReason.MISSING_FILE),
        ('{"file": "a.jpg", "age": -1}', SkipReason.BAD_AGE),
        ('{"file": "a.jpg", "age": 200}', SkipReason.BAD_AGE),
        ('{"file": "a.jpg", "age": "old"}', SkipReason.BAD_AGE),
        ('{"file": "a.jpg", "age": true}', SkipReason.BAD_AGE),
        ('{"file": "a.jpg", "age": NaN}', SkipReason.BAD_RECORD),
        ('{"file": "a.jpg", "any": 1e999}', SkipReason.BAD_RECORD),
        ('{"file": "a.jpg", "taken_year": 1700}', SkipReason.BAD_RECORD),
        ('{"file": "a.jpg", "taken_year": 3000}', SkipReason.BAD_RECORD),
        ('{"file": "a.jpg", "taken_year": 1987.5}', SkipReason.BAD_RECORD),
        ('{"file": "a.jpg", "subject": " "}', SkipReason.BAD_RECORD),
        ('{"file": "a.jpg", "subject": 7}', SkipReason.BAD_RECORD),
        ('{"file": "a.jpg", "id": []}', SkipReason.BAD_RECORD),
        ('{"file": "a.jpg", "date_upload": "yesterday"}', SkipReason.BAD_RECORD),
        ("[" * 100_000, SkipReason.BAD_RECORD),
    ],
)
def test_a_line_that_cannot_be_used_is_skipped_with_its_number(line: str, reason: SkipReason, tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    folder = jsonl(tmp_path, "", line, {"file": "a.jpg"})
    assert [(skip.where, skip.reason) for skip in skips("folder", folder)] == [("photos.jsonl line 2", reason)]
    assert len(records("folder", folder)) == 1


def test_a_second_line_of_one_photo_is_skipped(tmp_path: Path) -> None:
    folder = jsonl(touch(tmp_path, "a.jpg"), {"file": "a.jpg"}, {"file": "a.jpg", "age": 3})
    assert [skip.reason for skip in skips("folder", folder)] == [SkipReason.DUPLICATE]
    assert [record.age for record in records("folder", folder)] == [None]


def test_a_photos_jsonl_that_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "photos.jsonl").write_bytes(b"\xff\xd8\xff\xe0 a JPEG\n")
    with pytest.raises(BadInputFile, match="not UTF-8"):
        records("folder", tmp_path)


def test_the_order_of_records_is_that_of_the_names(tmp_path: Path) -> None:
    touch(tmp_path, "B/2.jpg", "A/9.jpg", "A/10.jpg", "B/1.jpg")
    assert [r.site_id for r in records("folder", tmp_path)] == ["A/10.jpg", "A/9.jpg", "B/1.jpg", "B/2.jpg"]


def test_a_misspelt_kind_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'utkface'"):
        read_source("utkfaces", tmp_path)


@pytest.mark.parametrize("kind", SOURCES)
def test_what_is_no_folder_is_told_at_once(kind: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputFile, match="no such folder"):
        read_source(kind, tmp_path / "gone")
    (tmp_path / "file").touch()
    with pytest.raises(BadInputFile, match="not a folder"):
        read_source(kind, tmp_path / "file")


def test_a_set_is_recognised_by_its_names(tmp_path: Path) -> None:
    assert guess_kind(touch(tmp_path / "f", "001A02.JPG")) == "fgnet"
    assert guess_kind(touch(tmp_path / "u", "25_1_0_20170116174525125.jpg")) == "utkface"
    assert guess_kind(touch(tmp_path / "x", "holiday.jpg")) is None


@pytest.mark.real_data
def test_every_photo_of_the_real_sets_is_read(shared_data: Path) -> None:
    for kind in ("fgnet", "utkface"):
        photos = [path for path in (shared_data / kind).rglob("*") if path.suffix.lower() == ".jpg"]
        assert len(records(kind, shared_data / kind)) == len(photos)
        assert skips(kind, shared_data / kind) == []
