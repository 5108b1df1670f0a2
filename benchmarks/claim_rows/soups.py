"""Row "soups": the mean of the weights of two fine-tunings of the UTKFace net; no age of the new photos is read."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from agegap.errors import DataFailed
from benchmarks.claim_rows.ablations import folder_of, of_name
from benchmarks.claim_rows.conditions import Condition, is_finished, over_folds
from benchmarks.claim_rows.people import Fold
from benchmarks.claim_rows.transfer import KEPT, pairs_of, slug, tuned, tuned_folder, unseen_of
from benchmarks.claim_rows.workplace import Workplace
from train.stages.soup import soup

NAME = "soups"

TIMELINES, PAIR_LOSSES = "pairs, UTKFace kept", "pair losses, no replay"
"""The two fine-tunings: conditions of the rows `transfer` and `ablations`."""

SHARES: Mapping[str, tuple[float, float]] = {"even": (1, 1), "2 and 1": (2, 1), "3 and 1": (3, 1), "6 and 1": (6, 1)}
"""How much each counts, the timelines first: the more they do, the less of UTKFace is forgotten."""


def soups(where: Workplace) -> list[Condition]:
    """Return the net as it begins, the two fine-tunings, and their means."""
    return [
        tuned(where, "zero-shot", None),
        tuned(where, TIMELINES, KEPT),
        of_name(where, PAIR_LOSSES),
        *(_mixed(where, f"soup, {name}", shares) for name, shares in SHARES.items()),
    ]


def _mixed(where: Workplace, name: str, shares: Sequence[float]) -> Condition:
    def folder(fold: Fold) -> Path:
        return where.run(NAME, slug(name), f"fold{fold.number}")

    def train(fold: Fold) -> Path:
        runs = [tuned_folder(where, TIMELINES, fold), folder_of(where, PAIR_LOSSES, fold)]
        for run in runs:
            if not is_finished(run):
                raise DataFailed(f"{run.relative_to(where.out)} did not get to its end")
        return soup(runs, folder(fold), labelled=[where.utkface], pairs=pairs_of(where, fold), shares=shares).run

    test = lambda fold: unseen_of(where, fold)  # noqa: E731
    return over_folds(where, name, train, test=test, folder=folder, utkface=where.utkface)
