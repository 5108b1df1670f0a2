"""`train clean-labels`: wrong labels are found in a folder that nobody cleaned before."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agegap.errors import WrongUse
from dataset.splits import Split
from dataset.store import open_dataset, write_dataset
from dataset.tables import no_pairs
from tests.train.conftest import Drawn, TrainedSystem
from tests.train.drawn import CROP, write_labelled
from tests.train.small import small_recipe
from train.cleaning.clean import CleanOrder, clean_labels

EPOCHS = 10


def _with_wrong_labels(folder: Path, source: Path, *, share: float = 0.05) -> tuple[Path, set[int]]:
    """Write the folder `source` with the ages of some faces moved by 25 years or more; return those faces."""
    dataset = open_dataset(source)
    rng = np.random.default_rng(3)
    rows = rng.choice(len(dataset.faces), round(share * len(dataset.faces)), replace=False)
    age = dataset.faces.age.copy()
    age[rows] = np.where(age[rows] > 40, age[rows] - rng.integers(25, 38, len(rows)), age[rows] + 35)
    faces = replace(dataset.faces, age=age)
    write_dataset(folder, iter(dataset.crops), faces, no_pairs(), manifest={"crop": CROP})
    return folder, set(dataset.faces.face_id[rows].tolist())


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[int]]:
    """Two hundred and forty drawn faces, a twentieth of them with wrong ages."""
    folder = tmp_path_factory.mktemp("spoilt")
    whole = write_labelled(folder / "whole", count=240, splits=lambda _row: Split.TRAIN)
    return _with_wrong_labels(folder / "spoilt", whole)


def test_nets_of_other_folds_find_the_wrong_labels(spoilt: tuple[Path, set[int]], tmp_path: Path) -> None:
    folder, wrong = spoilt
    recipe = small_recipe(pretrain={"epochs": EPOCHS})
    order = CleanOrder(folder, recipe=recipe, folds=3, work=tmp_path / "work", rule="errors")
    result = clean_labels(order, tmp_path / "rejects.jsonl", html=tmp_path / "sheet.html")
    lines = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    found = {line["face_id"] for line in lines}
    assert result["doubted"] == len(lines) == len(found)
    assert len(found & wrong) / len(found) >= 0.8  # precision
    assert len(found & wrong) / len(wrong) >= 0.8  # recall
    dataset = open_dataset(folder)
    row_of = {int(number): row for row, number in enumerate(dataset.faces.face_id)}
    for line in lines:
        crop = dataset.crops[row_of[line["face_id"]]]
        assert line["crop_sha256"] == hashlib.sha256(crop.tobytes()).hexdigest()
        assert line["label"] == dataset.faces.age[row_of[line["face_id"]]]
        assert line["fix"] == "drop"
    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert page.count("data:image/jpeg") == len(lines)
    # The folds' own folders are gone, the source is as it was, and a second call trains nothing.
    assert not list((tmp_path / "work").glob("*/data"))
    stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "work").rglob("checkpoint.pt")}
    assert len(stamps) == 3
    before = (tmp_path / "rejects.jsonl").read_bytes()
    clean_labels(order, tmp_path / "rejects.jsonl")
    assert (tmp_path / "rejects.jsonl").read_bytes() == before
    assert stamps == {path: path.stat().st_mtime_ns for path in (tmp_path / "work").rglob("checkpoint.pt")}


def test_a_model_of_other_faces_finds_them_too(
    spoilt: tuple[Path, set[int]], system: TrainedSystem, tmp_path: Path
) -> None:
    folder, wrong = spoilt
    run = system.run / "pretrain"
    result = clean_labels(CleanOrder(folder, runs=(run,), rule="agenet", fix="age"), tmp_path / "list.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "list.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["fix"] for line in lines} == {"age"}
    assert len({line["face_id"] for line in lines} & wrong) / len(wrong) >= 0.8
    assert [line["figure"] for line in lines] == sorted(line["figure"] for line in lines)
    assert all(line["figure"] < 0.4 for line in lines)
    assert result["faces"] == 240


def test_a_model_that_learned_the_labels_is_warned_of(
    system: TrainedSystem, drawn: Drawn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clean_labels(CleanOrder(drawn.labelled, runs=(system.run / "pretrain",)), tmp_path / "list.jsonl")
    assert "knows its labels" in caplog.text


def test_one_asks_models_or_folds(drawn: Drawn, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="name RUN, or give --folds"):
        clean_labels(CleanOrder(drawn.labelled), tmp_path / "list.jsonl")
    order = CleanOrder(drawn.labelled, recipe=small_recipe(), folds=2, work=tmp_path / "work", rule="errors")
    with pytest.raises(WrongUse, match="at least 3"):
        clean_labels(order, tmp_path / "list.jsonl")
