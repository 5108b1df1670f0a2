"""The loop every stage runs in: steps, averages, log, validation, checkpoints; and going on after a kill.

All that a step depends on is the state that is saved and the step's number, so a run that was killed and resumed ends
with the very weights of one that was not (on one machine, with one number of threads).
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import nn, optim

from agegap.errors import DataFailed
from agegap.progress import track
from train.averaging import AveragedNet
from train.batches import prefetched
from train.checkpoint import Checkpoint, Weights, save_checkpoint
from train.devices import Machine, compiled, place
from train.optimiser import build_optimiser, rate_of, set_learning_rate
from train.run_folder import RunFolder
from train.stages.meter import Meter
from train.stages.stage import Stage

B = TypeVar("B")

_BETWEEN_RANKS = 1 << 40
"""Between the seeds of dropout of two processes: more than a run has steps."""


@dataclass
class Progress:
    """Everything that changes while a stage trains."""

    net: nn.Module
    averaged: AveragedNet
    optimiser: optim.Optimizer
    meter: Meter
    step: int = 0
    best_score: float = math.inf
    best_step: int = 0
    best: Weights | None = None


def begin(stage: Stage[B], net: nn.Module, *, machine: Machine) -> Progress:
    """Return the progress of a stage before its first step."""
    net = machine.ranks.prepared(place(net, machine))
    stage.prepare(net)
    rates = stage.rates
    optimiser = build_optimiser(net, weight_decay=rates.weight_decay, name=rates.optimiser, momentum=rates.momentum)
    averaged = AveragedNet(net, decay=stage.settings.ema_decay)
    return Progress(compiled(net, machine), averaged, optimiser, Meter())


def resume(progress: Progress, checkpoint: Checkpoint) -> None:
    """Put `progress` where the checkpoint was saved."""
    saved = checkpoint.training
    progress.net.load_state_dict(saved["net"])
    progress.averaged.net.load_state_dict(saved["averaged"])
    progress.optimiser.load_state_dict(saved["optimiser"])
    progress.meter = Meter(saved["meter"], count=saved["meter_count"])
    progress.step = checkpoint.step
    progress.best_score, progress.best_step = saved["best_score"], saved["best_step"]
    progress.best = checkpoint.answer if math.isfinite(progress.best_score) else None


def train_stage(stage: Stage[B], progress: Progress, blank: Checkpoint, *, run: RunFolder, machine: Machine) -> Weights:
    """Train from where `progress` is to the last step; return the weights that answer.

    `blank` is the checkpoint with all that stays: stage, net, notes, number of steps. Raises DataFailed when the
    loss is no number any more, or when the stage's own check says so. Of several processes the first one writes.
    """
    settings, steps, is_first = stage.settings, blank.steps, machine.ranks.is_first
    clock, clock_step = time.monotonic(), progress.step
    todo = range(progress.step, steps)
    if not todo.start and stage.looks_first:
        _validate(stage, progress, run=run, machine=machine)
    batches = _batches(stage, progress, todo, machine=machine)
    for batch in track(batches, label=stage.name, total=len(todo), unit="step") if is_first else batches:
        if stage.is_stale(progress.step - progress.best_step):
            break
        rate = rate_of(stage.rates, progress.step, steps=steps)
        set_learning_rate(progress.optimiser.param_groups, rate)
        _step(stage, progress, batch, machine=machine)
        is_last = progress.step == steps
        is_validation = progress.step % stage.validate_every == 0 or is_last
        is_checkpoint = progress.step % settings.checkpoint_every == 0 or is_validation
        # Between two refreshes a checkpoint would lack what the last one said.
        is_checkpoint = is_last or (is_checkpoint and not (stage.refresh_every and progress.step % stage.refresh_every))
        if progress.step % settings.log_every == 0 or is_last:
            means = progress.meter.take()
            speed = (progress.step - clock_step) * stage.images_per_step / max(time.monotonic() - clock, 1e-9)
            line: dict[str, Any] = {"kind": "train", "step": progress.step, **means}
            if is_first:
                run.append({**line, "learning_rate": rate, "images_per_s": round(speed, 1)})
            _check_finite(means, stage=stage.name, step=progress.step)
            stage.check(means, step=progress.step)
            clock, clock_step = time.monotonic(), progress.step
        if is_validation:
            _validate(stage, progress, run=run, machine=machine)
            clock, clock_step = time.monotonic(), progress.step
        if is_checkpoint:
            _check_finite(progress.meter.saved(), stage=stage.name, step=progress.step)
            if is_first:
                save_checkpoint(run.checkpoint, checkpoint_of(progress, blank))
    return answer_of(progress)


def _batches(stage: Stage[B], progress: Progress, todo: range, *, machine: Machine) -> Iterator[B]:
    """Yield the batches of `todo`, the stage refreshed by the averaged net before the first of each group."""
    every = stage.refresh_every or max(1, todo.stop)
    start = todo.start
    while start < todo.stop:
        if stage.refresh_every:
            stage.refresh(progress.averaged.net, step=start, machine=machine)
        end = min(todo.stop, (start // every + 1) * every)
        yield from prefetched(stage.batch, range(start, end))
        start = end


def time_steps(stage: Stage[B], progress: Progress, steps: range, *, machine: Machine) -> None:
    """Do some steps and nothing else: to learn how long one takes."""
    for batch in prefetched(stage.batch, steps):
        _step(stage, progress, batch, machine=machine)


def _step(stage: Stage[B], progress: Progress, batch: B, *, machine: Machine) -> None:
    # Dropout draws from torch's own generator: it too depends on (seed, step) alone.
    torch.manual_seed(_torch_seed(stage.settings.seed, progress.step) + machine.ranks.rank * _BETWEEN_RANKS)
    loss = stage.loss(progress.net, batch, machine=machine)
    progress.optimiser.zero_grad(set_to_none=True)
    loss.total.backward()  # type: ignore[no-untyped-call]
    learning = [one for group in progress.optimiser.param_groups for one in group["params"]]
    machine.ranks.add_up(learning)
    nn.utils.clip_grad_norm_(learning, stage.settings.gradient_clip)
    progress.optimiser.step()
    progress.averaged.update(progress.net, step=progress.step)
    progress.meter.add({"loss": loss.total, **loss.parts})
    progress.step += 1


def _validate(stage: Stage[B], progress: Progress, *, run: RunFolder, machine: Machine) -> None:
    measures = machine.ranks.agreed(lambda: stage.validate(progress.averaged.net, machine=machine))
    if machine.ranks.is_first:
        run.append({"kind": "validation", "step": progress.step, **measures})
    score = stage.score(measures)
    if score is not None and progress.step and score < progress.best_score:
        progress.best_score, progress.best_step = score, progress.step
        progress.best = {name: one.detach().cpu().clone() for name, one in progress.averaged.net.state_dict().items()}


def answer_of(progress: Progress) -> Weights:
    """Return the weights that answer: the best where the stage has a score, else the average as it is."""
    return progress.best or {name: one.detach().cpu() for name, one in progress.averaged.net.state_dict().items()}


def checkpoint_of(progress: Progress, blank: Checkpoint) -> Checkpoint:
    """Return the checkpoint of where `progress` is."""
    training = {
        "net": progress.net.state_dict(),
        "averaged": progress.averaged.net.state_dict(),
        "optimiser": progress.optimiser.state_dict(),
        "meter": progress.meter.saved(),
        "meter_count": progress.meter.count,
        "best_score": progress.best_score,
        "best_step": progress.best_step,
    }
    content = {**vars(blank), "step": progress.step, "answer": answer_of(progress), "training": training}
    return Checkpoint(**content)


def _check_finite(means: dict[str, float], *, stage: str, step: int) -> None:
    if not all(math.isfinite(value) for value in means.values()):
        raise DataFailed(
            f"{stage}: the loss is not a number any more at step {step}; lower learning_rate or gradient_clip"
        )


def _torch_seed(seed: int, step: int) -> int:
    return (seed * 1_000_003 + step) % (1 << 63)
