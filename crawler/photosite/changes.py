"""Photos that appear, vanish or change their licence while the site is crawled.

When a photo changes is a matter of its id, the seed and the number of API calls so far, so that the truth at any call
can be worked out, and a run repeats whatever the speed of the crawler.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from crawler.photosite.chance import Numbers, shares
from crawler.photosite.faults import Faults

RESERVED = 0
_KIND, _WHEN, _LICENCE = 101, 102, 103
_OTHER_LICENCES = 16  # 1 to 16


Absence = Literal["unknown", "deleted", "private"]


@dataclass(frozen=True)
class Fates:
    """What has become of photos after so many calls; arrays of one length."""

    is_there: NDArray[np.bool_]
    is_deleted: NDArray[np.bool_]
    is_private: NDArray[np.bool_]
    changed_at: NDArray[np.int64]
    """Unix time of the change that has happened (appearing or a new licence), else 0."""
    is_new: NDArray[np.bool_]
    licence: NDArray[np.int64]
    """The new licence, -1 where it is still the owner's first."""


class Changes:
    """The schedule of a site's changes."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.are_any = bool(faults.added or faults.deleted or faults.hidden or faults.relicensed)

    def fates(self, numbers: Numbers, calls: int) -> Fates:
        """Return what has become of the photos of these numbers (`chance.number_of`) after `calls` calls."""
        faults = self._faults
        kind = shares(numbers, faults.seed * 1000 + _KIND)
        when = 1 + (shares(numbers, faults.seed * 1000 + _WHEN) * faults.change_calls).astype(np.int64)
        happened = when <= calls
        edges = np.cumsum([faults.added, faults.deleted, faults.hidden, faults.relicensed])
        added, deleted, hidden, relicensed = (np.searchsorted(edges, kind, side="right") == i for i in range(4))
        drawn = shares(numbers, faults.seed * 1000 + _LICENCE) * 2
        licence = np.where(drawn < 1, RESERVED, 1 + ((drawn - 1) * _OTHER_LICENCES).astype(np.int64))
        return Fates(
            is_there=np.where(added, happened, ~((deleted | hidden) & happened)),
            is_deleted=deleted & happened,
            is_private=hidden & happened,
            changed_at=np.where((added | relicensed) & happened, faults.clock + when, 0),
            is_new=added & happened,
            licence=np.where(relicensed & happened, licence, -1),
        )

    def absence(self, number: int, calls: int) -> Absence:
        """Say why a photo that the site has is not to be seen after so many calls."""
        fates = self.fates(np.array([number], np.uint64), calls)
        return "deleted" if fates.is_deleted[0] else "private" if fates.is_private[0] else "unknown"
