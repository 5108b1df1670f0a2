"""The photos one name is found by, as columns: enough to filter, sort and count without making a single photo.

Upload dates come in batches of the same second, as people upload them; a large name has one burst of more photos
in one second than a search can show.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crawler.photosite.chance import Numbers, mixed, shares

FIRST_UPLOAD, LAST_UPLOAD = 1_076_371_200, 1_766_000_000  # 2004-02-10, the site's first day, to December 2025
BURST = 4_500
"""Photos of a burst: more than the 4,000 results of a search, so that a window of a second has to be split again."""

BURST_FROM = 9_000  # photos a name has at least if it has a burst
SHARED_EVERY = 97
"""Every so many-th photo of a name shows the next name too: both find it."""

_LICENCE_WEIGHTS = [20, 14, 12, 12, 10, 6, 5, 3, 2, 3, 3, 2, 2, 1, 2, 2, 1]  # percent, licence 0 to 16
_BATCH, _MOMENT, _LICENCE = 21, 22, 23
_MOST_BATCH = 12


@dataclass(frozen=True)
class Columns:
    """Photos as columns of one length."""

    photo_id: Numbers
    date_upload: NDArray[np.int64]
    licence: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.photo_id)

    def take(self, places: NDArray[np.intp] | NDArray[np.bool_]) -> "Columns":
        """Return some of them."""
        return Columns(self.photo_id[places], self.date_upload[places], self.licence[places])


def columns_of(first_id: int, count: int, seed: int) -> Columns:
    """Return the photos with ids from `first_id` that one name owns."""
    places = np.arange(count, dtype=np.uint64)
    photo_id = places + np.uint64(first_id)
    batch = places // np.uint64(1 + int(mixed(np.array([first_id], np.uint64), _BATCH)[0]) % _MOST_BATCH)
    moment = shares(batch + np.uint64(first_id), seed * 1000 + _MOMENT)
    date_upload = (FIRST_UPLOAD + moment * (LAST_UPLOAD - FIRST_UPLOAD)).astype(np.int64)
    if count >= BURST_FROM:
        date_upload[-BURST:] = date_upload[0]
    edges = np.cumsum(_LICENCE_WEIGHTS) / sum(_LICENCE_WEIGHTS)
    licence = np.searchsorted(edges, shares(photo_id, seed * 1000 + _LICENCE), side="right").astype(np.int64)
    return Columns(photo_id, date_upload, np.minimum(licence, len(_LICENCE_WEIGHTS) - 1))


def joined(parts: list[Columns]) -> Columns:
    """Return all photos of these."""
    return Columns(
        np.concatenate([part.photo_id for part in parts]),
        np.concatenate([part.date_upload for part in parts]),
        np.concatenate([part.licence for part in parts]),
    )
