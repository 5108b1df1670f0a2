"""A run that was killed ends with the very weights of one that was not: a real process, a real SIGKILL."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.train.conftest import Drawn, TrainedSystem
from tests.train.small import small_recipe
from train.checkpoint import load_checkpoint, weights_sha256
from train.run_folder import RunFolder
from train.stages.finetune import finetune
from train.stages.pretrain import pretrain

ROOT = Path(__file__).resolve().parent.parent.parent

CHANGES: dict[str, dict[str, Any]] = {"pretrain": {"epochs": 5}}

# The child does what the test would do, and kills itself at the given place, the given time.
CHILD = """
import json, os, signal, sys
from pathlib import Path
import torch
import train.stages.loop as loop
import train.checkpoint as checkpoint
from tests.train.small import small_recipe
from train.stages.finetune import finetune
from train.stages.pretrain import pretrain

asked = json.loads(sys.argv[1])
torch.set_num_threads(1)

def die():
    os.kill(os.getpid(), signal.SIGKILL)

step = loop._step
def counted_step(stage, progress, batch, **options):
    step(stage, progress, batch, **options)
    if progress.step == asked.get("after_step"):
        die()
loop._step = counted_step

save = torch.save
def counted_save(content, handle):
    save(content, handle)
    if content["step"] == asked.get("while_saving_step"):
        handle.flush()
        die()
torch.save = counted_save

recipe = small_recipe(**asked["changes"])
labelled = [Path(asked["labelled"])]
if asked["start"] is None:
    pretrain(labelled, Path(asked["out"]), recipe=recipe)
else:
    finetune(Path(asked["start"]), Path(asked["out"]), pairs=Path(asked["pairs"]), labelled=labelled, recipe=recipe)
"""


def _run_and_be_killed(
    drawn: Drawn,
    out: Path,
    *,
    start: Path | None,
    changes: dict[str, dict[str, Any]] = CHANGES,
    **where: int,
) -> None:
    asked = {
        "labelled": str(drawn.labelled),
        "pairs": str(drawn.pairs),
        "out": str(out),
        "start": None if start is None else str(start),
        "changes": changes,
        **where,
    }
    child = subprocess.run(
        [sys.executable, "-c", CHILD, json.dumps(asked)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr


def _without_clock(run: Path) -> list[dict[str, Any]]:
    return [{key: value for key, value in line.items() if key != "images_per_s"} for line in RunFolder(run).metrics()]


def _all_weights(run: Path) -> tuple[str, str, str]:
    saved = load_checkpoint(run / "checkpoint.pt")
    assert saved.is_finished
    parts = (saved.answer, saved.training["net"], saved.training["averaged"])
    hashes = [weights_sha256(part) for part in parts]
    return hashes[0], hashes[1], hashes[2]


@pytest.fixture(scope="module")
def uninterrupted(drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("uninterrupted") / "run"
    pretrain([drawn.labelled], run, recipe=small_recipe(**CHANGES))
    return run


def test_pretraining_killed_twice_ends_as_if_never_killed(drawn: Drawn, uninterrupted: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    _run_and_be_killed(drawn, run, start=None, after_step=8)
    assert load_checkpoint(run / "checkpoint.pt").step == 6  # the last look at the validation split before step 8
    _run_and_be_killed(drawn, run, start=None, while_saving_step=10)
    assert load_checkpoint(run / "checkpoint.pt").step == 9
    assert list(run.glob(".*.part"))
    pretrain([drawn.labelled], run, recipe=small_recipe(**CHANGES))
    assert _all_weights(run) == _all_weights(uninterrupted)
    assert _without_clock(run) == _without_clock(uninterrupted)
    assert not list(run.glob(".*.part"))


def test_pretraining_killed_before_its_first_checkpoint_starts_anew(
    drawn: Drawn, uninterrupted: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    _run_and_be_killed(drawn, run, start=None, after_step=2)
    assert not (run / "checkpoint.pt").exists()
    pretrain([drawn.labelled], run, recipe=small_recipe(**CHANGES))
    assert _all_weights(run) == _all_weights(uninterrupted)
    assert _without_clock(run) == _without_clock(uninterrupted)


def test_finetuning_killed_ends_as_if_never_killed(drawn: Drawn, system: TrainedSystem, tmp_path: Path) -> None:
    start, run, whole = system.run / "pretrain", tmp_path / "run", tmp_path / "whole"
    _run_and_be_killed(drawn, run, start=start, after_step=9)
    recipe = small_recipe(**CHANGES)
    for out in (run, whole):
        finetune(start, out, pairs=drawn.pairs, labelled=[drawn.labelled], recipe=recipe)
    assert _all_weights(run) == _all_weights(whole)
    assert _without_clock(run) == _without_clock(whole)


@pytest.mark.parametrize("teacher", ["auto", "start", "average"])
def test_learning_from_timelines_killed_ends_as_if_never_killed(
    drawn: Drawn, system: TrainedSystem, tmp_path: Path, teacher: str
) -> None:
    start, run, whole = system.run / "pretrain", tmp_path / "run", tmp_path / "whole"
    taught = {
        "timeline_per_batch": 8,
        "timeline_refresh": 4,
        "timeline_teacher": teacher,
        "steps": 14,
        "checkpoint_every": 1,
    }
    changes = {**CHANGES, "finetune": taught}
    _run_and_be_killed(drawn, run, start=start, changes=changes, after_step=11)
    assert load_checkpoint(run / "checkpoint.pt").step == 8  # the last refresh before step 11
    recipe = small_recipe(**changes)
    for out in (run, whole):
        finetune(start, out, pairs=drawn.pairs, labelled=[drawn.labelled], recipe=recipe)
    assert _all_weights(run) == _all_weights(whole)
    assert _without_clock(run) == _without_clock(whole)


EVERYTHING_NEW: dict[str, dict[str, Any]] = {
    "pretrain": {
        "epochs": 5,
        "mixup": 0.4,
        "label_noise": 1.0,
        "optimiser": "sgd",
        "learning_rate": 0.01,
        "schedule": "step",
        "step_epochs": 1.5,
        "patience": 30,
        "label_kind": "cdf",
        "kl_reduction": "element",
    },
    "finetune": {
        "w_difference": 0.3,
        "trim": 0.75,
        "curriculum": 0.9,
        "k_start": 6,
        "gap_spread": True,
        "steps": 14,
        "batch_norm": "per-domain",
        "checkpoint_every": 4,
    },
}


def test_pretraining_with_every_later_setting_killed_ends_as_if_never_killed(drawn: Drawn, tmp_path: Path) -> None:
    run, whole = tmp_path / "run", tmp_path / "whole"
    _run_and_be_killed(drawn, run, start=None, changes=EVERYTHING_NEW, after_step=8)
    for out in (run, whole):
        pretrain([drawn.labelled], out, recipe=small_recipe(**EVERYTHING_NEW))
    assert _all_weights(run) == _all_weights(whole)
    assert _without_clock(run) == _without_clock(whole)


def test_pretraining_with_triplets_of_groups_killed_ends_as_if_never_killed(drawn: Drawn, tmp_path: Path) -> None:
    changes: dict[str, dict[str, Any]] = {
        "net": {"bins": "agenet"},
        "pretrain": {
            "epochs": 4,
            "loss": "cross-entropy",
            "expectation_weight": 0.0,
            "optimiser": "adam",
            "triplet_weight": 1.0,
            "label_weight": 0.4,
            "batch_reduction": "sum",
            "schedule": "constant",
        },
    }
    run, whole = tmp_path / "run", tmp_path / "whole"
    _run_and_be_killed(drawn, run, start=None, changes=changes, after_step=8)
    for out in (run, whole):
        pretrain([drawn.labelled], out, recipe=small_recipe(**changes))
    assert _all_weights(run) == _all_weights(whole)
    assert "triplet" in RunFolder(run).metrics()[-2]


def test_finetuning_with_every_later_setting_killed_ends_as_if_never_killed(
    drawn: Drawn, system: TrainedSystem, tmp_path: Path
) -> None:
    start, run, whole = system.run / "pretrain", tmp_path / "run", tmp_path / "whole"
    _run_and_be_killed(drawn, run, start=start, changes=EVERYTHING_NEW, after_step=9)
    recipe = small_recipe(**EVERYTHING_NEW)
    for out in (run, whole):
        finetune(start, out, pairs=drawn.pairs, labelled=[drawn.labelled], recipe=recipe)
    assert _all_weights(run) == _all_weights(whole)
    assert _without_clock(run) == _without_clock(whole)
    assert "difference" in [line for line in RunFolder(run).metrics() if line["kind"] == "train"][-1]


def test_a_line_of_metrics_cut_short_is_forgotten(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    for step in (1, 2, 3):
        run.append({"kind": "train", "step": step})
    with (tmp_path / "metrics.jsonl").open("a", encoding="utf-8") as handle:
        handle.write('{"kind": "train", "st')
    assert [line["step"] for line in run.metrics()] == [1, 2, 3]
    run.forget_after(2)
    assert (tmp_path / "metrics.jsonl").read_text(encoding="utf-8").count("\n") == 2
    assert [line["step"] for line in run.metrics()] == [1, 2]
