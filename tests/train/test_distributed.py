"""Two processes over gloo end where one process ends: batches, losses, batch statistics, gradients, resumption."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from agegap.errors import WrongUse
from tests.train.conftest import Drawn, TrainedSystem
from tests.train.ranks_child import do, use_float64
from train.checkpoint import Checkpoint, load_checkpoint
from train.distributed import Ranks
from train.run_folder import RunFolder

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent

Changes = dict[str, dict[str, Any]]

PRETRAIN: dict[str, Any] = {"epochs": 2}


def _environment(rank: int, size: int, port: int) -> dict[str, str]:
    ranks = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(size)}
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    return {**os.environ, **ranks, **address, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _train(
    drawn: Drawn,
    out: Path,
    *,
    size: int,
    changes: Changes,
    start: Path | None = None,
    die_after_step: int | None = None,
) -> list[str]:
    """Run a stage in `size` processes (one is this one); return the standard output of each."""
    asked = {
        "labelled": str(drawn.labelled),
        "pairs": str(drawn.pairs),
        "out": str(out),
        "start": None if start is None else str(start),
        "changes": changes,
        "die_after_step": die_after_step,
    }
    if size == 1:
        with pytest.MonkeyPatch.context() as patch:
            use_float64(patch.setattr)
            return [do(asked)]
    command = [sys.executable, "-m", "tests.train.ranks_child", json.dumps(asked)]
    port = _free_port()
    children = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(rank, size, port),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(size)
    ]
    said = [child.communicate(timeout=300) for child in children]
    ended = 0 if die_after_step is None else -signal.SIGKILL
    assert [child.returncode for child in children] == [ended] * size, said
    return [out for out, _err in said]


def _greatest_difference(one: Checkpoint, other: Checkpoint) -> float:
    greatest = 0.0
    for part in ("net", "averaged"):
        mine, theirs = one.training[part], other.training[part]
        assert mine.keys() == theirs.keys()
        greatest = max(greatest, *(float((mine[name] - theirs[name]).abs().max()) for name in mine))
    return greatest


def _metrics(run: Path) -> list[dict[str, Any]]:
    return [{key: value for key, value in line.items() if key != "images_per_s"} for line in RunFolder(run).metrics()]


def _same_run(one: Path, other: Path, *, within: float) -> None:
    first, second = load_checkpoint(one / "checkpoint.pt"), load_checkpoint(other / "checkpoint.pt")
    assert first.is_finished
    assert second.is_finished
    assert first.step == second.step
    assert _greatest_difference(first, second) < within
    for mine, theirs in zip(_metrics(one), _metrics(other), strict=True):
        assert mine.keys() == theirs.keys()
        assert {key: value for key, value in mine.items() if key != "kind"} == pytest.approx(
            {key: value for key, value in theirs.items() if key != "kind"}, rel=1e-4, abs=1e-4
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="plain"),
        pytest.param({"mixup": 0.4, "epochs": 1}, id="mixup"),
        pytest.param({"triplet_weight": 1.0, "triplet_top_k": 8}, id="worst-triplets"),
    ],
)
def test_two_processes_pretrain_as_one_does(drawn: Drawn, tmp_path: Path, changes: dict[str, Any]) -> None:
    # 15 faces a step: the shares are of 7 and of 8.
    wanted: Changes = {"pretrain": {**PRETRAIN, "batch_size": 15, **changes}}
    _train(drawn, tmp_path / "one", size=1, changes=wanted)
    said = _train(drawn, tmp_path / "two", size=2, changes=wanted)
    _same_run(tmp_path / "one", tmp_path / "two", within=1e-6)
    assert [bool(one) for one in said] == [True, False]  # a result is printed once


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["live", "per-domain"])
def test_two_processes_learn_from_pairs_as_one_does(
    drawn: Drawn, system: TrainedSystem, tmp_path: Path, mode: str
) -> None:
    table = {
        "steps": 5,
        "pairs_per_batch": 5,
        "timeline_per_batch": 6,
        "timeline_refresh": 2,
        "replay_per_batch": 7,
        "trim": 0.8,
        "batch_norm": mode,
    }
    start = system.run / "pretrain"
    for name, size in (("one", 1), ("two", 2)):
        _train(drawn, tmp_path / name, size=size, changes={"finetune": table}, start=start)
    _same_run(tmp_path / "one", tmp_path / "two", within=1e-6)


@pytest.mark.slow
def test_two_processes_that_were_killed_go_on_to_the_same_weights(drawn: Drawn, tmp_path: Path) -> None:
    wanted: Changes = {"pretrain": {**PRETRAIN, "checkpoint_every": 2}}
    _train(drawn, tmp_path / "whole", size=2, changes=wanted)
    _train(drawn, tmp_path / "killed", size=2, changes=wanted, die_after_step=4)
    assert load_checkpoint(tmp_path / "killed" / "checkpoint.pt").step == 3
    _train(drawn, tmp_path / "killed", size=2, changes=wanted)
    assert _answers(tmp_path / "whole") == _answers(tmp_path / "killed")


def _answers(run: Path) -> str:
    from train.checkpoint import weights_sha256

    return weights_sha256(load_checkpoint(run / "checkpoint.pt").answer)


@pytest.mark.slow
def test_a_mistake_under_torchrun_is_said_once(drawn: Drawn, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("mine", encoding="utf-8")
    # The console script is no Python file, hence --no-python.
    command = [str(BIN / "torchrun"), "--no-python", "--nproc-per-node", "2", "--master-port", str(_free_port())]
    command += [str(BIN / "train"), "pretrain", "--labelled", str(drawn.labelled), "--out", str(tmp_path / "out")]
    command += ["--set", "net.backbone=tiny_age_net", "--set", "net.input_size=32"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert done.stderr.count("is not empty and holds no run") == 1
    assert "[rank1]: Traceback" not in done.stderr
    assert done.stdout == ""


def test_shares_of_a_batch_are_even_and_make_up_each_of_its_groups() -> None:
    shares = [Ranks(rank, 3).places(10, 0, 4) for rank in range(3)]
    assert sorted(np.concatenate([share.rows for share in shares]).tolist()) == list(range(14))
    assert {share.count for share in shares} == {14}
    for share in shares:
        assert (share.rows < 10).sum() in (3, 4)
        assert (share.rows >= 10).sum() in (1, 2)
    assert Ranks().places(5, 2).rows.tolist() == list(range(7))


def test_a_group_smaller_than_the_processes_is_said() -> None:
    with pytest.raises(WrongUse, match="2 faces of a step cannot be shared by 3 processes"):
        Ranks(0, 3).places(9, 2)


def test_one_process_asks_nobody() -> None:
    logits = torch.ones(3, 2)
    assert Ranks().whole(logits, 3) is logits
    assert Ranks().agreed(lambda: 5) == Ranks().in_turn(lambda: 5) == 5
