"""A whole system: pre-training, pairs, and what each of them is worth on unseen faces."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from train.data import labelled_faces, open_datasets
from train.evaluate import evaluate
from train.presets import Recipe
from train.stages.finetune import finetune
from train.stages.pretrain import pretrain

PRETRAIN_SHARE, FINETUNE_SHARE = 0.65, 0.25
"""Shares of a budget of minutes; the rest is for the two evaluations."""

SHOWN = ("mae", "cs5", "median_error", "bias", "coverage90")


def run_system(
    out: Path,
    *,
    recipe: Recipe,
    labelled: Sequence[Path],
    pairs: Path,
    test: Path,
    max_minutes: float | None = None,
) -> dict[str, Any]:
    """Pre-train, evaluate, fine-tune and evaluate in `out`/pretrain and `out`/finetune; return the table.

    Goes on after a kill and skips what is done. `max_minutes` cuts the steps of both stages to fit.
    """
    if max_minutes is not None:
        recipe = replace(
            recipe,
            pretrain=replace(recipe.pretrain, max_minutes=max_minutes * PRETRAIN_SHARE),
            finetune=replace(recipe.finetune, max_minutes=max_minutes * FINETUNE_SHARE),
        )
    # A test folder or a pairs folder that cannot be used is told now, not after an hour.
    datasets = open_datasets([test, pairs, *labelled])
    labelled_faces(datasets[:1], "test", input_size=recipe.net.input_size)
    first = pretrain(labelled, out / "pretrain", recipe=recipe)
    before = evaluate(first.run, test, redo=False)
    second = finetune(first.run, out / "finetune", pairs=pairs, labelled=labelled, recipe=recipe)
    after = evaluate(second.run, test, redo=False)
    return {
        "run": str(out),
        "preset": recipe.preset,
        "test_faces": after["count"],
        "before": {name: before[name] for name in SHOWN},
        "after": {name: after[name] for name in SHOWN},
        "steps": {"pretrain": first.steps, "finetune": second.steps},
        "seconds": {"pretrain": first.seconds, "finetune": second.seconds},
    }
