"""Each row of taken_year_cases.jsonl: a photo that was made up, and the year its record supports."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.taken_year import PhotoText, extract_taken_year

CASES: list[dict[str, Any]] = [
    json.loads(line) for line in Path(__file__).with_name("taken_year_cases.jsonl").read_text("utf-8").splitlines()
]


def _photo(fields: dict[str, Any]) -> PhotoText:
    return PhotoText(**{**fields, "uploaded": datetime.fromisoformat(fields["uploaded"])})


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{case['why']}" for number, case in enumerate(CASES, start=1)])
def test_the_year_is_the_one_the_record_supports(case: dict[str, Any]) -> None:
    taken = extract_taken_year(_photo(case["photo"]))
    assert taken.year == case["year"]


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case["year_min"] is not None],
    ids=[case["why"] for case in CASES if case["year_min"] is not None],
)
def test_the_interval_is_the_one_the_record_supports(case: dict[str, Any]) -> None:
    taken = extract_taken_year(_photo(case["photo"]))
    assert (taken.year_min, taken.year_max) == (case["year_min"], case["year_max"])


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_a_year_brings_its_evidence_and_a_null_its_reason(case: dict[str, Any]) -> None:
    photo = _photo(case["photo"])
    taken = extract_taken_year(photo)
    if taken.year is None:
        assert taken.reason is not None
        assert taken.confidence == 0.0
        return
    assert taken.reason is None
    assert 0.9 <= taken.confidence < 1.0
    assert taken.source is not None
    assert taken.words is not None
    fields = {"exif": photo.exif_original, "date_taken": photo.date_taken}
    text = fields.get(taken.source, getattr(photo, taken.source, None)) or ""
    assert taken.words in text
