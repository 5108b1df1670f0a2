"""`train soup`, as a function: several fine-tunings of one net in, the run folder of the mean of their weights out.

Fine-tunings of one net end in one basin of the loss, so the mean of their weights is a net again, and answers about as
their ensemble does at the cost of one (Wortsman et al. 2022, Model soups, arXiv:2203.05482: the uniform soup). What
pulls them to opposite sides, such as the biases of the timelines and of the pair losses, cancels. A small share of a
run that forgot the labelled set brings much of what it learned and little of what it forgot (Wortsman et al. 2022,
Robust fine-tuning of zero-shot models, arXiv:2109.01903). Nets that began with other weights have no such mean.
Statistics of batch normalisation are averaged as the weights are.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from agegap.errors import CheckpointMismatch, WrongUse
from dataset.store import Dataset
from train.checkpoint import (
    Checkpoint,
    check_same_net,
    find_checkpoint,
    load_checkpoint,
    restore_net,
    save_checkpoint,
    weights_sha256,
)
from train.data import (
    check_held_out_pairs,
    check_recipe,
    held_out_pairs,
    identity_of,
    labelled_faces,
    open_datasets,
)
from train.devices import choose_machine, place, repeatable
from train.plots.curves import draw_curves
from train.run_folder import code_version, data_of, open_run, preset_of
from train.stages.intervals import measured_scale
from train.stages.mixing import candidates, choose, first_parts, mean_of, parts_of
from train.stages.running import StageResult, finished_before, result_of

STAGE = "soup"


@dataclass(frozen=True)
class _Ingredient:
    """A finished run, and the hash of the weights it began with ("" for a net that was trained from nothing)."""

    path: Path
    checkpoint: Checkpoint
    sha256: str
    start: str


def soup(
    runs: Sequence[Path],
    out: Path,
    *,
    labelled: Sequence[Path],
    pairs: Path | None = None,
    shares: Sequence[float] = (),
    choose_within: float | None = None,
) -> StageResult:
    """Write the net with the mean of the weights of `runs` to the run folder `out`.

    `shares` say how much each run counts beside the others, (3, 1) for instance; without them all count the same. With
    `choose_within` the part of the first is chosen on the held-out pairs of `pairs` (train/stages/mixing.py), and the
    soup loses at most so many years to that run on the labelled faces. Its 90 % interval is measured on the validation
    split of the `labelled` folders, moved to the photos of the held-out pairs of `pairs` where given.

    The net that the runs began with may be one of them. Raises WrongUse where there are fewer than two runs, one is
    unfinished or there twice, or they began with other weights; CheckpointMismatch where they are of other nets;
    NothingToDo where there are no held-out pairs to choose by; BadInputFile for a folder that holds no run.
    """
    if len(runs) < 2:
        raise WrongUse("a soup is the mean of two runs or more; name their folders")
    if not labelled:
        raise WrongUse("the interval of a soup is measured on labelled faces: name their folder with --labelled")
    parts = None if choose_within is not None else parts_of(shares, len(runs))
    if choose_within is not None and (shares or pairs is None):
        raise WrongUse("shares are given or chosen on held-out pairs: name --pairs, and leave --share out")
    taken = [_ingredient(run) for run in runs]
    start = _check_alike(taken)
    folders = open_datasets([*labelled, *([pairs] if pairs else [])])
    first = taken[0].checkpoint
    for dataset in folders:
        check_recipe(dataset, first.crop)
    if choose_within is not None:
        check_held_out_pairs(folders[-1], needed_to=" to choose a soup by")
    mixing: dict[str, Any] = {"shares": parts} if parts else {"choose_within": choose_within}
    opened = open_run(out, _notes(taken, mixing, start, folders))
    if done := finished_before(opened):
        return done
    clock = time.monotonic()
    steps = sum(one.checkpoint.step for one in taken)
    answers = [one.checkpoint.answer for one in taken]
    machine = choose_machine(first.net.precision)
    faces = labelled_faces(folders[: len(labelled)], "val", input_size=first.net.input_size)
    held_out = held_out_pairs(folders[-1], input_size=first.net.input_size) if pairs else None
    with repeatable():
        net = place(restore_net(taken[0].path, first), machine)
        tries = [parts] if parts else first_parts(len(taken))
        found = candidates(net, answers, tries, faces, held_out, machine=machine, bins=first.net.bins)
        chosen = found[0] if choose_within is None else choose(found, most_lost=choose_within)
        answer = mean_of(answers, chosen.parts)
        net.load_state_dict(answer)
        scale = measured_scale(net, faces, held_out, machine=machine, bins=first.net.bins)
    for one in found if choose_within is not None else []:
        opened.folder.append({"kind": "candidate", "step": steps, "parts": one.parts, **one.measures})
    opened.folder.append({"kind": "validation", "step": steps, **chosen.measures})
    opened.notes["parts"] = chosen.parts
    opened.folder.write_notes(opened.notes)
    draw_curves(opened.folder)
    final = Checkpoint(
        stage=STAGE,
        net=first.net,
        crop=first.crop,
        notes=opened.notes,
        step=steps,
        steps=steps,
        is_finished=True,
        answer=answer,
        interval_scale=scale,
    )
    save_checkpoint(opened.folder.checkpoint, final)
    return result_of(opened, final, seconds=time.monotonic() - clock, was_finished=False)


def _ingredient(run: Path) -> _Ingredient:
    path = find_checkpoint(run)
    checkpoint = load_checkpoint(path)
    if not checkpoint.is_finished:
        raise WrongUse(f"{run} is at step {checkpoint.step} of {checkpoint.steps}; finish it by its own command first")
    start = (checkpoint.notes.get("start") or {}).get("weights_sha256", "")
    return _Ingredient(path, checkpoint, weights_sha256(checkpoint.answer), start)


def _check_alike(taken: Sequence[_Ingredient]) -> str:
    """Return the hash of the weights that all began with; raise where a mean of the weights would be no net."""
    first = taken[0].checkpoint
    for number, one in enumerate(taken):
        check_same_net(one.path, one.checkpoint, first.net)
        if one.checkpoint.net.input_size != first.net.input_size:
            sizes = [f"crops of {size} pixels" for size in (first.net.input_size, one.checkpoint.net.input_size)]
            raise CheckpointMismatch(one.path, *sizes)
        if one.checkpoint.crop != first.crop:
            raise WrongUse(f"{one.path} learned from crops that are cut otherwise than those of {taken[0].path}")
        for other in taken[:number]:
            if one.sha256 == other.sha256:
                raise WrongUse(f"{other.path} and {one.path} hold the same weights; name each net once")
    starts = [one.start for one in taken]
    # A run may be the one that another began with; then it counts as begun there.
    common = next((start for start in starts if start and all(start in (one.start, one.sha256) for one in taken)), "")
    if not common:
        raise WrongUse(
            f"{', '.join(str(one.path) for one in taken)} did not all begin with the same weights, and only such runs"
            " have a mean; fine-tune one net several times, or `train fuse` them"
        )
    return common


def _notes(
    taken: Sequence[_Ingredient], mixing: Mapping[str, Any], start: str, folders: Sequence[Dataset]
) -> dict[str, Any]:
    """Return the content of settings.json; its data are those of all runs, whose licences bind their mean too."""
    notes = [one.checkpoint.notes for one in taken]
    interval = [identity_of(dataset) for dataset in folders]
    return {
        "stage": STAGE,
        "preset": preset_of(notes) or "",
        "net": asdict(taken[0].checkpoint.net),
        "data": {**data_of(notes), "interval": interval},
        "start": {"folder": _folder_of(start, taken), "weights_sha256": start},
        "members": [{"folder": str(one.path), "weights_sha256": one.sha256} for one in taken],
        "mixing": dict(mixing),
        **code_version(),
        "torch": str(torch.__version__),
    }


def _folder_of(start: str, taken: Sequence[_Ingredient]) -> str:
    """Return where the net is that all began with, as far as the runs know."""
    there = [str(one.path) for one in taken if one.sha256 == start]
    return [*there, *(str(one.checkpoint.notes["start"].get("folder", "")) for one in taken if one.start == start)][0]
