"""Schedules: steps that begin where the one before ended, members beside each other, and going on after a kill."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agegap.errors import BadInputFile, CheckpointMismatch, WrongUse
from tests.train.conftest import Drawn
from tests.train.drawn import write_labelled
from tests.train.test_systems import tiny_recipe
from train.checkpoint import find_checkpoint, load_checkpoint, weights_sha256
from train.presets import Member, Recipe, Step, load_recipe
from train.run_folder import RunFolder
from train.stages.pretrain import pretrain
from train.stages.system import run_system

ROOT = Path(__file__).resolve().parent.parent.parent


def _two_steps() -> Recipe:
    base = tiny_recipe("lenet")
    second = replace(base, pretrain=replace(base.pretrain, learning_rate=1e-3))
    steps = (Step("one", "pretrain", "first", base), Step("two", "pretrain", "last", second))
    return replace(base, schedule=steps)


@pytest.fixture(scope="module")
def folders(drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two labelled folders with different faces."""
    return [drawn.labelled, write_labelled(tmp_path_factory.mktemp("second") / "labelled", seed=3)]


@pytest.fixture(scope="module")
def finished(drawn: Drawn, folders: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of two steps."""
    out = tmp_path_factory.mktemp("schedule") / "run"
    run_system(out, recipe=_two_steps(), labelled=folders, pairs=None, test=drawn.test)
    return out


def _answer(run: Path) -> str:
    return weights_sha256(load_checkpoint(run / "checkpoint.pt").answer)


def test_a_step_begins_with_the_weights_of_the_one_before_and_reads_its_own_folder(
    finished: Path, folders: list[Path]
) -> None:
    notes = [RunFolder(finished / name).notes() for name in ("one", "two")]
    assert "start" not in notes[0]
    assert notes[1]["start"]["weights_sha256"] == _answer(finished / "one")
    assert [one["data"]["labelled"][0]["folder"] for one in notes] == [str(folder) for folder in folders]
    assert [len(one["data"]["labelled"]) for one in notes] == [1, 1]


def test_the_answer_of_a_schedule_is_its_last_finished_step(finished: Path) -> None:
    assert find_checkpoint(finished) == finished / "two" / "checkpoint.pt"


def test_a_finished_schedule_is_left_alone(finished: Path, drawn: Drawn, folders: list[Path]) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*") if path.is_file()}
    table = run_system(finished, recipe=_two_steps(), labelled=folders, pairs=None, test=drawn.test)
    assert {path: path.stat().st_mtime_ns for path in finished.rglob("*") if path.is_file()} == before
    assert [one["seconds"] for one in table["results"].values()] == [0.0, 0.0]


def test_another_presets_folder_is_not_written_to(finished: Path, drawn: Drawn, folders: list[Path]) -> None:
    with pytest.raises(WrongUse, match="holds a run of lenet with other steps"):
        run_system(finished, recipe=tiny_recipe("dldl"), labelled=folders, pairs=None, test=drawn.test)


def test_a_folder_with_something_else_in_it_is_not_written_to(
    tmp_path: Path, drawn: Drawn, folders: list[Path]
) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(WrongUse, match="is not empty and holds no run of this preset"):
        run_system(tmp_path, recipe=_two_steps(), labelled=folders, pairs=None, test=drawn.test)


def test_a_system_that_learns_from_pairs_asks_for_them(tmp_path: Path, drawn: Drawn) -> None:
    with pytest.raises(WrongUse, match="age-timelines learns from pairs: name their dataset folder with --pairs"):
        run_system(
            tmp_path / "run",
            recipe=load_recipe("age-timelines"),
            labelled=[drawn.labelled],
            pairs=None,
            test=drawn.test,
        )


def test_of_an_ensemble_no_net_is_the_answer(tmp_path: Path, drawn: Drawn) -> None:
    base = tiny_recipe("lenet")
    members = []
    for seed, name in enumerate(("a", "b")):
        recipe = replace(base, pretrain=replace(base.pretrain, seed=seed))
        members.append(Member(name, (Step("only", "pretrain", "all", recipe),)))
    out = tmp_path / "run"
    table = run_system(
        out, recipe=replace(base, members=tuple(members)), labelled=[drawn.labelled], pairs=None, test=drawn.test
    )
    assert list(table["results"]) == ["a/only", "b/only"]
    assert _answer(out / "a" / "only") != _answer(out / "b" / "only")
    assert "fused" in table
    with pytest.raises(BadInputFile, match="holds the nets a, b"):
        find_checkpoint(out)


def test_pretraining_by_hand_from_a_run_is_the_step_of_a_schedule(
    finished: Path, folders: list[Path], tmp_path: Path
) -> None:
    step = _two_steps().schedule[1]
    by_hand = pretrain(folders[1:], tmp_path / "run", recipe=step.recipe, start=finished / "one")
    assert by_hand.weights_sha256 == _answer(finished / "two")


def test_pretraining_from_another_net_is_refused(finished: Path, folders: list[Path], tmp_path: Path) -> None:
    recipe = tiny_recipe("lenet", net={"backbone": "tiny_age_net"})
    with pytest.raises(CheckpointMismatch, match="lenet at 32 pixels"):
        pretrain(folders, tmp_path / "run", recipe=recipe, start=finished / "one")


CHILD = """
import os, signal, sys
from pathlib import Path
import torch
import train.stages.loop as loop
from tests.train.test_schedule import _two_steps
from train.stages.system import run_system

torch.set_num_threads(1)
steps = 0
step = loop._step
def counted_step(*args, **options):
    global steps
    step(*args, **options)
    steps += 1
    if steps == 5:
        os.kill(os.getpid(), signal.SIGKILL)
loop._step = counted_step
out, test, *labelled = map(Path, sys.argv[1:])
run_system(out, recipe=_two_steps(), labelled=labelled, pairs=None, test=test)
"""


def test_a_schedule_killed_in_its_second_step_ends_as_if_never_killed(
    finished: Path, folders: list[Path], drawn: Drawn, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(out), str(drawn.test), *map(str, folders)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert load_checkpoint(out / "one" / "checkpoint.pt").is_finished
    assert not (out / "two" / "checkpoint.pt").exists()
    done = (out / "one" / "checkpoint.pt").stat().st_mtime_ns
    run_system(out, recipe=_two_steps(), labelled=folders, pairs=None, test=drawn.test)
    assert (out / "one" / "checkpoint.pt").stat().st_mtime_ns == done
    assert [_answer(out / name) for name in ("one", "two")] == [_answer(finished / name) for name in ("one", "two")]


def test_settings_that_came_later_do_not_stop_an_older_run(finished: Path, folders: list[Path]) -> None:
    path = finished / "one" / "settings.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    kept = path.read_text(encoding="utf-8")
    del content["settings"]["mixup"], content["net"]["bins"]
    path.write_text(json.dumps(content), encoding="utf-8")
    try:
        assert pretrain(folders[:1], finished / "one", recipe=_two_steps().schedule[0].recipe).was_finished
        other = replace(_two_steps().schedule[0].recipe, pretrain=replace(_two_steps().pretrain, mixup=0.4))
        with pytest.raises(WrongUse, match=r"settings\.mixup = 0\.0, not 0\.4"):
            pretrain(folders[:1], finished / "one", recipe=other)
    finally:
        path.write_text(kept, encoding="utf-8")
