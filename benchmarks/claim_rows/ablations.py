"""Row 3: what of the method brings the gain, and what wrong pairs cost; from the UTKFace net, all the same steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.claim_rows.arms import learn_pairs
from benchmarks.claim_rows.conditions import Condition, over_folds
from benchmarks.claim_rows.people import Fold
from benchmarks.claim_rows.stages import SelfTraining
from benchmarks.claim_rows.transfer import pairs_of, start_of, unseen_of
from benchmarks.claim_rows.views import CLEAN, PairNoise
from benchmarks.claim_rows.workplace import Workplace
from train.stages.finetuning import Finetuning

NAME = "ablations"
STEPS = 600
SHORT: Mapping[str, Any] = {"steps": STEPS, "timeline_per_batch": 64, "replay_per_batch": 32}
WEIGHED: Mapping[str, Any] = {"timeline_weigh": 1.0, "timeline_doubt": 0.1}
"""For photos of which some are somebody else's."""

OF_PAIRS: Mapping[str, Any] = {**SHORT, "timeline_per_batch": 0, "pairs_per_batch": 32}


@dataclass(frozen=True)
class Ablation:
    """How a condition differs."""

    name: str
    settings: Mapping[str, Any]
    stage: type[Finetuning] | None = None
    noise: PairNoise = CLEAN


def _weights(entropy: float, bounds: float, translated: float) -> dict[str, Any]:
    return {**OF_PAIRS, "w_entropy": entropy, "w_bounds": bounds, "w_translated": translated}


ABLATIONS = (
    Ablation("timelines", SHORT),
    Ablation("no pairs", {**SHORT, "use_pairs": False}),
    Ablation("pair losses", OF_PAIRS),
    Ablation("K from years", SHORT, noise=PairNoise(from_years=True)),
    Ablation("20 % wrong pairs", SHORT, noise=PairNoise(wrong_pairs=0.2)),
    Ablation("20 % wrong pairs, weighed", {**SHORT, **WEIGHED}, noise=PairNoise(wrong_pairs=0.2)),
    Ablation("timelines, weighed", {**SHORT, **WEIGHED}),
    Ablation("years and wrong pairs", SHORT, noise=PairNoise(from_years=True, wrong_pairs=0.2)),
    Ablation("self-training", SHORT, stage=SelfTraining),
    Ablation("no shared error", {**SHORT, "timeline_shared_error": False}),
    Ablation("labels anew, no shared error", {**SHORT, "timeline_teacher": "average", "timeline_shared_error": False}),
    Ablation("difference regression", {**_weights(0, 0, 0), "w_difference": 1.0}),
    Ablation("timelines, no replay", {**SHORT, "replay_per_batch": 0}),
    Ablation("pair losses, no replay", {**OF_PAIRS, "replay_per_batch": 0}),
    Ablation(
        *("20 % wrong pairs, losses, no replay", {**OF_PAIRS, "replay_per_batch": 0, "trim": 0.8}),
        noise=PairNoise(wrong_pairs=0.2),
    ),
    Ablation("translated KL alone", _weights(0, 0, 1)),
    Ablation("bounds alone", _weights(0, 1, 0)),
    Ablation("entropy alone", _weights(1, 0, 0)),
    Ablation("timelines and pair losses", {**SHORT, "timeline_per_batch": 32, "pairs_per_batch": 16}),
)


def ablations(where: Workplace) -> list[Condition]:
    """Return the conditions of the row, in the order of what one wants to know first."""
    return [_condition(where, one) for one in ABLATIONS]


def of_name(where: Workplace, name: str) -> Condition:
    """Return one condition of the row."""
    return _condition(where, next(one for one in ABLATIONS if one.name == name))


def _condition(where: Workplace, one: Ablation) -> Condition:
    def folder(fold: Fold) -> Path:
        return where.of_condition(NAME, one.name, fold)

    def train(fold: Fold) -> Path:
        return learn_pairs(
            where,
            folder(fold),
            start=start_of(where),
            pairs=pairs_of(where, fold, one.noise),
            labelled=[where.utkface],
            settings=one.settings,
            stage=one.stage,
        )

    test = lambda fold: unseen_of(where, fold)  # noqa: E731
    return over_folds(where, one.name, train, test=test, folder=folder, utkface=where.utkface)
