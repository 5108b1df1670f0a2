"""The dataset card says what is in the folder, warns, and gives no word of a site power over the page."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from dataset.writers.attribution import ATTRIBUTION, keep_credits
from dataset.writers.card import card_of
from dataset.writers.collected import age_class
from dataset.writers.croissant import CROISSANT
from dataset.writers.export_folder import read_manifest
from dataset.writers.layouts import LAYOUTS
from tests.dataset.exported import faces_of, write_drawn


def head_of(card: str) -> dict[str, Any]:
    _, head, _ = card.split("---\n", 2)
    return {key: json.loads(value) for key, _, value in (line.partition(": ") for line in head.splitlines())}


@pytest.fixture
def manifest(tmp_path: Path) -> dict[str, Any]:
    return read_manifest(write_drawn(tmp_path / "out", "parquet"))


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_the_card_has_counts_licences_people_and_ages(tmp_path: Path, layout: str) -> None:
    folder = write_drawn(tmp_path / "out", layout)
    card = (folder / "README.md").read_text()
    assert "| flickr | [CC BY 2.0](https://creativecommons.org/licenses/by/2.0/) | 150 |" in card
    assert "| 10-14 | 90 |" in card  # K: 1970-80, 1980-90, 1990-2000 of thirty people
    assert "| 1970s | 60 |" in card
    assert "| blurred | 7 |" in card
    assert "| too young | 3 |" in card
    assert "faces of people under 18" in card
    assert "biometric" in card
    assert "attribution.csv" in card
    assert head_of(card)["license_link"] == "attribution.csv"
    assert str(tmp_path) not in card


def test_the_card_says_what_was_asked_of_ages(manifest: dict[str, Any]) -> None:
    assert "No lower age was asked for" in card_of(manifest)
    asked = {**manifest, "selection": {**manifest["selection"], "min_age": 18}}
    assert "Faces known or possibly of somebody below 18 were left out" in card_of(asked)
    hidden = {**manifest, "selection": {**manifest["selection"], "hide_ages": True}}
    assert "not for passing on" in card_of(hidden)
    removed = card_of({**manifest, "removed": {"faces": 4, "pairs": 9}})
    assert "4 faces and 9 pairs were taken out after it was written" in removed


def test_words_of_a_site_stay_words(manifest: dict[str, Any]) -> None:
    manifest["licence_terms"] = {"flickr": {"4": {"name": "a|b](http://evil) <script>\n## c", "url": None}}}
    card = card_of(manifest)
    assert "| flickr | a\\|b\\](http://evil) \\<script\\> ## c | 150 |" in card
    assert "<script>" not in card.replace("\\<", "")


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_each_face_has_a_line_of_credit(tmp_path: Path, layout: str) -> None:
    folder = write_drawn(tmp_path / "out", layout)
    with (folder / ATTRIBUTION).open(encoding="utf-8", newline="") as handle:
        lines = {int(line["face_id"]): line for line in csv.DictReader(handle)}
    assert set(lines) == {face.row.face_id for face in faces_of(layout)}
    assert lines[100]["title"] == '\'=cmd|"<b>x"'
    assert lines[100]["author"] == "Photographer of 100, the 1st"
    assert lines[100]["changes"].startswith("face cropped")


def test_credits_of_faces_that_went_go(tmp_path: Path) -> None:
    folder = write_drawn(tmp_path / "out", "parquet")
    before = (folder / ATTRIBUTION).read_text().splitlines()
    keep_credits(folder, {101, 102})
    assert (folder / ATTRIBUTION).read_text().splitlines() == [before[0], before[2], before[3]]


def test_croissant_names_files_that_are_there_with_their_hashes(tmp_path: Path) -> None:
    for layout in LAYOUTS:
        folder = write_drawn(tmp_path / layout, layout)
        described = json.loads((folder / CROISSANT).read_text())
        lines = (line.split("  ") for line in (folder / "SHA256SUMS").read_text().splitlines())
        sums = {name: digest for digest, name in lines}
        objects = [item for item in described["distribution"] if item["@type"] == "cr:FileObject"]
        assert {item["contentUrl"]: item["sha256"] for item in objects}.items() <= sums.items()
        sets = [
            item for item in described["distribution"] if item["@type"] == "cr:FileSet" and "containedIn" not in item
        ]
        assert all(any(folder.glob(pattern)) for item in sets for pattern in item["includes"])


@pytest.mark.parametrize(
    ("age", "low", "high", "expected"),
    [
        (None, None, None, "unknown"),
        (17.5, None, None, "under_18"),
        (17.5, 30, 31, "under_18"),  # the label speaks first
        (18.0, None, None, "adult"),
        (None, 16, 17, "under_18"),
        (None, 17, 18, "maybe_under_18"),
        (None, 18, 19, "adult"),
    ],
)
def test_ages_are_told_by_label_then_by_bounds(
    age: float | None, low: int | None, high: int | None, expected: str
) -> None:
    assert age_class(age, low, high) == expected
