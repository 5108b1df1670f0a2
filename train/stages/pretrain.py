"""`train pretrain`, as a function: labelled folders in, a run folder out."""

import logging
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import nn

from dataset.store import Dataset
from train.checkpoint import (
    check_same_net,
    find_checkpoint,
    fresh_net,
    load_checkpoint,
    restore_net,
    weights_sha256,
)
from train.data import check_recipe, crop_recipe, identity_of, labelled_faces, open_datasets
from train.devices import choose_machine, repeatable
from train.presets import Recipe
from train.run_folder import open_run
from train.stages.pretraining import Pretraining
from train.stages.running import StageResult, finished_before, run_notes, run_stage

_LOG = logging.getLogger("train")


def pretrain(labelled: Sequence[Path], out: Path, *, recipe: Recipe, start: Path | None = None) -> StageResult:
    """Learn ages from the faces with an age in the `labelled` dataset folders; fill the run folder `out`.

    The net begins with the weights of the run `start`, else with those of the file `recipe.net.weights`, else anew.
    Goes on where a killed run was; does nothing where `out` is finished. Raises WrongUse, BadInputFile or NothingToDo
    for what was asked, CheckpointMismatch where `start` holds another net, DataFailed where training went astray.
    """
    datasets = open_datasets(labelled)
    net, begun = _first_net(recipe, start, datasets[0])
    notes = run_notes(
        "pretrain",
        preset=recipe.preset,
        net=asdict(recipe.net),
        augment=asdict(recipe.augment),
        settings=asdict(recipe.pretrain),
        data={"labelled": [identity_of(dataset) for dataset in datasets]},
        **begun,
    )
    held_out = labelled_faces(datasets, "val", input_size=recipe.net.input_size)
    machine = choose_machine(recipe.net.precision, compile_mode=recipe.net.compile)
    opened = machine.ranks.in_turn(lambda: open_run(out, notes))
    if done := finished_before(opened):
        return done
    if begun["begins_with"] == "fresh weights" and recipe.expects_weights:
        _LOG.info(
            "%s begins with %s; none were given (--set net.weights=FILE), so it starts from scratch",
            recipe.preset,
            recipe.expects_weights,
        )
    faces = labelled_faces(datasets, "train", input_size=recipe.net.input_size)
    with repeatable():
        stage = Pretraining(
            faces,
            held_out,
            settings=recipe.pretrain,
            augmentation=recipe.augment,
            bins=recipe.net.bins,
            machine=machine,
        )
        return run_stage(
            stage,
            net,
            opened,
            net_settings=recipe.net,
            crop=crop_recipe(datasets[0]),
            held_out=held_out,
            earlier_scale=None,
            wanted_steps=max(1, math.ceil(recipe.pretrain.epochs * len(faces) / stage.images_per_step)),
            machine=machine,
        )


def _first_net(recipe: Recipe, start: Path | None, dataset: Dataset) -> tuple[nn.Module, dict[str, Any]]:
    """Return the net before its first step, and what settings.json says of where its weights are from."""
    if start is not None:
        path = find_checkpoint(start)
        checkpoint = load_checkpoint(path)
        check_same_net(path, checkpoint, recipe.net)
        check_recipe(dataset, checkpoint.crop)
        known = {"folder": str(path), "weights_sha256": weights_sha256(checkpoint.answer)}
        return restore_net(path, checkpoint), {"begins_with": "another run", "start": known}
    net = fresh_net(recipe.net, seed=recipe.pretrain.seed)
    if not recipe.net.weights:
        return net, {"begins_with": "fresh weights"}
    from train.weights_file import load_weights

    loaded = load_weights(net, Path(recipe.net.weights), names=recipe.net.weights_layout)
    _LOG.info("%s: %d tensors taken, %d left", recipe.net.weights, len(loaded.taken), len(loaded.left))
    known = {"folder": recipe.net.weights, "weights_sha256": loaded.sha256}
    return net, {"begins_with": "a file of weights", "start": known, "tensors_taken": list(loaded.taken)}
