"""One trial, in a process of its own: a run folder that is watched while it fills, and stopped where it is hopeless.

The process ends by itself when the one that watches it is gone, so that a killed search leaves nothing running.
"""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from agegap.errors import AgegapError, DataFailed, WrongUse
from train.presets import Recipe
from train.run_folder import RunFolder

LOOK_EVERY_S = 0.5
"""Seconds between two looks at the metrics of a trial; an epoch takes many."""

Report = Callable[[int, float], bool]
"""Told the number of an epoch and its validation MAE; says whether to stop."""


class Stopped(Exception):
    """The trial was stopped because it is worse than most."""


class Trainer(Protocol):
    """Trains a recipe into a run folder, telling each epoch; returns the least validation MAE."""

    def __call__(self, recipe: Recipe, folder: Path, *, report: Report) -> float:
        """Raise Stopped where `report` says so, DataFailed where training went astray."""
        ...


@dataclass(frozen=True)
class ProcessTrainer:
    """Pre-trains on dataset folders, in a process of its own."""

    labelled: tuple[Path, ...]

    def __call__(self, recipe: Recipe, folder: Path, *, report: Report) -> float:
        """See Trainer."""
        context = multiprocessing.get_context("spawn")  # torch and its threads do not survive a fork
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_train, args=(self.labelled, folder, recipe, theirs), daemon=True)
        process.start()
        theirs.close()
        told = 0
        try:
            while process.is_alive():
                process.join(LOOK_EVERY_S)
                told = _tell(folder, told, report)
            said = ours.recv() if ours.poll() else None
        except EOFError:
            said = None
        finally:
            if process.is_alive():
                process.terminate()
            process.join()
        _tell(folder, told, report)
        _raise(said, process.exitcode)
        return least_error(folder)


def least_error(folder: Path) -> float:
    """Return the least validation MAE of a run folder; raise DataFailed where it has none."""
    errors = epochs_of(folder)
    if not errors:
        raise DataFailed(f"{folder}: the run ended without a look at the validation faces")
    return min(errors)


def epochs_of(folder: Path) -> list[float]:
    """Return the validation MAE of each epoch so far."""
    return [float(line["val_mae"]) for line in RunFolder(folder).metrics() if line.get("kind") == "validation"]


def _tell(folder: Path, told: int, report: Report) -> int:
    errors = epochs_of(folder) if folder.is_dir() else []
    for number in range(told, len(errors)):
        if report(number + 1, errors[number]):
            raise Stopped
    return max(told, len(errors))


def _raise(said: tuple[str, str] | None, code: int | None) -> None:
    if said is not None and said[0] == "use":
        raise WrongUse(said[1])
    if said is not None and said[0] == "data":
        raise DataFailed(said[1])
    if said is None:
        raise DataFailed(f"the process that trained it ended with code {code}")


def _train(labelled: Sequence[Path], folder: Path, recipe: Recipe, said: Connection) -> None:
    """Train, in the process of the trial; tell how it ended."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    from train.stages.pretrain import pretrain

    try:
        pretrain(list(labelled), folder, recipe=recipe)
    except AgegapError as fault:
        said.send(("use" if isinstance(fault, WrongUse) else "data", str(fault)))
    else:
        said.send(("done", ""))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)
