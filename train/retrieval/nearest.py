"""The nearest rows by cosine, exactly: products of blocks, of which only the best are kept."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 16_384
"""Rows of the index a product: 16 MB as float32 at 256 features, and none of a larger index is ever in memory whole."""

QUERIES = 512
"""Queries a product, 32 MB of cosines."""

NOBODY = -1
"""In the place of a neighbour where the index has too few."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Rows of the index (Q, top), the nearest first, and their cosines; NOBODY and -inf where there are too few."""

    rows: NDArray[np.int64]
    cosines: Floats


def unit_rows(features: Floats) -> Floats:
    """Return rows (N, D) of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(features.astype(np.float64), axis=1, keepdims=True)
    rows: Floats = (features / np.maximum(lengths, 1e-12)).astype(np.float32)
    return rows


def nearest(
    features: NDArray[Any],
    queries: Floats,
    *,
    top: int,
    groups: NDArray[np.int64] | None = None,
    groups_of_queries: NDArray[np.int64] | None = None,
) -> Neighbours:
    """Return the `top` rows of `features` (N, D) with the largest cosines to each of `queries` (Q, D).

    Both have rows of length 1; `features` may be a memory map of halves. Rows in the group of a query are left out:
    the query itself, or other faces of its photo. Of equal cosines the lower row comes first.
    """
    rows = np.full((len(queries), top), NOBODY, np.int64)
    cosines = np.full((len(queries), top), -np.inf, np.float32)
    for first in range(0, len(queries), QUERIES):
        here = slice(first, first + QUERIES)
        asked = queries[here].astype(np.float32)
        own = None if groups is None or groups_of_queries is None else groups_of_queries[here]
        for start in range(0, len(features), BLOCK):
            block = np.asarray(features[start : start + BLOCK], dtype=np.float32)
            found = asked @ block.T
            if own is not None and groups is not None:
                found[own[:, None] == groups[None, start : start + len(block)]] = -np.inf
            numbers = np.broadcast_to(np.arange(start, start + len(block)), found.shape)
            rows[here], cosines[here] = _best(
                np.concatenate([rows[here], numbers], axis=1), np.concatenate([cosines[here], found], axis=1), top
            )
    rows[np.isneginf(cosines)] = NOBODY
    return Neighbours(rows, cosines)


def _best(rows: NDArray[np.int64], cosines: Floats, top: int) -> tuple[NDArray[np.int64], Floats]:
    if cosines.shape[1] > 4 * top:  # sorting the whole of a block would cost more than the product
        # Everything at least as near as the top-th stays in the running, so that ties are broken by the sort.
        least = np.partition(cosines, -top, axis=1)[:, -top]
        most = int((cosines >= least[:, None]).sum(axis=1).max())
        chosen = np.argpartition(-cosines, min(most, cosines.shape[1] - 1), axis=1)[:, :most]
        rows, cosines = np.take_along_axis(rows, chosen, 1), np.take_along_axis(cosines, chosen, 1)
    order = np.lexsort((rows, -cosines), axis=1)[:, :top]
    return np.take_along_axis(rows, order, 1), np.take_along_axis(cosines, order, 1)
