"""What `train evaluate` measures, against a count made by hand from the bare weights."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from agegap.errors import NothingToDo, WrongUse
from dataset.parquet import write_faces
from dataset.splits import Split
from dataset.store import open_dataset
from tests.train.conftest import Drawn, TrainedSystem
from tests.train.drawn import write_labelled
from train.backbones import build_backbone
from train.evaluation.evaluate import evaluate, labelled_rows
from train.evaluation.said_table import read_about, read_said


def _distributions_by_hand(run: Path, crops: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Softmax of the plain float32 net, one crop at a time, mean over the crop and its mirror image."""
    saved = torch.load(run / "checkpoint.pt", weights_only=True)
    net = build_backbone("tiny_age_net", classes=101, input_size=32)
    net.load_state_dict(saved["answer"])
    net.eval()
    rows = []
    for crop in crops:
        small = np.rint(crop.reshape(32, 4, 32, 4, 3).astype(np.float64).mean(axis=(1, 3)))
        views = [
            torch.tensor((view - 127.5) / 64).permute(2, 0, 1)[None].float() for view in (small, small[:, ::-1].copy())
        ]
        with torch.no_grad():
            rows.append(torch.stack([net(view).double().softmax(1)[0] for view in views]).mean(0).numpy())
    return np.array(rows)


def test_the_measures_are_those_counted_by_hand(system: TrainedSystem, drawn: Drawn) -> None:
    dataset = open_dataset(drawn.test)
    said = _distributions_by_hand(system.run / "finetune", np.asarray(dataset.crops)) @ np.arange(101)
    error = said - dataset.faces.age
    measured = evaluate(system.run, drawn.test)
    assert measured["count"] == 20
    assert measured["mae"] == pytest.approx(np.abs(error).mean(), abs=0.02)
    assert measured["bias"] == pytest.approx(error.mean(), abs=0.02)
    assert measured["median_error"] == pytest.approx(np.median(np.abs(error)), abs=0.05)
    # A face within a hundredth of five years may fall on either side.
    assert abs(measured["cs5"] - (np.abs(error) <= 5).mean()) <= (np.abs(np.abs(error) - 5) < 0.02).mean()
    first_decade = dataset.faces.age < 10
    assert measured["per_decade"]["0-9"]["count"] == int(first_decade.sum())
    assert measured["per_decade"]["0-9"]["mae"] == pytest.approx(np.abs(error[first_decade]).mean(), abs=0.03)


def test_the_result_is_in_the_run_with_its_plots(system: TrainedSystem, drawn: Drawn) -> None:
    measured = evaluate(system.run / "pretrain", drawn.test)
    run = system.run / "pretrain"
    assert json.loads((run / "evaluation.json").read_text(encoding="utf-8")) == json.loads(json.dumps(measured))
    for name in ("predicted_against_true.png", "error_per_decade.png"):
        assert (run / "plots" / name).read_bytes().startswith(b"\x89PNG")
    assert measured["test"]["manifest_sha256"] == open_dataset(drawn.test).manifest_sha256


@pytest.mark.parametrize("split", ["train", "val", "test", "all"])
def test_a_split_is_measured_by_itself(system: TrainedSystem, drawn: Drawn, tmp_path: Path, split: str) -> None:
    run = tmp_path / "run"
    shutil.copytree(system.run / "pretrain", run)
    table = open_dataset(drawn.labelled).faces
    codes = {"train": [0], "val": [1], "test": [2], "all": [0, 1, 2]}[split]
    assert evaluate(run, drawn.labelled, split=split)["count"] == int(np.isin(table.split, codes).sum())


def test_a_split_without_labelled_faces_is_one_sentence(system: TrainedSystem, drawn: Drawn) -> None:
    with pytest.raises(NothingToDo, match="no face with an age in split 'val'"):
        evaluate(system.run, drawn.test, split="val")


def test_faces_cut_differently_are_refused(system: TrainedSystem, tmp_path: Path) -> None:
    tight = write_labelled(
        tmp_path / "tight", count=5, crop={"size": 128, "template": "tight"}, splits=lambda _row: Split.TEST
    )
    with pytest.raises(WrongUse, match="tight"):
        evaluate(system.run, tight)


def test_the_table_of_a_system_is_that_of_its_two_evaluations(system: TrainedSystem, drawn: Drawn) -> None:
    for stage, column in (("pretrain", "before"), ("finetune", "after")):
        measured = evaluate(system.run / stage, drawn.test)
        assert system.table[column]["mae"] == pytest.approx(measured["mae"])
        assert system.table[column]["cs5"] == measured["cs5"]
    assert system.table["test_faces"] == 20


def test_intervals_hold_most_validation_faces_they_were_measured_on(
    system: TrainedSystem, drawn: Drawn, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(system.run / "pretrain", run)
    assert evaluate(run, drawn.labelled, split="val")["coverage90"] >= 0.9


def test_what_was_said_of_each_face_is_kept_and_gives_the_figures_again(system: TrainedSystem, drawn: Drawn) -> None:
    measured = evaluate(system.run / "pretrain", drawn.test)
    said = read_said(system.run / "pretrain" / "predictions.parquet")
    dataset = open_dataset(drawn.test)
    assert said.face_id.tolist() == dataset.faces.face_id[labelled_rows(dataset, "test")].tolist()
    assert np.abs(said.said - said.age).mean() == pytest.approx(measured["mae"], abs=1e-5)
    inside = (said.low <= said.age) & (said.age <= said.high)
    assert inside.mean() == pytest.approx(measured["coverage90"])
    assert (said.likeliest == said.shares.argmax(axis=1)).mean() > 0.9  # half precision may tie two neighbours
    about = read_about(system.run / "pretrain" / "predictions.parquet")
    assert about["weights_sha256"] == measured["weights_sha256"]
    assert about["manifest_sha256"] == dataset.manifest_sha256


def test_the_epsilon_error_is_of_the_faces_whose_raters_are_known(
    system: TrainedSystem, drawn: Drawn, tmp_path: Path
) -> None:
    run, test = tmp_path / "run", tmp_path / "test"
    shutil.copytree(system.run / "pretrain", run)
    shutil.copytree(drawn.test, test)
    assert evaluate(run, test)["epsilon_error"] is None
    faces = open_dataset(test).faces
    std = np.where(np.arange(20) < 12, 4.0, np.nan).astype(np.float32)
    write_faces(test / "index.parquet", replace(faces, age_std=std))
    manifest = json.loads((test / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["index.parquet"]["bytes"] = (test / "index.parquet").stat().st_size
    (test / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    measured = evaluate(run, test)
    said = read_said(run / "predictions.parquet")
    miss = (said.said - said.age)[:12]
    assert measured["epsilon_faces"] == 12
    assert measured["epsilon_error"] == pytest.approx((1 - np.exp(-(miss**2) / 32)).mean(), abs=1e-5)


def test_an_evaluation_of_the_same_weights_and_faces_is_not_done_twice(
    system: TrainedSystem, drawn: Drawn, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(system.run / "pretrain", run)
    first = evaluate(run, drawn.test)
    (run / "predictions.parquet").unlink()
    again = evaluate(run, drawn.test, redo=False)
    assert not (run / "predictions.parquet").exists()
    assert again == json.loads(json.dumps(first))
    assert evaluate(run, drawn.labelled, split="val", redo=False)["count"] != first["count"]
