"""What nets say of faces they never saw: the folder is cut into folds of people, and a net trained for each.

WORK/fold-N/run is the run folder of the net, WORK/fold-N/said.npz what it said. The fold's own dataset folder (a hard
link to the crops) is there only while it is worked on. A killed run goes on where it was.
"""

import shutil
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agegap.errors import WrongUse
from agegap.files import atomic_path
from dataset.store import Dataset
from train.crops import join, part_of
from train.presets import Recipe
from train.protocols.fold_folder import write_fold
from train.protocols.folds import aged, dealt, fold_of, units

LEAST_FOLDS = 3  # one to ask, one to stop the training by, one to learn from

Rows = NDArray[np.int64]


def out_of_fold(dataset: Dataset, rows: Rows, *, recipe: Recipe, folds: int, work: Path) -> NDArray[np.float32]:
    """Return the distributions over years (N, C) of the faces `rows` (N,), each from a net that never saw its person.

    Fills `work`. Raises WrongUse where there are fewer than three folds or people.
    """
    from train.model import open_model
    from train.stages.pretrain import pretrain

    if folds < LEAST_FOLDS:
        raise WrongUse(f"--folds {folds}: give at least {LEAST_FOLDS}, one to ask, one to stop by, the rest to learn")
    part = dealt(units(dataset.faces), aged(dataset.faces), parts=folds, seed=recipe.pretrain.seed, purpose="clean")
    if len(np.unique(part[rows])) < folds:
        raise WrongUse(f"{dataset.folder} has too few people with an age for {folds} folds; give fewer --folds")
    found: NDArray[np.float32] | None = None
    for number in range(folds):
        after = (number + 1) % folds
        asked, home = np.flatnonzero(part == number).astype(np.int64), work / f"fold-{number}"
        fold = fold_of(str(number), (part >= 0) & (part != number) & (part != after), part == after, part == number)
        data = home / "data"
        write_fold(dataset, fold, data, protocol="clean-labels")
        try:
            done = pretrain([data], home / "run", recipe=recipe)
        finally:
            shutil.rmtree(data, ignore_errors=True)
        shares = _kept(home / "said.npz", done.weights_sha256, asked)
        if shares is None:
            model = open_model(done.run)
            crops = join([part_of(dataset.crops, asked, input_size=model.input_size)])
            shares = model.distributions(crops)
            with atomic_path(home / "said.npz") as path, path.open("wb") as handle:
                np.savez(handle, shares=shares, rows=asked, weights=np.array(done.weights_sha256))
        if found is None:
            found = np.zeros((len(dataset.faces), shares.shape[1]), np.float32)
        found[asked] = shares
    assert found is not None  # there are three folds or more
    return found[rows]


def _kept(path: Path, weights: str, rows: Rows) -> NDArray[np.float32] | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["weights"]) == weights and np.array_equal(kept["rows"], rows):
                shares: NDArray[np.float32] = kept["shares"]
                return shares
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        pass
    return None
