"""From a stage to a finished run folder: plan, train or go on, calibrate, draw, close."""

import copy
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from train.checkpoint import Checkpoint, save_checkpoint, weights_sha256
from train.data import FacePairs, LabelledFaces
from train.devices import Machine
from train.plots.curves import draw_curves
from train.run_folder import OpenedRun, code_version
from train.settings import NetSettings
from train.stages.budget import Plan, plan_steps
from train.stages.intervals import measured_scale
from train.stages.loop import begin, checkpoint_of, resume, train_stage
from train.stages.stage import Stage

B = TypeVar("B")


@dataclass(frozen=True)
class StageResult:
    """What a stage leaves behind."""

    run: Path
    steps: int
    # The last look at the validation split.
    validation: dict[str, float]
    weights_sha256: str
    # Of this call; 0 where the run was finished before.
    seconds: float
    was_finished: bool

    def shown(self) -> dict[str, Any]:
        """Return the result as the commands print it."""
        return {**vars(self), "run": str(self.run), "validation": dict(self.validation)}


def finished_before(opened: OpenedRun) -> StageResult | None:
    """Return the result of a run that needs no work, None where there is some to do."""
    if opened.checkpoint is None or not opened.checkpoint.is_finished:
        return None
    if not (opened.folder.path / "plots").is_dir():
        draw_curves(opened.folder)
    return result_of(opened, opened.checkpoint, seconds=0.0, was_finished=True)


def run_stage(
    stage: Stage[B],
    net: nn.Module,
    opened: OpenedRun,
    *,
    net_settings: NetSettings,
    crop: dict[str, Any],
    held_out: LabelledFaces | None,
    earlier_scale: float | None,
    wanted_steps: int,
    machine: Machine,
    held_out_pairs: FacePairs | None = None,
) -> StageResult:
    """Train `net` from where the run stands to its end, and write everything a finished run holds.

    `held_out` are the labelled faces on which the intervals are measured, `held_out_pairs` pairs of the photos it was
    moved to, which have a say in them too; without labelled faces `earlier_scale` stays.
    """
    clock = time.monotonic()
    plan = _plan(stage, net, opened, wanted_steps=wanted_steps, machine=machine)
    stage.planned(plan.steps)
    progress = begin(stage, net, machine=machine)
    if opened.checkpoint is not None:
        resume(progress, opened.checkpoint)
    blank = Checkpoint(
        stage=stage.name,
        net=net_settings,
        crop=crop,
        notes=opened.notes,
        step=0,
        steps=plan.steps,
        is_finished=False,
        answer={},
        interval_scale=earlier_scale,
    )
    answer = train_stage(stage, progress, blank, run=opened.folder, machine=machine)
    if held_out is not None:
        chosen = copy.deepcopy(progress.averaged.net)
        chosen.load_state_dict(answer)
        blank.interval_scale = machine.ranks.agreed(
            lambda: measured_scale(chosen, held_out, held_out_pairs, machine=machine, bins=net_settings.bins)
        )
    final = checkpoint_of(progress, blank)
    final.is_finished = True
    if machine.ranks.is_first:
        draw_curves(opened.folder)
        save_checkpoint(opened.folder.checkpoint, final)
    machine.ranks.wait()
    return result_of(opened, final, seconds=time.monotonic() - clock, was_finished=False)


def run_notes(
    stage: str, *, preset: str, net: dict[str, Any], augment: dict[str, Any], settings: dict[str, Any], **others: Any
) -> dict[str, Any]:
    """Return the content of settings.json: what was asked, and by which program on what."""
    asked = {"stage": stage, "preset": preset, "net": net, "augment": augment, "settings": settings, **others}
    return {**asked, "seed": settings["seed"], **code_version(), "torch": str(torch.__version__)}


def _plan(stage: Stage[B], net: nn.Module, opened: OpenedRun, *, wanted_steps: int, machine: Machine) -> Plan:
    if opened.checkpoint is not None:
        return Plan(opened.checkpoint.steps)
    if opened.notes.get("plan"):
        return Plan(**opened.notes["plan"])
    minutes = stage.settings.max_minutes
    timed = plan_steps(stage, net, wanted=wanted_steps, max_minutes=minutes, machine=machine)
    # All processes time the same steps; the clock of the first one counts.
    plan = machine.ranks.agreed(lambda: timed)
    opened.notes["plan"] = plan.noted()
    opened.notes["machine"] = {
        "precision": machine.label,
        "threads": torch.get_num_threads(),
        "processes": machine.ranks.size,
    }
    if machine.ranks.is_first:
        opened.folder.write_notes(opened.notes)
    return plan


def result_of(opened: OpenedRun, checkpoint: Checkpoint, *, seconds: float, was_finished: bool) -> StageResult:
    """Return the result of a run with its last look at the validation split."""
    looks = [line for line in opened.folder.metrics() if line.get("kind") == "validation"]
    last = {name: value for name, value in (looks[-1] if looks else {}).items() if name.startswith("val_")}
    return StageResult(
        run=opened.folder.path,
        steps=checkpoint.step,
        validation=last,
        weights_sha256=weights_sha256(checkpoint.answer),
        seconds=round(seconds, 1),
        was_finished=was_finished,
    )
