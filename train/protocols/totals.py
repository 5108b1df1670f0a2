"""From the predictions of all folds to one figure: mean and spread over folds, and over people."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataset.store import Dataset
from train.evaluation.measures.people import mean_doubt, people_of, person_means
from train.evaluation.said_table import PREDICTIONS, SaidTable, read_said
from train.run_folder import EVALUATION

RUN = "run"
"""Below the folder of a fold."""

_MEASURES = ("mae", "mae_of_median", "cs5", "bias", "coverage90", "epsilon_error")


def totals(folds: Sequence[Path], dataset: Dataset) -> dict[str, Any]:
    """Return the figures of each fold, their mean and standard deviation, and those over all people tested.

    `folds` are the folders of finished folds of `dataset`, whose subjects count also where a fold hid them.
    """
    if not folds:
        return {}
    each = {place.name: json.loads((place / RUN / EVALUATION).read_text(encoding="utf-8")) for place in folds}
    spread: dict[str, dict[str, float | None]] = {}
    for name in _MEASURES:
        values = [one[name] for one in each.values() if one.get(name) is not None]
        if values:
            sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
            spread[name] = {"mean": float(np.mean(values)), "sd": sd}
    tables = [read_said(place / RUN / PREDICTIONS) for place in folds]
    errors = np.concatenate([np.abs(one.said - one.age) for one in tables])
    people = _people(tables, dataset)
    doubt = mean_doubt(errors, people)
    by_person = person_means(errors, people)
    sd_of_people = float(by_person.std(ddof=1)) if len(by_person) > 1 else None
    return {
        "over_folds": spread,
        "over_people": {
            "people": doubt.people,
            "faces": len(errors),
            "mae": doubt.value,
            "mae_95": [doubt.low, doubt.high],
            "mae_of_a_person": {"mean": float(by_person.mean()), "sd": sd_of_people},
        },
        "groups": _groups(list(each.values())),
        "each_fold": {name: {key: one.get(key) for key in ("count", *_MEASURES)} for name, one in each.items()},
    }


def _people(tables: Sequence[SaidTable], dataset: Dataset) -> NDArray[np.int64]:
    """Return the person of each tested face, by the folder the folds were made from; of nobody: the photo itself."""
    faces = dataset.faces
    row_of = {number: row for row, number in enumerate(faces.face_id.tolist())}
    rows = np.array([row_of[number] for one in tables for number in one.face_id.tolist()], dtype=np.int64)
    of_row = people_of(faces.subject)
    return of_row[rows]


def _groups(measured: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, dict[str, float]]]:
    """Return mean exact and one-off shares over the folds, by groups and by how the net is read."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name in measured[0].get("groups") or {}:
        scores = [one["groups"][name] for one in measured if one["groups"].get(name)]
        if len(scores) == len(measured):
            found[name] = {
                way: {kind: float(np.mean([one[way][kind] for one in scores])) for kind in ("exact", "one_off")}
                for way in ("expected", "nearest", "native")
            }
    return found
