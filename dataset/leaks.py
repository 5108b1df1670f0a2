"""Pictures that lie in two splits: what a net was trained on must not be what it is tested on.

Splits share no subject; still one picture may be filed under two people, or twice without a person.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Leaks:
    """Faces whose picture lies in another split too; `loses`: those not in the last of the picture's splits.

    Leaving out what loses mends it and takes nothing from the tests: the splits are train, val, test in that order.
    """

    leaks: Mask
    loses: Mask
    example: tuple[int, int] | None  # two rows of one picture, in two splits

    def __len__(self) -> int:
        return int(self.leaks.sum())


def find_leaks(picture: NDArray[np.uint64], split: NDArray[np.int8]) -> Leaks:
    """Compare the splits of all faces with the same `picture`; 0 is a picture that nobody knows."""
    known = np.flatnonzero(picture)
    order = known[np.argsort(picture[known], kind="stable")]
    leaks, loses = np.zeros(len(picture), np.bool_), np.zeros(len(picture), np.bool_)
    if not len(order):
        return Leaks(leaks, loses, None)
    ordered, here = picture[order], split[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.append(starts, len(order)))
    first, last = np.minimum.reduceat(here, starts), np.maximum.reduceat(here, starts)
    leaks[order], loses[order] = np.repeat(first != last, sizes), here != np.repeat(last, sizes)
    example = None
    for group in np.flatnonzero(first != last)[:1]:
        members = order[starts[group] : starts[group] + sizes[group]]
        example = int(members[split[members].argmin()]), int(members[split[members].argmax()])
    return Leaks(leaks, loses, example)
