"""photos.jsonl: what a line may hold, and that each bad line is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from agegap.errors import BadInputFile
from crawler.photosite.records import PhotoRecord, read_records, write_lines


def folder_of(tmp_path: Path, *lines: dict[str, Any] | str) -> Path:
    """A folder with a file a.jpg, b.jpg and these lines."""
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"\xff\xd8\xff")
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (tmp_path / "photos.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


def only(tmp_path: Path, **fields: Any) -> PhotoRecord:
    (record,) = read_records(folder_of(tmp_path, {"file": "a.jpg", **fields}))
    return record


def test_a_line_needs_only_a_file(tmp_path: Path) -> None:
    record = only(tmp_path)
    assert record.license == "4"
    assert record.date_taken_unknown
    assert record.subject is None
    assert record.taken_year is None
    assert record.id.isdigit()
    assert record.owner.endswith(f"@N0{record.owner[-1]}")


def test_an_unknown_date_is_the_upload_time(tmp_path: Path) -> None:
    record = only(tmp_path, date_upload=1_581_319_011)
    assert record.date_taken == "2020-02-10 07:16:51"
    assert record.date_taken_granularity == 0


@pytest.mark.parametrize(
    ("written", "taken", "granularity"),
    [
        ("1987", "1987-01-01 00:00:00", 6),
        ("1987-05", "1987-05-01 00:00:00", 4),
        ("1987-05-17", "1987-05-17 00:00:00", 0),
        ("1987-05-17 14:30:05", "1987-05-17 14:30:05", 0),
        ("1987-05-17T14:30", "1987-05-17 14:30:00", 0),
        ("0000-01-01 00:00:00", "0000-01-01 00:00:00", 0),
    ],
)
def test_a_taken_date_may_be_as_coarse_as_it_is_known(
    tmp_path: Path, written: str, taken: str, granularity: int
) -> None:
    record = only(tmp_path, date_taken=written)
    assert (record.date_taken, record.date_taken_granularity, record.date_taken_unknown) == (taken, granularity, False)


def test_the_granularity_may_be_said(tmp_path: Path) -> None:
    assert only(tmp_path, date_taken="1987", date_taken_granularity="8").date_taken_granularity == 8


@pytest.mark.parametrize("upload", [1_581_319_011, "1581319011", "2020-02-10T07:16:51Z", "2020-02-10 07:16:51"])
def test_an_upload_date_is_unix_seconds_or_iso(tmp_path: Path, upload: int | str) -> None:
    assert only(tmp_path, date_upload=upload).date_upload == 1_581_319_011


@pytest.mark.parametrize("tags", ["portrait Vale", ["portrait", "Vale"]])
def test_tags_are_a_list_or_a_string(tmp_path: Path, tags: object) -> None:
    assert only(tmp_path, tags=tags).tags == ("portrait", "Vale")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{oops", "not JSON"),
        ("[1]", "not a JSON object"),
        ({"title": "x"}, "'file' is missing"),
        ({"file": "none.jpg"}, "no file 'none.jpg'"),
        ({"file": "a.jpg", "titel": "x"}, "did you mean 'title'"),
        ({"file": "a.jpg", "date_taken": "last summer"}, "'date_taken' must look like"),
        ({"file": "a.jpg", "date_taken": "1987", "date_taken_granularity": 5}, "0, 4, 6, 8"),
        ({"file": "a.jpg", "date_upload": "yesterday"}, "'date_upload'"),
        ({"file": "a.jpg", "date_taken_unknown": "maybe"}, "0 or 1"),
        ({"file": "a.jpg", "tags": 3}, "'tags'"),
        ({"file": "a.jpg", "age": "old"}, "'age'"),
        ({"file": "a.jpg", "taken_year": "1987"}, "'taken_year'"),
        ({"file": "a.jpg", "title": ["x"]}, "'title'"),
    ],
)
def test_a_bad_line_is_named_in_one_sentence(tmp_path: Path, line: dict[str, Any] | str, fault: str) -> None:
    folder = folder_of(tmp_path, {"file": "b.jpg"}, "", line)
    with pytest.raises(BadInputFile) as raised:
        read_records(folder)
    assert "line 3:" in str(raised.value)
    assert fault in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code == 2


def test_all_bad_lines_are_gathered(tmp_path: Path) -> None:
    with pytest.raises(BadInputFile) as raised:
        read_records(folder_of(tmp_path, *["x"] * 7))
    assert all(f"line {number}:" in str(raised.value) for number in range(1, 6))
    assert "2 more" in str(raised.value)


def test_two_lines_cannot_have_one_id(tmp_path: Path) -> None:
    with pytest.raises(BadInputFile, match="line 2: id '7' is already that of line 1"):
        read_records(folder_of(tmp_path, {"file": "a.jpg", "id": 7}, {"file": "b.jpg", "id": "7"}))


@pytest.mark.parametrize("content", [None, b"", b"\n\n", b"\xff\xfe\x00bad"])
def test_a_list_that_is_missing_empty_or_binary_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "photos.jsonl").write_bytes(content)
    with pytest.raises(BadInputFile):
        read_records(tmp_path)


def test_written_lines_read_back_as_the_same_records(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"file": "a.jpg", "title": "Ünal, 1987", "age": 12.5, "date_taken": "1987-05"})
    records = read_records(folder)
    (folder / "photos.jsonl").write_text("\n".join(write_lines(records)), encoding="utf-8")
    assert read_records(folder) == records
