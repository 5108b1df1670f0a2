"""The index: features of the faces of dataset folders, and of which model and which folders they are.

What else is known of a face (who, when, the crop) stays in the dataset: a face that was taken out of it is in no
answer, because an index of a folder that changed is refused.
"""

import hashlib
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agegap.errors import BadInputFile, CheckpointMismatch, NothingToDo
from agegap.files import write_json
from agegap.folders import replaced_folder
from agegap.progress import track
from dataset.store import Dataset, open_dataset
from train.crops import join, part_of
from train.data import check_recipe, identity_of, open_datasets
from train.model import Model
from train.retrieval.nearest import unit_rows

FORMAT, VERSION = "agegap-retrieval", 1
HEAD, FEATURES = "index.json", "features.npy"
CHUNK = 2048
"""Faces a step of building: 100 MB of crops at full size."""

_REMEDY = "build it again with `train index`"


@dataclass(frozen=True, eq=False)
class FaceIndex:
    """An open index; row i of `features` is face `rows[i]` of `datasets[parts[i]]`."""

    folder: Path
    features: NDArray[np.float16]
    """(N, D) of length 1; a memory map."""
    datasets: tuple[Dataset, ...]
    parts: NDArray[np.int32]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.features)


def build_index(model: Model, folders: Sequence[Path], out: Path) -> Path:
    """Write the index of all faces of `folders` into the folder `out` and return it; done already, nothing is done.

    Raises WrongUse where crops are cut otherwise than the model's or the model has no features, and BadInputFile where
    `out` holds something else.
    """
    datasets = open_datasets([folder.resolve() for folder in folders])
    for dataset in datasets:
        check_recipe(dataset, model.crop)
    if not any(len(dataset.faces) for dataset in datasets):
        raise NothingToDo(folders[0], "no face in these folders", "name a dataset with faces")
    head = _head(model, datasets)
    if _read_head(out) == head:
        return out
    with replaced_folder(out, is_ours=is_index) as part:
        _write_features(part / FEATURES, _features(model, datasets), sum(len(data.faces) for data in datasets))
        write_json(part / HEAD, head)
    return out


def open_index(folder: Path, model: Model, *, folders: Sequence[Path] = ()) -> FaceIndex:
    """Open an index; `folders` are where its datasets are now, if not where they were.

    Raises BadInputFile for no index and for one of datasets that have changed, CheckpointMismatch for one of another
    model.
    """
    head = _read_head(folder)
    if head is None:
        raise BadInputFile(folder, "is no index of faces", "make one with `train index RUN --data DIR --out INDEX`")
    if head.get("weights_sha256") != model.weights_sha256:
        raise CheckpointMismatch(folder, f"weights {model.weights_sha256[:12]}", f"features of {head.get('model')}")
    datasets = [_dataset(folder, one, folders) for one in head["folders"]]
    try:
        features = np.load(folder / FEATURES, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        raise BadInputFile(folder, "has no readable features", _REMEDY) from None
    counts = [len(dataset.faces) for dataset in datasets]
    if features.ndim != 2 or len(features) != sum(counts):
        raise BadInputFile(folder, "has features of other faces", _REMEDY)
    parts = np.repeat(np.arange(len(datasets), dtype=np.int32), counts)
    rows = np.concatenate([np.arange(count, dtype=np.int64) for count in counts])
    return FaceIndex(folder, features, tuple(datasets), parts, rows)


def index_beside(run: Path, model: Model, folders: Sequence[Path]) -> Path:
    """Return where the index of these faces is kept beside a run when no place is named: a folder by their hashes."""
    head = _head(model, [open_dataset(folder.resolve()) for folder in folders])
    name = hashlib.sha256(json.dumps(head, sort_keys=True).encode()).hexdigest()[:16]
    return (run if run.is_dir() else run.parent) / "retrieval" / name


def is_index(folder: Path) -> bool:
    """Say whether `folder` is an index, of whatever model."""
    return _read_head(folder) is not None


def _write_features(path: Path, chunks: Iterator[NDArray[np.float32]], count: int) -> None:
    """Write chunks of features one after the other, as halves: a cosine is known to 0.0001."""
    first = next(chunks)
    kept = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=(count, first.shape[1]))
    start = 0
    for chunk in itertools.chain([first], chunks):
        kept[start : start + len(chunk)] = unit_rows(chunk)
        start += len(chunk)
    kept.flush()


def _features(model: Model, datasets: Sequence[Dataset]) -> Iterator[NDArray[np.float32]]:
    chunks = [(data, start) for data in datasets for start in range(0, len(data.faces), CHUNK)]
    for data, start in track(chunks, label=f"faces to index, by {CHUNK}", unit="step"):
        rows = np.arange(start, min(start + CHUNK, len(data.faces)), dtype=np.int64)
        yield model.features(join([part_of(data.crops, rows, input_size=model.input_size)]))


def _head(model: Model, datasets: Sequence[Dataset]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "model": model.name,
        "weights_sha256": model.weights_sha256,
        "folders": [identity_of(dataset) for dataset in datasets],
    }


def _read_head(folder: Path) -> dict[str, Any] | None:
    try:
        head = json.loads((folder / HEAD).read_bytes())
    except (OSError, ValueError):
        return None
    ours = isinstance(head, dict) and head.get("format") == FORMAT and head.get("version") == VERSION
    return head if ours and isinstance(head.get("folders"), list) else None


def _dataset(index: Path, noted: dict[str, Any], folders: Sequence[Path]) -> Dataset:
    for place in (*folders, Path(noted["folder"])):
        if not place.is_dir():
            continue
        dataset = open_dataset(place)
        if dataset.manifest_sha256 == noted["manifest_sha256"]:
            return dataset
    fault = f"{noted['folder']}, whose faces it holds, has changed or is gone"
    raise BadInputFile(index, fault, f"{_REMEDY}, or name with --data where the folder is now")
