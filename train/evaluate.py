"""Measure a trained net on labelled faces it has never seen."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from agegap.files import write_json
from train.calibration import said_ages
from train.checkpoint import Checkpoint, find_checkpoint, load_checkpoint, restore_net, weights_sha256
from train.data import check_recipe, identity_of, labelled_faces, open_datasets
from train.devices import choose_machine, place, repeatable
from train.inference import distributions
from train.metrics import evaluate_ages, mae
from train.plots.ages import draw_ages
from train.run_folder import EVALUATION, PLOTS


@dataclass(frozen=True)
class TrainedNet:
    """A net ready to answer, and the checkpoint it is from."""

    path: Path
    checkpoint: Checkpoint
    net: nn.Module


def open_net(run: Path) -> TrainedNet:
    """Load the net of a run folder or checkpoint; raises BadInputFile or CheckpointMismatch."""
    path = find_checkpoint(run)
    checkpoint = load_checkpoint(path)
    return TrainedNet(path, checkpoint, restore_net(path, checkpoint))


def evaluate(run: Path, test: Path, *, split: str = "test", redo: bool = True) -> dict[str, Any]:
    """Measure a run on the faces with an age of one split ("all": every split) of the dataset folder `test`.

    Mirror images are averaged. Writes evaluation.json and two plots beside the checkpoint and returns the content;
    with `redo` false an evaluation.json of these very weights and faces is returned as it is.
    """
    trained = open_net(run)
    dataset = open_datasets([test])[0]
    check_recipe(dataset, trained.checkpoint.crop)
    folder = trained.path.parent
    of_what = {
        "weights_sha256": weights_sha256(trained.checkpoint.answer),
        "test": identity_of(dataset),
        "split": split,
    }
    earlier = _read(folder / EVALUATION)
    if not redo and earlier and all(earlier.get(key) == value for key, value in of_what.items()):
        return earlier
    faces = labelled_faces([dataset], split, input_size=trained.checkpoint.net.input_size)
    machine = choose_machine(trained.checkpoint.net.precision)
    with repeatable():
        shares = distributions(place(trained.net, machine), faces.crops, machine=machine)
    said = said_ages(shares, scale=trained.checkpoint.interval_scale)
    metrics = evaluate_ages(faces.ages, said.age, said.low, said.high)
    content = {
        **of_what,
        "run": str(folder),
        "stage": trained.checkpoint.stage,
        "step": trained.checkpoint.step,
        **metrics,
        "mae_of_median": mae(faces.ages, said.median),
        "mean_interval_width": float((said.high - said.low).mean()),
    }
    draw_ages(folder / PLOTS, faces.ages, said.age, metrics=metrics, title=f"{folder.name} on {test.name}")
    write_json(folder / EVALUATION, content)
    return content


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
