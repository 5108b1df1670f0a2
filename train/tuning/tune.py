"""`train tune`, as a function: trials until there are enough, and after each what is known so far.

OUT/study.db       every trial (Optuna; `optuna-dashboard` reads it too)
OUT/trials/NNNN/   the run folder of a trial
OUT/tune.json, best.toml, tune.html, tensorboard/   what was found
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agegap.errors import AgegapError, DataFailed, NothingToDo
from train.data import open_datasets
from train.presets import Recipe, load_recipe, needs_net
from train.tuning.space import Space
from train.tuning.study import OwnTrial, ask, finished, locked, open_study, suggest_values
from train.tuning.told import write_told
from train.tuning.training import ProcessTrainer, Stopped, Trainer

if TYPE_CHECKING:
    import optuna

REASON = "reason"
"""Where a trial keeps why it failed."""


@dataclass(frozen=True)
class TuneOrder:
    """What is asked."""

    preset: str
    space: Space
    labelled: tuple[Path, ...]
    trials: int
    """How many the study is to hold, those of earlier calls and of other processes included."""
    typed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Settings that all trials share, table to key to value."""
    seed: int = 0


def tune(order: TuneOrder, out: Path, *, trainer: Trainer | None = None) -> dict[str, Any]:
    """Search until the study of `out` has as many trials as asked; return the content of tune.json.

    Raises WrongUse where a setting does not fit or `out` holds another study, NothingToDo where no trial was measured.
    """
    needs_net(load_recipe(order.preset, typed=order.typed))  # a fault of it is told before the first trial
    train = trainer or ProcessTrainer(order.labelled)
    study = open_study(out, about=_about(order), seed=order.seed)
    while (own := ask(study, out, trials=order.trials)) is not None:
        try:
            _run(study, own, order, train)
        finally:
            own.release()
        _tell(study, out, order)
    return _tell(study, out, order)


def _run(study: "optuna.Study", own: OwnTrial, order: TuneOrder, train: Trainer) -> None:
    """Train one trial and say how it ended; one that is killed says nothing."""
    from optuna.trial import TrialState

    trial = own.trial

    def report(epoch: int, error: float) -> bool:
        trial.report(error, epoch)
        return trial.should_prune()

    try:
        recipe = _recipe(order, suggest_values(trial, order.space))
        error = train(recipe, own.folder, report=report)
    except Stopped:
        study.tell(trial, state=TrialState.PRUNED)
    except DataFailed as fault:  # values with which the loss is no number are an answer too
        trial.set_user_attr(REASON, str(fault))
        study.tell(trial, state=TrialState.FAIL)
    except AgegapError:
        study.tell(trial, state=TrialState.FAIL)
        raise
    else:
        study.tell(trial, error)


def _recipe(order: TuneOrder, values: Mapping[str, Any]) -> Recipe:
    typed: dict[str, dict[str, Any]] = {table: dict(keys) for table, keys in order.typed.items()}
    for name, value in values.items():
        table, _, key = name.partition(".")
        typed.setdefault(table, {})[key] = value
    return load_recipe(order.preset, typed=typed)


def _about(order: TuneOrder) -> dict[str, Any]:
    """Return what trials of one study have in common."""
    return {
        "preset": order.preset,
        "search": {
            name: {key: list(value) if isinstance(value, tuple) else value for key, value in vars(one).items()}
            for name, one in order.space.items()
        },
        "data": [dataset.manifest_sha256 for dataset in open_datasets(order.labelled)],
        "settings": {table: {key: str(value) for key, value in keys.items()} for table, keys in order.typed.items()},
    }


def _tell(study: "optuna.Study", out: Path, order: TuneOrder) -> dict[str, Any]:
    from optuna.trial import TrialState

    trials: Sequence[optuna.trial.FrozenTrial] = finished(study)
    if not any(one.state is TrialState.COMPLETE for one in trials):
        reasons = {str(one.user_attrs[REASON]) for one in trials if REASON in one.user_attrs}
        if len(trials) < order.trials:
            return {}
        why = "; ".join(sorted(reasons)) or "all were stopped"
        raise NothingToDo(out, f"no trial was measured ({why})", "search other values")
    with locked(out / ".told.lock"):
        return write_told(out, trials, order.space, preset=order.preset)
