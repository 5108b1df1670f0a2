"""`train clean-labels`, as a function: what is said of the faces, which labels are doubted, the list of them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agegap.errors import WrongUse
from dataset.store import Dataset, open_dataset
from train.cleaning.folds import out_of_fold
from train.cleaning.planted import plant
from train.cleaning.rejects import Fix, rejects_of, write_rejects
from train.cleaning.rules import THRESHOLDS, RuleName, doubts
from train.cleaning.sheet import write_sheet
from train.crops import join, part_of
from train.data import check_recipe
from train.evaluation.evaluate import labelled_rows
from train.presets import Recipe

_LOG = logging.getLogger("train")


@dataclass(frozen=True)
class CleanOrder:
    """What is asked: a dataset folder, and whom to ask about its labels."""

    data: Path
    runs: tuple[Path, ...] = ()
    """Models that did not learn from the folder; none = nets of its own folds."""
    recipe: Recipe | None = None
    folds: int = 0
    work: Path | None = None
    """Where the nets of the folds are trained."""
    rule: RuleName = "agenet"
    threshold: float | None = None
    fix: Fix = "drop"
    split: str = "all"


def clean_labels(order: CleanOrder, out: Path, *, html: Path | None = None) -> dict[str, Any]:
    """Write the list of doubted faces to `out`, and a page of the worst to `html`; return the tally.

    Raises WrongUse where there are neither models nor folds, or both; NothingToDo where no face has an age.
    """
    if bool(order.runs) == bool(order.folds):
        raise WrongUse("train clean-labels asks either models or nets of its own folds: name RUN, or give --folds 5")
    dataset = open_dataset(order.data)
    rows = labelled_rows(dataset, order.split)
    ages = dataset.faces.age[rows].astype(np.float64)
    if order.runs:
        answers = _asked(order.runs, dataset, rows)
    else:
        if order.recipe is None or order.work is None:
            raise ValueError("folds need a recipe and a folder to work in")
        years = out_of_fold(dataset, rows, recipe=order.recipe, folds=order.folds, work=order.work)
        answers = _Answers(years, years)
    judged = answers.groups if order.rule == "agenet" else answers.years
    found = doubts(order.rule, judged, ages, threshold=order.threshold)
    said = answers.years.astype(np.float64) @ np.arange(answers.years.shape[1])
    rejects = rejects_of(dataset, rows, found, said=said, rule=order.rule, fix=order.fix)
    write_rejects(out, rejects)
    result: dict[str, Any] = {
        "out": str(out),
        "rule": order.rule,
        "threshold": THRESHOLDS[order.rule] if order.threshold is None else order.threshold,
        "faces": len(rows),
        "doubted": len(rejects),
        "mae": float(np.abs(said - ages).mean()),
        "planted": plant(order.rule, judged, ages, threshold=order.threshold).shown(),
    }
    if html is not None:
        write_sheet(html, dataset, rejects, result)
        result["html"] = str(html)
    return result


@dataclass(frozen=True, eq=False)
class _Answers:
    """What is said of N faces: over years (N, 101), and over AgeNet's bins where that is the models' own answer."""

    years: NDArray[np.float32]
    groups: NDArray[np.float32]


def _asked(runs: Sequence[Path], dataset: Dataset, rows: NDArray[np.int64]) -> _Answers:
    """Return the mean of what the models say."""
    from train.model import open_model

    years: list[NDArray[np.float32]] = []
    groups: list[NDArray[np.float32] | None] = []
    for run in runs:
        model = open_model(run)
        check_recipe(dataset, dict(model.crop))
        if _learned_from(model.notes, dataset):
            _LOG.warning("%s learned from %s and knows its labels; use --folds 5 instead", run, dataset.folder)
        crops = join([part_of(dataset.crops, rows, input_size=model.input_size)])
        own, bins = model.native(crops)
        years.append(_in_years(own, bins))
        groups.append(own if bins == "agenet" else None)
    all_groups = [one for one in groups if one is not None]
    return _Answers(_mean(years), _mean(all_groups if len(all_groups) == len(runs) else years))


def _mean(answers: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    mean: NDArray[np.float32] = np.stack(answers).mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def _in_years(own: NDArray[np.float32], bins: str) -> NDArray[np.float32]:
    from train.bins import bins_named, spread

    return spread(own, bins_named(bins)) if bins else own


def _learned_from(notes: dict[str, Any], dataset: Dataset) -> bool:
    labelled = (notes.get("data") or {}).get("labelled") or []
    return any(one.get("manifest_sha256") == dataset.manifest_sha256 for one in labelled if isinstance(one, dict))
