"""Precision and recall on the real records beside the checkout, at the floors that were reached.

The rules were tuned on the sixty examples and on the even rows of the other sets; the odd rows are scored here.
A point is right when it lies in the truth's interval (dates/GUIDELINE.md).
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.taken_year import PhotoText, extract_taken_year
from crawler.taken_year.jsonl import photo_of_record

pytestmark = pytest.mark.real_data
Row = dict[str, Any]


@dataclass(frozen=True)
class Score:
    """Points given, points right, and records whose truth is one year or a circa."""

    points: int
    right: int
    answerable: int

    @property
    def precision(self) -> float:
        """Share of the points that are right."""
        return self.right / self.points

    @property
    def recall(self) -> float:
        """Share of the answerable records that got a right point."""
        return self.right / self.answerable


def _rows(shared_data: Path, name: str) -> list[Row]:
    return [json.loads(line) for line in (shared_data / "dates" / f"{name}.jsonl").read_text("utf-8").splitlines()]


def _score(rows: Iterable[Row], photo: Callable[[Row], PhotoText], truth: Callable[[Row], range]) -> Score:
    answers = [(extract_taken_year(photo(row)).year, truth(row)) for row in rows]
    return Score(
        points=sum(year is not None for year, _ in answers),
        right=sum(year is not None and year in true for year, true in answers),
        answerable=sum(len(true) > 0 for _, true in answers),
    )


def _example_truth(row: Row) -> range:
    years = row["acceptable_years"] if row["kind"] in ("exact", "circa") else []
    return range(min(years), max(years) + 1) if years else range(0)


def _interval(row: Row) -> range:
    return range(row["year_min"], row["year_max"] + 1)


def test_the_sixty_examples_are_all_right(shared_data: Path) -> None:
    score = _score(_rows(shared_data, "taken_year_examples"), photo_of_record, _example_truth)
    assert score.precision == 1.0
    assert score.recall == 1.0


def test_the_intervals_of_the_examples_are_right(shared_data: Path) -> None:
    rows = [row for row in _rows(shared_data, "taken_year_examples") if row["kind"] == "range"]
    answers = [extract_taken_year(photo_of_record(row)) for row in rows]
    equal = [
        (a.year_min, a.year_max) == (min(row["acceptable_years"]), max(row["acceptable_years"]))
        for a, row in zip(answers, rows, strict=True)
    ]
    assert sum(equal) >= len(rows) - 1  # a film still's "year before the release" is not worked out yet


@pytest.mark.parametrize(
    ("name", "field", "precision", "recall"),
    [("teenie_title", "title", 0.95, 0.19), ("teenie_caption", "description", 0.995, 0.57)],
)
def test_unseen_museum_records_keep_the_floors(
    shared_data: Path, name: str, field: str, precision: float, recall: float
) -> None:
    score = _score(_rows(shared_data, name)[1::2], lambda row: PhotoText(**{field: row["text"]}), _interval)
    assert score.precision >= precision
    assert score.recall >= recall


@pytest.mark.parametrize(
    ("name", "precision", "recall"), [("cmoa_datetext", 0.99, 0.6), ("tate_datetext", 0.975, 0.34)]
)
def test_unseen_date_words_of_the_age_of_photography_keep_the_floors(
    shared_data: Path, name: str, precision: float, recall: float
) -> None:
    rows = [row for row in _rows(shared_data, name)[1::2] if row["year_min"] is not None and row["year_min"] >= 1839]
    score = _score(rows, lambda row: PhotoText(description=row["text"]), _interval)
    assert score.precision >= precision
    assert score.recall >= recall


def test_unseen_site_records_agree_with_their_site_dates(shared_data: Path) -> None:
    score = _score(
        _rows(shared_data, "flickr_records")[1::2],
        lambda row: PhotoText(
            title=row["title"],
            description=row["description"],
            tags=" ".join(row["tags"]),
            uploaded=datetime.fromtimestamp(int(row["pub_date"]), UTC),
        ),
        lambda row: range(int(row["date_taken"][:4]), int(row["date_taken"][:4]) + 1),
    )
    assert score.precision >= 0.94
    assert score.points >= 250
