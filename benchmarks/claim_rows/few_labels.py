"""Row 1, the claim: few labelled people, the others only as (pair, K); from scratch and from the UTKFace net.

Three arms with the same steps: the labelled people alone, with the pairs of the others, and with every label (bound).
From scratch no other set is used at all: the labelled people train the first net and are replayed beside the pairs.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from benchmarks.claim_rows.arms import learn_ages, learn_pairs
from benchmarks.claim_rows.conditions import Condition, over_folds
from benchmarks.claim_rows.people import Fold, split_labelled
from benchmarks.claim_rows.transfer import start_of, unseen_of
from benchmarks.claim_rows.views import write_labelled, write_pairs
from benchmarks.claim_rows.workplace import Workplace
from dataset.splits import Split

Start = Literal["scratch", "utkface"]
Arm = Literal["labelled only", "with pairs", "all labels"]

COUNTS = (8, 4, 16, 32)
FIRST_STEPS = 400
FIRST: Mapping[str, Any] = {"batch_size": 64, "ema_decay": 0.99, "checkpoint_every": 400}
STEPS = 500
REPLAY: Mapping[str, Any] = {"replay_per_batch": 32, "replay_weight": 1.0}
SETTINGS: Mapping[Arm, Mapping[str, Any]] = {
    "labelled only": {"steps": STEPS, "use_pairs": False, **REPLAY},
    # As many faces a step as with every label, a third of them each replayed, of timelines and of pairs.
    "with pairs": {"steps": STEPS, **REPLAY, "timeline_per_batch": 32, "pairs_per_batch": 16},
    "all labels": {"steps": STEPS, "use_pairs": False, **REPLAY, "replay_per_batch": 96},
}


def few_labels(where: Workplace, start: Start, counts: Sequence[int] = COUNTS) -> dict[str, Condition]:
    """Return the conditions of the row by name: "all labels", and for each L the two others."""
    found: dict[str, Condition] = {}
    for count in counts:
        for arm in ("labelled only", "with pairs"):
            condition = _arm(where, start, arm, count)
            found[condition.name] = condition
        # After the first L: the bound is needed for every share, and shows early what can be reached.
        found.setdefault("all labels", _arm(where, start, "all labels", None))
    return found


def _arm(where: Workplace, start: Start, arm: Arm, count: int | None) -> Condition:
    name = arm if count is None else f"L={count} {arm}"
    label = "all" if count is None else f"L{count}"

    def folder(fold: Fold) -> Path:
        return where.run(f"few-{start}", label, arm.replace(" ", "-"), f"fold{fold.number}")

    def train(fold: Fold) -> Path:
        names = fold.others if count is None else fold.labelled(count)
        teaching, looked_at = split_labelled(names)
        splits = {Split.TRAIN: teaching, Split.VAL: looked_at}
        labelled = write_labelled(where.master, where.of_fold(fold, f"labelled-{label}"), splits)
        # Who is labelled is not paired too; with every label no pair is read, yet the command wants a folder.
        paired = fold.others if count is None else fold.paired(count)
        pairs = write_pairs(where.master, where.of_fold(fold, f"pairs-{label}"), paired)
        if start == "utkface":
            first = start_of(where)
        else:
            run = where.run("few-scratch", label, "first", f"fold{fold.number}")
            first = learn_ages(where, run, labelled=labelled, steps=FIRST_STEPS, settings=FIRST)
        return learn_pairs(where, folder(fold), start=first, pairs=pairs, labelled=[labelled], settings=SETTINGS[arm])

    return over_folds(where, name, train, test=lambda fold: unseen_of(where, fold), folder=folder)
