"""Right group of ages, or the one beside it: what Adience and AgeNet report.

An expected age in a gap between two groups is in none and so always wrong by the literal reading; `nearest` gives it
the group whose end is nearer; `native` is the group with most mass, the reading of a net with one class a group.
Reference equations 1.4.
"""

from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from train.bins import AgeBins, bin_of, gathered, nearest_bin_of

Groups = NDArray[np.int64]


class GroupScore(TypedDict):
    """Shares of the faces that have a labelled group."""

    exact: float
    one_off: float
    """In the labelled group or the one beside it."""


class GroupMetrics(TypedDict):
    """What `evaluate_groups` measures; ready for JSON."""

    labels: list[str]
    count: int
    left_out: int
    """Faces whose labelled age lies in a gap: they have no group to be right about."""
    expected: GroupScore
    nearest: GroupScore
    native: GroupScore
    confusion: list[list[int]]
    """Rows: labelled group; columns: group said, by `native`."""


def group_score(labelled: ArrayLike, said: ArrayLike) -> GroupScore:
    """Return the exact and one-off share of groups (N,); a said group of -1 is wrong in both."""
    true, answer = np.asarray(labelled, dtype=np.int64), np.asarray(said, dtype=np.int64)
    is_said = answer >= 0
    return GroupScore(
        exact=float((is_said & (answer == true)).mean()),
        one_off=float((is_said & (np.abs(answer - true) <= 1)).mean()),
    )


def confusion(labelled: ArrayLike, said: ArrayLike, count: int) -> Groups:
    """Return how many faces of each labelled group (row) were said to be of each group (column), (count, count)."""
    table = np.zeros((count, count), dtype=np.int64)
    np.add.at(table, (np.asarray(labelled, dtype=np.int64), np.asarray(said, dtype=np.int64)), 1)
    return table


def evaluate_groups(
    ages: ArrayLike, said: ArrayLike, shares: NDArray[np.floating], bins: AgeBins, *, native: Groups | None = None
) -> GroupMetrics | None:
    """Measure expected ages `said` (N,) and distributions over years (N, C) in `bins`; None where no face has a group.

    `native` is the group a net with these very classes chose; without it the group with most mass of `shares`.
    """
    labelled = bin_of(ages, bins)
    chosen = gathered(shares, bins).argmax(axis=1) if native is None else native
    has_group = labelled >= 0
    if not has_group.any():
        return None
    true, expected = labelled[has_group], np.asarray(said, dtype=np.float64)[has_group]
    by_mass = np.asarray(chosen, dtype=np.int64)[has_group]
    return GroupMetrics(
        labels=list(bins.labels),
        count=int(has_group.sum()),
        left_out=int((~has_group).sum()),
        expected=group_score(true, bin_of(expected, bins)),
        nearest=group_score(true, nearest_bin_of(expected, bins)),
        native=group_score(true, by_mass),
        confusion=confusion(true, by_mass, len(bins)).tolist(),
    )
