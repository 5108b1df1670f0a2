"""A whole system: pre-training, pairs, and what each of them is worth on unseen faces."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agegap.errors import WrongUse
from train.data import check_held_out_pairs, check_labelled, open_datasets
from train.distributed import join_ranks
from train.evaluation.evaluate import evaluate
from train.geometric.system import run_geometric
from train.presets import Recipe
from train.stages.finetune import finetune
from train.stages.pretrain import pretrain
from train.stages.schedule import SHOWN, run_schedule

PRETRAIN_SHARE, FINETUNE_SHARE = 0.65, 0.25
"""Shares of a budget of minutes; the rest is for the two evaluations."""


def run_system(
    out: Path,
    *,
    recipe: Recipe,
    labelled: Sequence[Path],
    pairs: Path | None,
    test: Path,
    max_minutes: float | None = None,
) -> dict[str, Any]:
    """Pre-train, evaluate, fine-tune and evaluate in `out`/pretrain and `out`/finetune; return the table.

    A preset with a schedule runs its steps instead (train/stages/schedule.py). Goes on after a kill and skips what is
    done. `max_minutes` cuts the steps to fit. Raises WrongUse where the preset learns from pairs and none are given.
    """
    if recipe.needs_pairs and pairs is None:
        raise WrongUse(f"{recipe.preset} learns from pairs: name their dataset folder with --pairs")
    # A folder that cannot be used is told now, not after an hour.
    datasets = open_datasets([test, *([pairs] if pairs else []), *labelled])
    check_labelled(datasets[:1], "test")
    if pairs and any(step.choose_within is not None for step in recipe.steps):
        check_held_out_pairs(datasets[1], needed_to=" to choose a soup by")
    if recipe.geometric is not None:
        return run_geometric(out, recipe=recipe, labelled=labelled, test=test)
    if recipe.steps or pairs is None:
        return run_schedule(out, recipe=recipe, labelled=labelled, pairs=pairs, test=test, max_minutes=max_minutes)
    if max_minutes is not None:
        recipe = replace(
            recipe,
            pretrain=replace(recipe.pretrain, max_minutes=max_minutes * PRETRAIN_SHARE),
            finetune=replace(recipe.finetune, max_minutes=max_minutes * FINETUNE_SHARE),
        )
    first = pretrain(labelled, out / "pretrain", recipe=recipe)
    # Of several processes one measures, the others read what it wrote.
    ranks = join_ranks()
    before = ranks.in_turn(lambda: evaluate(first.run, test, redo=False))
    second = finetune(first.run, out / "finetune", pairs=pairs, labelled=labelled, recipe=recipe)
    after = ranks.in_turn(lambda: evaluate(second.run, test, redo=False))
    return {
        "run": str(out),
        "preset": recipe.preset,
        "test_faces": after["count"],
        "before": {name: before[name] for name in SHOWN},
        "after": {name: after[name] for name in SHOWN},
        "steps": {"pretrain": first.steps, "finetune": second.steps},
        "seconds": {"pretrain": first.seconds, "finetune": second.seconds},
    }
