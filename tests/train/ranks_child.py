"""What one of several processes does in tests/train/test_distributed.py: a stage of a small system, as asked in JSON.

The net is in float64. In float32 the order of sums is seen: Adam makes a whole step of a gradient that is nothing but
rounding, and after some steps the weights tell of it, not of a fault.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import train.devices
import train.stages.finetune
import train.stages.pretrain
from tests.train.small import small_recipe
from train import checkpoint
from train.settings import NetSettings
from train.stages import loop
from train.stages.finetune import finetune
from train.stages.pretrain import pretrain


def main() -> None:
    """Do what the first argument asks for; say the hash of the weights."""
    asked = json.loads(sys.argv[1])
    torch.set_num_threads(1)
    use_float64(setattr)
    if asked["die_after_step"] is not None:
        _die_after(asked["die_after_step"])
    told = do(asked)
    sys.stdout.write(told)  # looked up now: training takes it from all processes but the first


def do(asked: dict[str, Any]) -> str:
    """Train as asked; return the hash of the weights that answer."""
    recipe = small_recipe(**asked["changes"])
    labelled, out = [Path(asked["labelled"])], Path(asked["out"])
    if asked["start"] is None:
        return pretrain(labelled, out, recipe=recipe).weights_sha256
    start, pairs = Path(asked["start"]), Path(asked["pairs"])
    return finetune(start, out, pairs=pairs, labelled=labelled, recipe=recipe).weights_sha256


def use_float64(put: Callable[[Any, str, Any], None]) -> None:
    """Let nets begin, and images come, in float64; `put` is setattr, or that of a monkeypatch."""
    fresh, restored = checkpoint.fresh_net, checkpoint.restore_net

    def fresh_net(settings: NetSettings, *, seed: int) -> nn.Module:
        return fresh(settings, seed=seed).double()

    def restore_net(path: Path, saved: checkpoint.Checkpoint) -> nn.Module:
        return restored(path, saved).double()

    def normalise(levels: Tensor) -> Tensor:
        return levels.double().sub_(127.5).div_(64.0)

    put(train.stages.pretrain, "fresh_net", fresh_net)
    put(train.stages.finetune, "restore_net", restore_net)
    put(train.devices, "normalise", normalise)


def _die_after(last: int) -> None:
    step = loop._step

    def counted(stage: Any, progress: loop.Progress, batch: Any, *, machine: train.devices.Machine) -> None:
        step(stage, progress, batch, machine=machine)
        if progress.step == last:
            os.kill(os.getpid(), signal.SIGKILL)

    loop._step = counted


if __name__ == "__main__":
    main()
