"""Row "soups": the mean of the weights of two fine-tunings of the UTKFace net; no age of the new photos is read."""

from dataclasses import dataclass
from pathlib import Path

from agegap.errors import DataFailed
from benchmarks.claim_rows.ablations import NAME as ABLATIONS
from benchmarks.claim_rows.ablations import of_name
from benchmarks.claim_rows.conditions import Condition, is_finished, over_folds
from benchmarks.claim_rows.people import Fold
from benchmarks.claim_rows.transfer import KEPT, WITH_UTKFACE, pairs_of, tuned, unseen_of
from benchmarks.claim_rows.transfer import NAME as TRANSFER
from benchmarks.claim_rows.views import CLEAN, PairNoise
from benchmarks.claim_rows.workplace import Workplace
from train.stages.soup import soup

NAME = "soups"


@dataclass(frozen=True)
class Mixed:
    """Two conditions whose nets are averaged, how much each counts, and what is wrong with their pairs.

    WITH_UTKFACE is of the row `transfer`, all others are of `ablations`.
    """

    name: str
    timelines: str
    pair_losses: str
    shares: tuple[float, float]
    noise: PairNoise = CLEAN


SOUPS = (
    *(
        Mixed(f"soup, {name}", WITH_UTKFACE, "pair losses, no replay", shares)
        for name, shares in {"even": (1, 1), "2 and 1": (2, 1), "3 and 1": (3, 1), "6 and 1": (6, 1)}.items()
    ),
    Mixed("weighed soup, 2 and 1", "timelines, weighed", "pair losses, no replay", (2, 1)),
    Mixed(
        *("20 % wrong pairs, weighed soup", "20 % wrong pairs, weighed", "20 % wrong pairs, losses, no replay"),
        shares=(2, 1),
        noise=PairNoise(wrong_pairs=0.2),
    ),
)
"""The more the timelines count, the less of UTKFace is forgotten."""


def soups(where: Workplace) -> list[Condition]:
    """Return the net as it begins, the fine-tunings, and their means."""
    names = dict.fromkeys(name for one in SOUPS for name in (one.timelines, one.pair_losses))
    found = [tuned(where, "zero-shot", None), tuned(where, WITH_UTKFACE, KEPT)]
    found += [of_name(where, name) for name in names if name != WITH_UTKFACE]
    return found + [_mixed(where, one) for one in SOUPS]


def _mixed(where: Workplace, one: Mixed) -> Condition:
    def folder(fold: Fold) -> Path:
        return where.of_condition(NAME, one.name, fold)

    def train(fold: Fold) -> Path:
        row = TRANSFER if one.timelines == WITH_UTKFACE else ABLATIONS
        conditions = ((row, one.timelines), (ABLATIONS, one.pair_losses))
        runs = [where.of_condition(*condition, fold) for condition in conditions]
        for run in runs:
            if not is_finished(run):
                raise DataFailed(f"{run.relative_to(where.out)} did not get to its end")
        pairs = pairs_of(where, fold, one.noise)
        return soup(runs, folder(fold), labelled=[where.utkface], pairs=pairs, shares=one.shares).run

    test = lambda fold: unseen_of(where, fold)  # noqa: E731
    return over_folds(where, one.name, train, test=test, folder=folder, utkface=where.utkface)
