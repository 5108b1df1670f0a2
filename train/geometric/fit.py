"""The three stages of the baseline: pre-process and features (measuring.py), then classify. Writes a run folder.

The run can be killed: measured faces are kept in files, and geometric.json is written last.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agegap.errors import DataFailed, WrongUse
from agegap.files import remove_parts, write_json
from dataset.splits import SPLITS
from dataset.store import Dataset
from dataset.tables import CROP_SIZE
from train.crops import join, part_of
from train.data import check_labelled, crop_recipe, identity_of, open_datasets
from train.evaluation.calibration import interval_scale
from train.geometric.classifiers import classifier
from train.geometric.landmarks import choose_landmarks
from train.geometric.measuring import Measures, cache_name, features_of, measure_faces
from train.geometric.model import ABOUT, GeometricModel, Scale, open_geometric, save_geometric
from train.geometric.settings import GeometricSettings, LandmarkName
from train.geometric.tables import Floats
from train.run_folder import SETTINGS, RunFolder, code_version

CACHE = "measures"
LEAST_FACES = 10
"""Training faces with landmarks: with fewer there is nothing to learn."""


@dataclass(frozen=True)
class Fitted:
    """What a fit leaves behind."""

    run: Path
    model: GeometricModel
    # Of this call; 0 where the run was finished before.
    seconds: float


def fit_geometric(
    labelled: Sequence[Path], out: Path, *, settings: GeometricSettings, preset: str = "geometric"
) -> Fitted:
    """Measure the faces with an age of `labelled`, learn from split train, measure the intervals on split val.

    Writes settings.json, geometric.npz and geometric.json into `out`; a finished run is left alone. Raises WrongUse
    where `out` holds another run, NothingToDo without faces, DataFailed where landmarks are found on too few.
    """
    clock = time.monotonic()
    datasets = open_datasets(labelled)
    check_labelled(datasets, "train")
    landmarks = choose_landmarks(settings.landmarks)
    notes = {
        "stage": GeometricModel.stage,
        "preset": preset,
        "settings": asdict(settings),
        "landmarks": landmarks,
        "data": {"labelled": [identity_of(one) for one in datasets]},
        "seed": settings.seed,
        **code_version(),
    }
    _claim(out, notes)
    if (out / ABOUT).exists():
        return Fitted(out, open_geometric(out), 0.0)
    train, ages = _measured(datasets, "train", landmarks, settings, out)
    val, val_ages = _measured(datasets, "val", landmarks, settings, out)
    features = features_of(train, settings.wrinkles)
    missing = int(np.isnan(features).any(axis=1).sum())
    if len(features) - missing < LEAST_FACES:
        raise DataFailed(f"{out}: landmarks were found on {len(features) - missing} of {len(features)} training faces")
    scale = Scale.of(features)
    model = GeometricModel(
        path=out / ABOUT,
        settings=settings,
        landmarks=landmarks,
        scale=scale,
        arrays=classifier(settings.classifier).fit(scale.standardised(features), ages, settings),
        crop=crop_recipe(datasets[0]),
        faces={
            "train": len(train),
            "train_without_landmarks": missing,
            "val": len(val),
            "val_without_landmarks": int(np.isnan(val).any(axis=1).sum()),
        },
    )
    if len(val):
        said = model.shares(scale.standardised(features_of(val, settings.wrinkles)))
        model = _with_interval(model, interval_scale(said, val_ages.astype(np.float32)))
    save_geometric(model)
    RunFolder(out).write_notes({**notes, "faces": dict(model.faces or {})})
    return Fitted(out, model, time.monotonic() - clock)


def _measured(
    datasets: Sequence[Dataset], split: str, landmarks: LandmarkName, settings: GeometricSettings, out: Path
) -> tuple[Measures, Floats]:
    """Return measures (N, 8) and ages (N,) of the labelled faces of one split of all folders."""
    found, ages = [], []
    for dataset in datasets:
        faces = dataset.faces
        rows = np.flatnonzero((faces.split == SPLITS[split]) & np.isfinite(faces.age)).astype(np.int64)
        name = cache_name(dataset.manifest_sha256, split, landmarks, settings)
        cache = (Path(settings.cache) if settings.cache else out / CACHE) / name
        crops = join([part_of(dataset.crops, rows, input_size=CROP_SIZE)])
        found.append(measure_faces(crops, landmarks, settings, cache=cache))
        ages.append(faces.age[rows].astype(np.float64))
    return np.concatenate(found), np.concatenate(ages)


def _with_interval(model: GeometricModel, scale: float) -> GeometricModel:
    return GeometricModel(**{**vars(model), "interval_scale": scale})


_IDENTITY = ("stage", "settings", "landmarks", "data")


def _claim(out: Path, notes: dict[str, Any]) -> None:
    """Make the run folder, or go on in it; raise WrongUse where it holds another run or something else."""
    if out.exists() and not out.is_dir():
        raise WrongUse(f"{out} is a file; give a folder to write the run to")
    if (out / SETTINGS).exists():
        earlier, now = _identity(RunFolder(out).notes()), _identity(json.loads(json.dumps(notes)))
        differs = next((key for key in _IDENTITY if earlier[key] != now[key]), None)
        if differs:
            raise WrongUse(f"{out} holds a run with other {differs}; run with its own to go on, or give another folder")
        remove_parts(out)
        return
    if out.exists() and any(not child.name.startswith(".") for child in out.iterdir()):
        raise WrongUse(f"{out} is not empty and holds no run; give another folder")
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / SETTINGS, notes)


def _identity(notes: dict[str, Any]) -> dict[str, Any]:
    """Return what must agree; a dataset that moved is the same dataset, and so is a cache."""
    labelled = [one["manifest_sha256"] for one in (notes.get("data") or {}).get("labelled", [])]
    settings = {name: value for name, value in (notes.get("settings") or {}).items() if name != "cache"}
    return {**{key: notes.get(key) for key in _IDENTITY}, "settings": settings, "data": labelled}
