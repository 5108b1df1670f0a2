"""A preset of several steps, or of several nets with steps of their own.

Each step begins where the one before ended, or where the one that it names did; a soup is of the steps it names.

OUT/<step>, or OUT/<member>/<step>, is a run folder as any other; OUT/schedule.json says in which order. Where there
are several nets, OUT/fused holds what they say together.
"""

import importlib.util
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from agegap.errors import BadInputFile, DataFailed, WrongUse
from agegap.files import write_json
from train.checkpoint import SCHEDULE_FILE
from train.distributed import join_ranks
from train.evaluation.evaluate import evaluate
from train.model import FUSED
from train.presets import Recipe, Step
from train.stages.finetune import finetune
from train.stages.pretrain import pretrain
from train.stages.running import StageResult
from train.stages.soup import soup

SHOWN = ("mae", "cs5", "median_error", "bias", "coverage90")

_LOG = logging.getLogger("train")

TRAINED_SHARE = 0.9
"""Of a budget of minutes; the rest is for the evaluations."""


def run_schedule(
    out: Path,
    *,
    recipe: Recipe,
    labelled: Sequence[Path],
    pairs: Path | None,
    test: Path,
    max_minutes: float | None = None,
) -> dict[str, Any]:
    """Train every step of every member of `recipe`, evaluate each, fuse the members; return the table.

    Goes on after a kill and skips what is done. `max_minutes` is shared evenly by the steps.
    """
    tracks = {member.name: member.schedule for member in recipe.members} or {"": recipe.schedule}
    folders = [str(Path(member) / step.name) for member, steps in tracks.items() for step in steps]
    names = [member.name for member in recipe.members]
    ranks = join_ranks()
    ranks.in_turn(lambda: _claim(out, {"preset": recipe.preset, "steps": folders, "members": names}))
    trained = sum(step.stage != "soup" for steps in tracks.values() for step in steps)
    minutes = None if max_minutes is None else max_minutes * TRAINED_SHARE / trained
    results: dict[str, Any] = {}
    ends: list[Path] = []
    for member, steps in tracks.items():
        done_steps: dict[str, Path] = {}
        before: Path | None = None
        for step in steps:
            name, folder = str(Path(member) / step.name), out / member / step.name
            try:
                if step.stage == "soup":
                    mixed = partial(_mix, step, folder, done_steps, labelled=step.chosen(labelled), pairs=pairs)
                    done = ranks.in_turn(mixed)
                else:
                    start = done_steps[step.begins_with] if step.begins_with else before
                    done = _run_step(step, folder, start=start, labelled=labelled, pairs=pairs, minutes=minutes)
            except DataFailed as fault:
                if not _can_do_without(step, steps, done_steps):
                    raise
                _LOG.warning("%s: %s; going on without it", name, fault)
                results[name] = {"failed": str(fault)}
                continue
            measured = ranks.in_turn(partial(evaluate, done.run, test, redo=False))
            results[name] = {
                **{key: measured[key] for key in SHOWN},
                "steps": done.steps,
                "seconds": done.seconds,
            }
            before = done_steps[step.name] = done.run
        if before is not None:
            ends.append(before)
    table = {"run": str(out), "preset": recipe.preset, "test_faces": measured["count"], "results": results}
    if len(ends) < 2:
        return table
    return table | ranks.agreed(lambda: _fused(ends, out, recipe=recipe, labelled=labelled, test=test))


def _claim(out: Path, content: dict[str, Any]) -> None:
    """Say in `out` which steps there are; raise WrongUse where it holds something else."""
    path = out / SCHEDULE_FILE
    if path.exists():
        try:
            earlier = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise BadInputFile(path, "cannot be read", "give another --out, or delete it") from None
        if earlier != content:
            raise WrongUse(f"{out} holds a run of {earlier.get('preset')} with other steps; give another folder")
        return
    if out.is_dir() and not path.exists() and any(not child.name.startswith(".") for child in out.iterdir()):
        raise WrongUse(f"{out} is not empty and holds no run of this preset; give another folder")
    if out.exists() and not out.is_dir():
        raise WrongUse(f"{out} is a file; give a folder to write the run to")
    write_json(path, content)


def _run_step(
    step: Step,
    folder: Path,
    *,
    start: Path | None,
    labelled: Sequence[Path],
    pairs: Path | None,
    minutes: float | None,
) -> StageResult:
    recipe = _cut(step.recipe, minutes)
    chosen = step.chosen(labelled)
    if step.stage == "pretrain":
        return pretrain(chosen, folder, recipe=recipe, start=start)
    if start is None or pairs is None:
        raise WrongUse(f"step '{step.name}' learns from pairs: it needs --pairs and a step before it")
    return finetune(start, folder, pairs=pairs, labelled=chosen, recipe=recipe)


def _can_do_without(step: Step, steps: Sequence[Step], runs: Mapping[str, Path]) -> bool:
    """Say whether a schedule goes on where `step` failed: a run that only a soup is made of, or a soup of one run."""
    if step.of:
        return sum(name in runs for name in step.of) == 1
    is_begun_with = any(step.name == other.begins_with for other in steps)
    return any(step.name in other.of for other in steps) and not is_begun_with


def _mix(
    step: Step, folder: Path, runs: Mapping[str, Path], *, labelled: Sequence[Path], pairs: Path | None
) -> StageResult:
    """Make a soup of those of its steps that came to their end; raise DataFailed where that is one."""
    left = [name for name in step.of if name in runs]
    if len(left) < 2:
        raise DataFailed(f"a soup of {' and '.join(step.of)}, of which only {' and '.join(left) or 'none'} is left")
    shares = [share for name, share in zip(step.of, step.shares, strict=False) if name in runs]
    return soup(
        [runs[name] for name in left],
        folder,
        labelled=labelled,
        pairs=pairs,
        shares=shares,
        choose_within=step.choose_within,
    )


def _cut(recipe: Recipe, minutes: float | None) -> Recipe:
    if minutes is None:
        return recipe
    return replace(
        recipe,
        pretrain=replace(recipe.pretrain, max_minutes=minutes),
        finetune=replace(recipe.finetune, max_minutes=minutes),
    )


def _fused(ends: Sequence[Path], out: Path, *, recipe: Recipe, labelled: Sequence[Path], test: Path) -> dict[str, Any]:
    """Return what the members say together of the test faces; a word where they cannot be fused yet."""
    if importlib.util.find_spec("train.fusion") is None:
        return {"fused": None, "note": "the members stand alone: this version has no train.fusion"}
    fuse = importlib.import_module("train.fusion.fuse").fuse_runs
    path: Path = fuse(list(ends), list(labelled), out / FUSED, recipe.fusion)
    measured = evaluate(path, test, redo=False)
    return {"fused": {name: measured[name] for name in SHOWN}}
