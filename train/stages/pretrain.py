"""`train pretrain`, as a function: labelled folders in, a run folder out."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from train.checkpoint import fresh_net
from train.data import crop_recipe, identity_of, labelled_faces, open_datasets
from train.devices import choose_machine, repeatable
from train.presets import Recipe
from train.run_folder import open_run
from train.stages.pretraining import Pretraining
from train.stages.running import StageResult, finished_before, run_notes, run_stage


def pretrain(labelled: Sequence[Path], out: Path, *, recipe: Recipe) -> StageResult:
    """Learn ages from the faces with an age in the `labelled` dataset folders; fill the run folder `out`.

    Goes on where a killed run was; does nothing where `out` is finished. Raises WrongUse, BadInputFile or NothingToDo
    for what was asked, DataFailed where training went astray.
    """
    datasets = open_datasets(labelled)
    notes = run_notes(
        "pretrain",
        preset=recipe.preset,
        net=asdict(recipe.net),
        augment=asdict(recipe.augment),
        settings=asdict(recipe.pretrain),
        data={"labelled": [identity_of(dataset) for dataset in datasets]},
    )
    net = fresh_net(recipe.net, seed=recipe.pretrain.seed)
    held_out = labelled_faces(datasets, "val", input_size=recipe.net.input_size)
    opened = open_run(out, notes)
    if done := finished_before(opened):
        return done
    faces = labelled_faces(datasets, "train", input_size=recipe.net.input_size)
    with repeatable():
        stage = Pretraining(faces, held_out, settings=recipe.pretrain, augmentation=recipe.augment)
        return run_stage(
            stage,
            net,
            opened,
            net_settings=recipe.net,
            crop=crop_recipe(datasets[0]),
            held_out=held_out,
            earlier_scale=None,
            wanted_steps=max(1, math.ceil(recipe.pretrain.epochs * len(faces) / stage.images_per_step)),
            machine=choose_machine(recipe.net.precision),
        )
