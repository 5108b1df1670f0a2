"""The study: trials in OUT/study.db, asked for, watched and settled by as many processes as wish.

A trial belongs to the process that holds the lock on its file. When that process is gone, however it ended, the lock is
free and the trial is queued again with the same values; it goes on in the same run folder, where the killed one was.
"""

import fcntl
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agegap.errors import BadInputFile, WrongUse
from train.tuning.space import Choices, Space

if TYPE_CHECKING:
    import optuna

DATABASE, TRIALS = "study.db", "trials"

RETRIES = 3
"""Times a trial whose process was gone is tried again: what kills every process must not be tried for ever."""

STARTING_TRIALS = 5
"""Finished trials before one is stopped for being worse than their median, and random ones before the model's."""

FIRST_EPOCHS = 1
"""Epochs that a trial is not compared at: a low rate begins slowly. Optuna spares steps below its number."""

_FOLDER, _TRIES, _INSTEAD_OF = "folder", "tries", "instead_of"

_LOCK = ".study.lock"


def open_study(out: Path, *, about: Mapping[str, Any], seed: int) -> "optuna.Study":
    """Open or make the study of `out`; raise WrongUse where it searches something else, BadInputFile where it is none.

    `about` is what is searched, of which preset, on which data: a study of other data has other values.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    path = out / DATABASE
    if out.exists() and not out.is_dir():
        raise WrongUse(f"{out} is a file; give a folder to write the study to")
    if out.is_dir() and not path.exists() and any(not one.name.startswith(".") for one in out.iterdir()):
        raise WrongUse(f"{out} is not empty and holds no study; give another folder")
    with locked(out / _LOCK):
        try:
            study = optuna.create_study(
                # Several processes write; one waits for the other.
                storage=optuna.storages.RDBStorage(
                    f"sqlite:///{path.resolve()}", engine_kwargs={"connect_args": {"timeout": 60}}
                ),
                study_name="tune",
                direction="minimize",
                load_if_exists=True,
                pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTING_TRIALS, n_warmup_steps=FIRST_EPOCHS + 1),
            )
        except Exception as fault:
            if type(fault).__module__.partition(".")[0] not in ("sqlalchemy", "optuna"):
                raise
            raise BadInputFile(path, "is no study of `train tune`", "give another --out, or delete it") from None
        known = study.user_attrs.get("about")
        if known is None:
            study.set_user_attr("about", dict(about))
        elif known != about:
            differs = next(key for key in sorted({*known, *about}) if known.get(key) != about.get(key))
            raise WrongUse(f"{out} holds a study with another '{differs}'; run with its own, or give another folder")
        # Each process that joins draws anew: of one seed two would ask for the same values, and so would a second call.
        joined = int(study.user_attrs.get("joined", 0))
        study.set_user_attr("joined", joined + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study.sampler = optuna.samplers.TPESampler(
            n_startup_trials=STARTING_TRIALS, seed=seed * 1009 + joined, constant_liar=True
        )
    return study


@dataclass(frozen=True)
class OwnTrial:
    """A trial that is ours while its file is open."""

    trial: "optuna.trial.Trial"
    folder: Path
    """Its run folder: that of the first try."""
    handle: int

    def release(self) -> None:
        """Let go of it."""
        os.close(self.handle)


def ask(study: "optuna.Study", out: Path, *, trials: int) -> OwnTrial | None:
    """Return a trial that is ours, one whose process is gone first; None where `trials` are done or being done."""
    from optuna.trial import TrialState

    with locked(out / _LOCK):
        _queue_lost(study, out)
        # Of one moment: a trial that ends between two looks would be in neither.
        known = study.get_trials(deepcopy=False)
        if len(_ended(known)) + sum(one.state is TrialState.RUNNING for one in known) >= trials:
            return None
        trial = study.ask()
        folder = trial.user_attrs.get(_FOLDER) or f"{trial.number:04d}"
        trial.set_user_attr(_FOLDER, folder)
        # The lock is taken before anybody else can look whether it is.
        return OwnTrial(trial, out / TRIALS / folder, _take(_lock_of(out, trial.number)))


def suggest_values(trial: "optuna.trial.Trial", space: Space) -> dict[str, Any]:
    """Return a value for each setting of the space, by "table.key"."""
    values: dict[str, Any] = {}
    for name, one in space.items():
        if isinstance(one, Choices):
            values[name] = trial.suggest_categorical(name, list(one.values))
        elif one.is_whole:
            step = 1 if one.step is None else int(one.step)
            values[name] = trial.suggest_int(name, int(one.low), int(one.high), step=step, log=one.log)
        else:
            values[name] = trial.suggest_float(name, one.low, one.high, step=one.step, log=one.log)
    return values


def finished(study: "optuna.Study") -> "list[optuna.trial.FrozenTrial]":
    """Return the trials that came to an end, measured, stopped or failed; not those that were tried again."""
    return _ended(study.get_trials(deepcopy=False))


def _ended(known: "list[optuna.trial.FrozenTrial]") -> "list[optuna.trial.FrozenTrial]":
    again = {one.user_attrs.get(_INSTEAD_OF) for one in known}
    # A trial without values was lost before it had any.
    return [one for one in known if one.state.is_finished() and one.params and one.number not in again]


def _queue_lost(study: "optuna.Study", out: Path) -> None:
    """Queue the trials again whose process is gone."""
    from optuna.trial import TrialState

    for lost in _running(study):
        handle = _take(_lock_of(out, lost.number), wait=False)
        if handle < 0:
            continue
        os.close(handle)
        # Its process may have ended it and let go while we looked; now that the lock was free, what is said is final.
        if lost.number not in {one.number for one in _running(study)}:
            continue
        study.tell(lost.number, state=TrialState.FAIL)
        tries = int(lost.user_attrs.get(_TRIES, 0))
        if lost.params and tries < RETRIES:
            kept = {_FOLDER: lost.user_attrs[_FOLDER], _TRIES: tries + 1, _INSTEAD_OF: lost.number}
            study.enqueue_trial(lost.params, user_attrs=kept)


def _running(study: "optuna.Study") -> "list[optuna.trial.FrozenTrial]":
    from optuna.trial import TrialState

    return study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock on a file; wait for it."""
    handle = _take(path)
    try:
        yield
    finally:
        os.close(handle)


def _lock_of(out: Path, number: int) -> Path:
    return out / ".locks" / f"{number:04d}"


def _take(path: Path, *, wait: bool = True) -> int:
    """Return an open file whose lock is ours; -1 where another process has it and we do not wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not inherited: a training process that outlives us for a second must not hold it.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return -1
    return handle
