"""Measure a trained model on labelled faces it has never seen."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from agegap.errors import NothingToDo
from agegap.files import write_json
from dataset.store import Dataset
from train.bins import bins_named, spread
from train.checkpoint import Checkpoint, find_checkpoint, load_checkpoint, restore_net
from train.data import check_recipe, identity_of, labelled_faces, open_datasets
from train.evaluation.calibration import said_ages
from train.evaluation.card import write_card
from train.evaluation.measures.groups import Groups
from train.evaluation.measures.whole import measure_table
from train.evaluation.said_table import PREDICTIONS, SaidTable, write_said
from train.plots.ages import draw_ages
from train.report.page import write_report
from train.run_folder import EVALUATION, PLOTS

if TYPE_CHECKING:
    from train.model import Model

Shares = NDArray[np.float32]


@dataclass(frozen=True)
class TrainedNet:
    """A net ready to answer, and the checkpoint it is from."""

    path: Path
    checkpoint: Checkpoint
    net: nn.Module


@dataclass(frozen=True, eq=False)
class SaidFaces:
    """What a model said of the faces of a split: the table that is kept, and what is measured beside it."""

    table: SaidTable
    shares: Shares
    """The distributions over years at full precision, (N, C)."""
    native: Groups | None
    """The group chosen by a net whose classes are groups; None where they are years."""
    native_bins: str
    rated_std: NDArray[np.float32] | None
    """By how many years the votes on each age spread; None where nobody voted."""


def open_net(run: Path) -> TrainedNet:
    """Load the net of a run folder or checkpoint; raises BadInputFile or CheckpointMismatch."""
    path = find_checkpoint(run)
    checkpoint = load_checkpoint(path)
    return TrainedNet(path, checkpoint, restore_net(path, checkpoint))


def evaluate(run: Path, test: Path, *, split: str = "test", redo: bool = True) -> dict[str, Any]:
    """Measure a run on the faces with an age of one split ("all": every split) of the dataset folder `test`.

    Mirror images are averaged. Writes evaluation.json, predictions.parquet, report.html, MODEL_CARD.md and two plots
    beside the checkpoint and returns the content of the first; with `redo` false an evaluation.json of these very
    weights and faces is returned as it is.
    """
    from train.model import open_model

    model = open_model(run)
    dataset = open_datasets([test])[0]
    check_recipe(dataset, model.crop)
    folder = model.path if model.path.is_dir() else model.path.parent
    of_what = {"weights_sha256": model.weights_sha256, "test": identity_of(dataset), "split": split}
    earlier = _read(folder / EVALUATION)
    if not redo and earlier and all(earlier.get(key) == value for key, value in of_what.items()):
        return earlier
    said = say_faces(model, dataset, split)
    content = {
        **of_what,
        "run": str(folder),
        "model": model.name,
        "stage": model.stage,
        "step": getattr(getattr(model, "checkpoint", None), "step", None),
        "interval_scale": model.interval_scale,
        **measure_table(
            said.table,
            said.shares,
            scale=model.interval_scale,
            native=said.native,
            native_bins=said.native_bins,
            rated_std=said.rated_std,
        ),
    }
    title = f"{folder.name} on {test.name}"
    draw_ages(
        folder / PLOTS,
        said.table.age.astype(np.float32),
        said.table.said,
        count=content["count"],
        mae=content["mae"],
        per_decade=content["per_decade"],
        title=title,
    )
    about = {"weights_sha256": model.weights_sha256, "manifest_sha256": dataset.manifest_sha256, "split": split}
    write_said(folder / PREDICTIONS, said.table, about=about)
    # Last of what is measured: a reader of it finds the table that belongs to it.
    write_json(folder / EVALUATION, content)
    write_card(folder, model)
    write_report(folder)
    return content


def say_faces(model: "Model", dataset: Dataset, split: str) -> SaidFaces:
    """Return what `model` says of the faces with an age of one split; raise NothingToDo where there is none."""
    faces = labelled_faces([dataset], split, input_size=model.input_size)
    rows = labelled_rows(dataset, split)
    own, bins = model.native(faces.crops)
    shares = spread(own, bins_named(bins)) if bins else own
    said = said_ages(shares, scale=model.interval_scale)
    index = dataset.faces
    names = index.subject_names
    table = SaidTable(
        face_id=index.face_id[rows],
        site=tuple(index.site[row] for row in rows),
        site_id=tuple(index.site_id[row] for row in rows),
        subject=tuple(names[code] if code >= 0 else None for code in index.subject[rows]),
        age=index.age[rows].astype(np.float64),
        said=said.age,
        median=said.median,
        likeliest=shares.argmax(axis=1).astype(np.float64),
        low=said.low,
        high=said.high,
        shares=shares.astype(np.float16),
    )
    return SaidFaces(table, shares, own.argmax(axis=1).astype(np.int64) if bins else None, bins, faces.stds)


def labelled_rows(dataset: Dataset, split: str) -> NDArray[np.int64]:
    """Return the rows of the faces with an age of one split ("all": every split), in the order of the folder."""
    from dataset.splits import SPLITS

    is_here = np.ones(len(dataset.faces), bool) if split == "all" else dataset.faces.split == SPLITS[split]
    rows = np.flatnonzero(is_here & np.isfinite(dataset.faces.age)).astype(np.int64)
    if not len(rows):
        raise NothingToDo(dataset.folder, f"no face with an age in split '{split}'", "name another split with --split")
    return rows


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
