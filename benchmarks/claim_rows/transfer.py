"""Row 2: a net that learned ages on UTKFace meets FG-NET's people as pairs, without one age of theirs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.claim_rows.arms import learn_ages, learn_pairs
from benchmarks.claim_rows.conditions import Condition, over_folds
from benchmarks.claim_rows.measures import averaged
from benchmarks.claim_rows.people import Fold
from benchmarks.claim_rows.views import CLEAN, PairNoise, write_labelled, write_pairs
from benchmarks.claim_rows.workplace import Workplace
from dataset.splits import Split

NAME = "transfer"

STEPS = 800
PAIRS: Mapping[str, Any] = {"steps": STEPS}
"""The preset as it is."""

WITH_UTKFACE = "pairs, UTKFace kept"
KEPT: Mapping[str, Any] = {"steps": 2 * STEPS, "replay_weight": 1.0, "replay_per_batch": 64}
"""More of the labelled set in each step, at its full weight, and more steps: it is to stay where it was."""

CONTROL: Mapping[str, Any] = {"steps": STEPS, "use_pairs": False}
SEEDS = (1, 2)
"""Of two more fine-tunings: with the first they answer together."""


def start_of(where: Workplace) -> Path:
    """Return the run that was pre-trained on UTKFace, trained if it is not there."""
    net = where.typed.get("net")
    return where.pretrained or learn_ages(where, where.run("pretrain"), labelled=where.utkface, net=net)


def unseen_of(where: Workplace, fold: Fold) -> Path:
    """Return the dataset folder of the people that a fold never shows."""
    return write_labelled(where.master, where.of_fold(fold, "unseen"), {Split.TEST: fold.unseen})


def pairs_of(where: Workplace, fold: Fold, noise: PairNoise = CLEAN) -> Path:
    """Return the dataset folder of all pairs of a fold's other people."""
    return write_pairs(where.master, where.of_fold(fold, f"pairs{noise.name}"), fold.others, noise)


def transfer(where: Workplace) -> list[Condition]:
    """Return the conditions: before, after pairs, with UTKFace kept, and as many steps without pairs."""
    return [
        *tuning(where),
        tuned(where, WITH_UTKFACE, KEPT),
        tuned(where, "replay only", CONTROL),
    ]


def three_nets(where: Workplace) -> list[Condition]:
    """Return three fine-tunings of one net with the pairs, each by another seed, and what they say on the mean."""
    name = _typed_name(where)
    again = [tuned(where, f"{name}, seed {seed}", {**PAIRS, "seed": seed}, where.typed) for seed in SEEDS]
    several = [tuned(where, name, PAIRS, where.typed), *again]
    return [*several, together("three nets", several)]


def tuning(where: Workplace) -> list[Condition]:
    """Return the net as it begins, and after pairs with the settings of `--set`."""
    return [tuned(where, "zero-shot", None), tuned(where, _typed_name(where), PAIRS, where.typed)]


def tuned(
    where: Workplace,
    name: str,
    settings: Mapping[str, Any] | None,
    typed: Mapping[str, Mapping[str, str]] | None = None,
) -> Condition:
    """Return one condition: the pre-trained net itself, or fine-tuned with `settings`, `typed` over them."""
    over = typed or {}

    def folder(fold: Fold) -> Path:
        if settings is None:
            return where.pretrained or where.run("pretrain")
        return where.of_condition(NAME, name, fold)

    def train(fold: Fold) -> Path:
        start = start_of(where)
        if settings is None:
            return start
        return learn_pairs(
            where,
            folder(fold),
            start=start,
            pairs=pairs_of(where, fold),
            labelled=[where.utkface],
            settings={**settings, **over.get("finetune", {})},
            augment=over.get("augment"),
        )

    return over_folds(
        where, name, train, test=lambda fold: unseen_of(where, fold), folder=folder, utkface=where.utkface
    )


def together(name: str, conditions: Sequence[Condition]) -> Condition:
    """Return what several nets say on the mean, on the folds that all of them have."""
    found = Condition(name)
    for fold in set.intersection(*(set(one.unseen) for one in conditions)):
        found.unseen[fold] = averaged([one.unseen[fold] for one in conditions])
        found.utkface[fold] = averaged([one.utkface[fold] for one in conditions])
    return found


def _typed_name(where: Workplace) -> str:
    said = [f"{key}={value}" for table in where.typed.values() for key, value in table.items()]
    return " ".join(["pairs", *said])
