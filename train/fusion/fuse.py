"""`train fuse`, as a function: trained models in, one that answers for all of them out.

OUT/fusion.json and, for "features", OUT/layer.npz are the model; OUT/settings.json says where it came from;
OUT/saved/ keeps what the members said of the validation faces and may be deleted.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agegap.errors import NothingToDo, WrongUse
from agegap.files import remove_parts, write_json
from dataset.store import Dataset
from train.data import check_recipe, identity_of, open_datasets
from train.evaluation.calibration import interval_scale
from train.evaluation.evaluate import labelled_rows
from train.fusion.combining import Answers, Combiner, fit_measured, method_named
from train.fusion.members import open_members
from train.fusion.mixing import mean_ages, mixture
from train.fusion.recipe import (
    FILE,
    FORMAT,
    LAYER,
    VERSION,
    MemberNote,
    combined_sha256,
    read_recipe,
    relative,
    write_layer,
)
from train.fusion.saved import FOLDER as SAVED
from train.fusion.saved import Said, ask
from train.run_folder import SETTINGS, code_version, data_of, preset_of

if TYPE_CHECKING:
    from train.model import Model


def fuse_runs(
    runs: Sequence[Path], val: Sequence[Path], out: Path, method: str = "learned", *, split: str = "val"
) -> Path:
    """Fuse the models of `runs` into the folder `out`, with what a method learns from faces of `val`; return `out`.

    Only the faces with an age of split `split` are read, which no member may have learned from. The interval, and
    for methods that learn the error told, are measured on people the method was not fitted to. Does nothing where
    `out` holds this very ensemble. Raises WrongUse where a model is named twice, crops differ or `out` is taken.
    """
    chosen = method_named(method)
    if not runs or not val:
        raise WrongUse("train fuse needs at least one model and a dataset folder: name them as RUN and with --val")
    _check_free(out)
    members = open_members(runs)
    given = open_datasets(val)
    for dataset in given:
        check_recipe(dataset, dict(members[0].crop))
    # One of several folders may have no such split; where none has one, the first says so.
    datasets = [dataset for dataset in given if _has_faces(dataset, split)] or given
    asked = {
        "method": chosen,
        "split": split,
        "val": [dataset.manifest_sha256 for dataset in datasets],
        "members": [one.weights_sha256 for one in members],
    }
    if (out / FILE).exists() and read_recipe(out).get("asked") == asked:
        _move_members(out, members)
        return out
    out.mkdir(parents=True, exist_ok=True)
    remove_parts(out)
    answers = _answers(members, datasets, split=split, out=out, with_features=chosen == "features")
    combiner, said = fit_measured(chosen, answers)
    notes = [
        MemberNote(relative(one.path, out), one.weights_sha256, float(weight))
        for one, weight in zip(members, combiner.weights, strict=True)
    ]
    layer_sha256 = write_layer(out, combiner.layer) if combiner.layer is not None else None
    write_json(out / SETTINGS, _settings(members, notes, chosen, datasets))
    # Last: a folder with this file is an ensemble that can be opened.
    write_json(
        out / FILE,
        {
            "format": FORMAT,
            "version": VERSION,
            "asked": asked,
            "method": chosen,
            "members": [vars(one) for one in notes],
            "ridge": _ridge(combiner),
            "layer_sha256": layer_sha256,
            "weights_sha256": combined_sha256(chosen, notes, layer_sha256),
            "crop": dict(members[0].crop),
            "interval_scale": interval_scale(said, answers.ages),
            "split": split,
            "val": [identity_of(dataset) for dataset in datasets],
            "faces": len(answers.ages),
            "mae": _errors(answers, said, notes),
        },
    )
    return out


def _answers(
    members: Sequence["Model"], datasets: Sequence[Dataset], *, split: str, out: Path, with_features: bool
) -> Answers:
    of_members: list[Said] = []
    for member in members:
        parts = [ask(member, dataset, split=split, out=out, with_features=with_features) for dataset in datasets]
        features = [part.features for part in parts if part.features is not None]
        of_members.append(
            Said(np.concatenate([part.shares for part in parts]), np.concatenate(features) if features else None)
        )
    stds = np.concatenate([one.faces.age_std[labelled_rows(one, split)] for one in datasets]).astype(np.float32)
    found = [one.features for one in of_members if one.features is not None]
    return Answers(
        shares=np.stack([one.shares for one in of_members]),
        features=np.concatenate(found, axis=1) if found else None,
        ages=np.concatenate([one.faces.age[labelled_rows(one, split)] for one in datasets]).astype(np.float32),
        people=_people(datasets, split),
        stds=stds if np.isfinite(stds).any() else None,
    )


def _people(datasets: Sequence[Dataset], split: str) -> NDArray[np.int64]:
    """Return whose each face is (N,): people of one name in two folders are one; a face of nobody is its own."""
    numbers: dict[str, int] = {}
    people: list[int] = []
    for place, dataset in enumerate(datasets):
        for row in labelled_rows(dataset, split).tolist():
            code = int(dataset.faces.subject[row])
            name = f"person {dataset.faces.subject_names[code]}" if code >= 0 else f"face {place}/{row}"
            people.append(numbers.setdefault(name, len(numbers)))
    return np.array(people, dtype=np.int64)


def _errors(answers: Answers, said: NDArray[np.float32], notes: Sequence[MemberNote]) -> dict[str, Any]:
    """Return the mean absolute error of each member, of their average, and of the ensemble."""

    def error(ages: NDArray[np.float64]) -> float:
        return round(float(np.abs(ages - answers.ages).mean()), 4)

    even = np.full(len(notes), 1 / len(notes))
    return {
        "members": [error(ages) for ages in mean_ages(answers.shares)],
        "average": error(mean_ages(mixture(answers.shares, even))),
        "fused": error(mean_ages(said)),
    }


def _settings(
    members: Sequence["Model"], notes: Sequence[MemberNote], method: str, datasets: Sequence[Dataset]
) -> dict[str, Any]:
    """Return settings.json: what all members learned from binds the ensemble too, and its card says so."""
    fused_on = [identity_of(dataset) for dataset in datasets]
    return {
        "stage": "fusion",
        "preset": preset_of(one.notes for one in members),
        "settings": {"method": method, "members": [one.run for one in notes]},
        "data": {"fused_on": fused_on, **data_of(one.notes for one in members)},
        **code_version(),
    }


def _move_members(out: Path, members: Sequence["Model"]) -> None:
    """Say where the members are now: the same weights may have been named in another place."""
    content = read_recipe(out)
    places = [relative(one.path, out) for one in members]
    if [one["run"] for one in content["members"]] != places:
        for one, place in zip(content["members"], places, strict=True):
            one["run"] = place
        write_json(out / FILE, content)


def _check_free(out: Path) -> None:
    """Raise WrongUse where `out` holds something that `train fuse` did not write."""
    if out.exists() and not out.is_dir():
        raise WrongUse(f"{out} is a file; give a folder to write the ensemble to")
    there = {one.name for one in out.iterdir() if not one.name.startswith(".")} if out.is_dir() else set()
    # A kill may have left less than an ensemble.
    if not there or FILE in there or there <= {SAVED, LAYER} or _stage_of(out) == "fusion":
        return
    raise WrongUse(f"{out} is not empty and holds no ensemble; give another folder")


def _stage_of(out: Path) -> object:
    try:
        return json.loads((out / SETTINGS).read_text(encoding="utf-8")).get("stage")
    except (OSError, ValueError, AttributeError):
        return None


def _has_faces(dataset: Dataset, split: str) -> bool:
    try:
        return bool(len(labelled_rows(dataset, split)))
    except NothingToDo:
        return False


def _ridge(combiner: Combiner) -> float | None:
    """Return the strength of the layer; JSON has no word for an endless one."""
    return combiner.ridge if combiner.ridge is not None and np.isfinite(combiner.ridge) else None
