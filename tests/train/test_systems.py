"""Every preset trains and is measured: a few steps of small nets on drawn faces."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.train.conftest import Drawn
from train.checkpoint import load_checkpoint
from train.presets import Recipe, load_recipe, preset_names
from train.run_folder import RunFolder
from train.stages.system import run_system

TINY: dict[str, dict[str, Any]] = {
    "net": {"input_size": 32, "precision": "float32"},
    "augment": {},
    "pretrain": {"epochs": 1, "batch_size": 14, "checkpoint_every": 100, "log_every": 1},
    "finetune": {"steps": 2, "pairs_per_batch": 4, "replay_per_batch": 4, "checkpoint_every": 100, "log_every": 1},
}

LARGE = {"vgg16", "small_resnet"}
"""Nets whose place a small one takes; their own tests are in test_backbones.py."""


def tiny_recipe(preset: str, **changes: dict[str, Any]) -> Recipe:
    """Return the preset, small enough for a test."""
    typed = {table: {**keys, **changes.get(table, {})} for table, keys in TINY.items()}
    if load_recipe(preset).net.backbone in LARGE:
        typed["net"]["backbone"] = "tiny_age_net"
    return load_recipe(preset, typed=typed)


NETS = [one for one in preset_names() if one != "geometric"]
"""Presets that train nets; the hand-made features are in test_geometric.py."""


@pytest.mark.parametrize(
    "preset", [pytest.param(one, marks=pytest.mark.slow) if one == "two-stream" else one for one in NETS]
)
def test_every_preset_trains_and_is_measured(preset: str, drawn: Drawn, tmp_path: Path) -> None:
    recipe = tiny_recipe(preset)
    pairs = drawn.pairs if recipe.needs_pairs else None
    table = run_system(tmp_path / "run", recipe=recipe, labelled=[drawn.labelled], pairs=pairs, test=drawn.test)
    assert table["preset"] == preset
    assert table["test_faces"] == 20
    if not recipe.steps:
        assert set(table) >= {"before", "after"}
        return
    tracks = [(member.name, member.schedule) for member in recipe.members] or [("", recipe.schedule)]
    wanted = [str(Path(member) / step.name) for member, steps in tracks for step in steps]
    assert list(table["results"]) == wanted
    trained = {"pretrain": 3, "finetune": 2}
    done: dict[str, int] = {}
    for (name, result), step in zip(table["results"].items(), recipe.steps, strict=True):
        done[step.name] = sum(done[one] for one in step.of) if step.of else trained[step.stage]
        saved = load_checkpoint(tmp_path / "run" / name / "checkpoint.pt")
        assert saved.is_finished
        assert saved.step == result["steps"] == done[step.name]
        assert 0 < result["mae"] < 100
        told = json.loads((tmp_path / "run" / name / "evaluation.json").read_text(encoding="utf-8"))
        assert told["mae"] == result["mae"]


def test_a_net_of_age_groups_answers_in_years(drawn: Drawn, tmp_path: Path) -> None:
    settings = {"epochs": 10, "learning_rate": 2e-3, "patience": 0, "ema_decay": 0.9}
    recipe = tiny_recipe("agenet", net={"backbone": "tiny_age_net"}, pretrain=settings)
    table = run_system(tmp_path / "run", recipe=recipe, labelled=[drawn.labelled], pairs=None, test=drawn.test)
    looks = [one for one in RunFolder(tmp_path / "run" / "pretrain").metrics() if one["kind"] == "validation"]
    assert max(one["val_accuracy"] for one in looks) > looks[0]["val_accuracy"]
    # Ages 2 to 80: said to be the middle of them all, the error would be 20 years.
    assert table["results"]["pretrain"]["mae"] < 14
    assert load_checkpoint(tmp_path / "run" / "pretrain" / "checkpoint.pt").net.classes == 10


@pytest.mark.parametrize(("preset", "says"), [("dldl", True), ("lenet", False)])
def test_a_preset_that_expects_weights_says_that_it_has_none(
    preset: str, says: bool, drawn: Drawn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recipe = tiny_recipe(preset)
    with caplog.at_level(logging.INFO, logger="train"):
        run_system(tmp_path / "run", recipe=recipe, labelled=[drawn.labelled], pairs=None, test=drawn.test)
    assert ("starts from scratch" in caplog.text) == says
    assert RunFolder(tmp_path / "run" / "pretrain").notes()["begins_with"] == "fresh weights"
