"""Who is unseen in which fold, and who of the others is labelled: by subject, the same for every row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

FOLDS = 5
VAL_SHARE = 0.1
"""Of the labelled people: they choose the pre-training's epoch and the width of intervals, and teach nothing."""

Names = tuple[str, ...]


@dataclass(frozen=True)
class Fold:
    """The people of one fold; `others` in the order in which they become labelled ones."""

    number: int
    unseen: Names
    others: Names

    def labelled(self, count: int) -> Names:
        """Return the first `count` of the others: 4 are among the 8, the 8 among the 16."""
        return self.others[:count]

    def paired(self, labelled: int) -> Names:
        """Return those of whom only years between photos are known where `labelled` people have ages."""
        return self.others[labelled:]


def make_folds(photos: Mapping[str, int], *, seed: int = 0, folds: int = FOLDS) -> tuple[Fold, ...]:
    """Split subjects, `photos` of each, into folds of about as many photos; raises ValueError where they are few."""
    if len(photos) < 2 * folds:
        raise ValueError(f"{len(photos)} people are too few for {folds} folds")
    rng = np.random.default_rng(seed)
    order = rng.permutation(sorted(photos)).tolist()
    # From the most photos down, each to the fold that has fewest; ties in the drawn order.
    order.sort(key=lambda name: -photos[name])
    members: list[list[str]] = [[] for _ in range(folds)]
    for name in order:
        least = min(range(folds), key=lambda fold: sum(photos[one] for one in members[fold]))
        members[least].append(name)
    found = []
    for number, unseen in enumerate(members):
        rest = sorted(set(photos) - set(unseen))
        found.append(Fold(number, tuple(sorted(unseen)), tuple(rng.permutation(rest).tolist())))
    return tuple(found)


def split_labelled(names: Sequence[str]) -> tuple[Names, Names]:
    """Return who of the labelled people teaches, and who is looked at to choose: at least one each."""
    looked_at = max(1, round(len(names) * VAL_SHARE))
    return tuple(names[looked_at:]), tuple(names[:looked_at])
