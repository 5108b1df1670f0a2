"""`train calibrate`: the factor changes, the weights do not."""

import shutil
from pathlib import Path

import pytest

from agegap.errors import NothingToDo
from tests.train.conftest import Drawn, TrainedSystem
from tests.train.drawn import write_pairs
from train.checkpoint import load_checkpoint, weights_sha256
from train.evaluation.calibrating import calibrate
from train.evaluation.evaluate import evaluate


@pytest.fixture
def run(system: TrainedSystem, tmp_path: Path) -> Path:
    """A copy of a trained run."""
    shutil.copytree(system.run / "finetune", tmp_path / "run")
    return tmp_path / "run"


def test_measured_on_a_split_ninety_percent_of_it_lie_inside(run: Path, drawn: Drawn) -> None:
    before = load_checkpoint(run / "checkpoint.pt")
    found = calibrate(run, [drawn.labelled], split="train")
    after = load_checkpoint(run / "checkpoint.pt")
    assert after.interval_scale == found["scale"] == found["scale_labelled"]
    assert found["scale_before"] == before.interval_scale
    assert weights_sha256(after.answer) == weights_sha256(before.answer)
    assert after.is_finished
    assert evaluate(run, drawn.labelled, split="train")["coverage90"] >= 0.9


def test_with_pairs_the_factor_lies_between_that_of_the_faces_and_that_of_the_pairs(
    run: Path, drawn: Drawn, tmp_path: Path
) -> None:
    many = write_pairs(tmp_path / "many", subjects=60, seed=8)
    found = calibrate(run, [drawn.labelled], pairs=many)
    assert found["people"] == 12
    assert min(found["scale_labelled"], found["scale_of_pairs"]) <= found["scale"]
    assert found["scale"] <= max(found["scale_labelled"], found["scale_of_pairs"])
    assert found["scale"] ** 2 == pytest.approx(found["scale_labelled"] * found["scale_of_pairs"])


def test_a_failed_measurement_leaves_the_checkpoint_as_it_was(run: Path, drawn: Drawn) -> None:
    before = (run / "checkpoint.pt").read_bytes()
    with pytest.raises(NothingToDo, match="2 people"):  # the drawn folder has two people in val
        calibrate(run, [drawn.labelled], pairs=drawn.pairs)
    assert (run / "checkpoint.pt").read_bytes() == before
