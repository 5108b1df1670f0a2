"""How well a rule finds wrong labels, told by labels that are made wrong on purpose.

The nets never saw the labels that are judged, so a label can be exchanged after they have answered. A twentieth of the
faces get the age of another face at random; what of them is found is the recall. Of the others some are found too,
wrong ones of the set among them: counted as if all of those were right, they give the least precision.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.cleaning.rules import RuleName, Shares, doubts

SHARE = 0.05
ROUNDS = 5
FAR_YEARS = 10
"""An exchanged label that happens to be near the true one is no error anybody could see."""


@dataclass(frozen=True)
class Planted:
    """What became of labels that were exchanged; None where there were none to count."""

    share: float
    faces: int
    recall: float | None
    recall_far: float | None
    """Of labels that were moved by ten years or more."""
    precision_at_least: float | None

    def shown(self) -> dict[str, Any]:
        """Return the figures as the command prints them."""
        return asdict(self)


def plant(
    rule: RuleName, shares: Shares, ages: NDArray[np.float64], *, threshold: float | None = None, seed: int = 0
) -> Planted:
    """Return how many of exchanged labels a rule finds, summed over five draws."""
    count = max(1, round(SHARE * len(ages)))
    rng = np.random.default_rng(seed)
    moved = found = far = found_far = others = 0
    for _ in range(ROUNDS):
        rows = rng.choice(len(ages), count, replace=False)
        wrong = ages.copy()
        wrong[rows] = rng.choice(ages, count)
        is_doubted = doubts(rule, shares, wrong, threshold=threshold).is_doubted
        is_far = np.abs(wrong[rows] - ages[rows]) >= FAR_YEARS
        moved, found = moved + count, found + int(is_doubted[rows].sum())
        far, found_far = far + int(is_far.sum()), found_far + int(is_doubted[rows][is_far].sum())
        others += int(is_doubted.sum()) - int(is_doubted[rows].sum())
    return Planted(
        share=SHARE,
        faces=moved,
        recall=found / moved,
        recall_far=found_far / far if far else None,
        precision_at_least=found / (found + others) if found + others else None,
    )
