"""`train finetune`, as a function: a trained net, pairs and labelled folders in, a run folder out."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from agegap.errors import NothingToDo, WrongUse
from dataset.store import Dataset
from train.checkpoint import check_same_net, find_checkpoint, load_checkpoint, restore_net, weights_sha256
from train.data import LabelledFaces, check_recipe, face_pairs, identity_of, labelled_faces, open_datasets
from train.devices import choose_machine, place, repeatable
from train.presets import Recipe
from train.run_folder import open_run
from train.settings import FinetuneSettings
from train.stages.finetuning import FinetuneData, Finetuning
from train.stages.running import StageResult, finished_before, run_notes, run_stage


def finetune(start: Path, out: Path, *, pairs: Path, labelled: Sequence[Path], recipe: Recipe) -> StageResult:
    """Learn from the pairs of the dataset folder `pairs`, beside the `labelled` folders; fill the run folder `out`.

    `start` is a run folder or a checkpoint; ages of the `pairs` folder are never read. Goes on where a killed run
    was; does nothing where `out` is finished. Raises CheckpointMismatch when the recipe's net is not that of
    `start`, WrongUse, BadInputFile or NothingToDo for what was asked, DataFailed when the answers collapse.
    """
    settings = recipe.finetune
    checkpoint_path = find_checkpoint(start)
    checkpoint = load_checkpoint(checkpoint_path)
    check_same_net(checkpoint_path, checkpoint, recipe.net)
    if checkpoint.net.bins:
        raise WrongUse(
            f"{start} says age groups ({checkpoint.net.bins}), and K is in years; pre-train a net with net.bins="
        )
    if not labelled and (settings.replay_per_batch or not settings.use_pairs):
        raise WrongUse("finetune replays labelled faces: name their folder with --labelled, or set replay_per_batch=0")
    if not settings.use_pairs and not settings.replay_per_batch:
        raise WrongUse("finetune without pairs and without replay has nothing to learn; set replay_per_batch above 0")
    if settings.use_pairs and not settings.pairs_per_batch and not settings.timeline_per_batch:
        raise WrongUse("finetune learns nothing from the pairs; set pairs_per_batch or timeline_per_batch above 0")
    folders = open_datasets([pairs, *labelled])
    for dataset in folders:
        check_recipe(dataset, checkpoint.crop)
    notes = run_notes(
        "finetune",
        preset=recipe.preset,
        net=asdict(recipe.net),
        augment=asdict(recipe.augment),
        settings=asdict(settings),
        data={"pairs": identity_of(folders[0]), "labelled": [identity_of(dataset) for dataset in folders[1:]]},
        start={"folder": str(checkpoint_path), "weights_sha256": weights_sha256(checkpoint.answer)},
    )
    net = restore_net(checkpoint_path, checkpoint)
    machine = choose_machine(recipe.net.precision, compile_mode=recipe.net.compile)
    opened = machine.ranks.in_turn(lambda: open_run(out, notes))
    if done := finished_before(opened):
        return done
    data = _read(folders[0], folders[1:], settings, input_size=recipe.net.input_size)
    with repeatable():
        stage = Finetuning(data, place(net, machine), settings=settings, augmentation=recipe.augment, machine=machine)
        return run_stage(
            stage,
            net,
            opened,
            net_settings=recipe.net,
            crop=checkpoint.crop,
            held_out=data.held_out,
            earlier_scale=checkpoint.interval_scale,
            wanted_steps=settings.steps,
            machine=machine,
            held_out_pairs=data.held_out_pairs if settings.use_pairs else None,
        )


def _read(pairs: Dataset, labelled: Sequence[Dataset], settings: FinetuneSettings, *, input_size: int) -> FinetuneData:
    replay: LabelledFaces | None = None
    held_out: LabelledFaces | None = None
    if labelled:
        held_out = labelled_faces(labelled, "val", input_size=input_size)
        replay = labelled_faces(labelled, "train", input_size=input_size) if settings.replay_per_batch else None
    train_pairs = face_pairs(pairs, "train", input_size=input_size, k_max=settings.k_max)
    if settings.use_pairs and not len(train_pairs):
        raise NothingToDo(
            pairs.folder,
            f"no pair with K up to {settings.k_max} in split 'train'",
            "run `curate build-pairs` and export again with a share for train",
        )
    return FinetuneData(
        pairs=train_pairs,
        held_out_pairs=face_pairs(pairs, "val", input_size=input_size, k_max=settings.k_max),
        replay=replay,
        held_out=held_out,
    )
