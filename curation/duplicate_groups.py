"""Pairs of like pictures to groups, each around one that is kept: no chain makes two unlike pictures one.

The faces come best first. Each joins the nearest of those kept so far that it is paired with, or is kept itself: so
every member is near the kept one, however many pictures lie between two ends of a chain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.near_hashes import Ints, NearPairs


@dataclass(frozen=True, eq=False)
class Groups:
    """One row a face that is in a group of two or more, by row numbers of the faces; ordered by (kept, member)."""

    member: Ints
    kept: Ints
    """The row of the face that is kept; its own for the kept one."""
    distance: Ints

    def __len__(self) -> int:
        return len(self.member)


def group_around_best(pairs: NearPairs, rank: Ints) -> Groups:
    """Group the rows of `pairs`; `rank` is the place of every face, 0 the best, all different."""
    rows = np.unique(np.concatenate([pairs.first, pairs.second]))
    by_rank = rows[np.argsort(rank[rows])]
    one = np.concatenate([pairs.first, pairs.second])
    other = np.concatenate([pairs.second, pairs.first])
    distance = np.concatenate([pairs.distance, pairs.distance])
    # The neighbours of a row lie together, the nearest first, of equally near ones the best.
    order = np.lexsort((rank[other], distance, one))
    one, other, distance = one[order], other[order], distance[order]
    starts, ends = np.searchsorted(one, rows, "left"), np.searchsorted(one, rows, "right")
    span = {row: (start, end) for row, start, end in zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)}
    neighbours, distances = other.tolist(), distance.tolist()
    is_kept: set[int] = set()
    joined: list[tuple[int, int, int]] = []
    for row in by_rank.tolist():
        start, end = span[row]
        for place in range(start, end):
            if neighbours[place] in is_kept:
                joined.append((neighbours[place], row, distances[place]))
                break
        else:
            is_kept.add(row)
    leaders = sorted({kept for kept, _, _ in joined})
    table = np.array(sorted([*joined, *((kept, kept, 0) for kept in leaders)]), np.int64).reshape(-1, 3)
    return Groups(member=table[:, 1], kept=table[:, 0], distance=table[:, 2])


def same_bytes(keys: Sequence[NDArray[np.uint64]], rank: Ints) -> Ints:
    """Return for each row the best row it shares a key with, directly or through others; a key of 0 is none."""
    best_of = np.argsort(rank)  # row by rank
    label = rank.copy()
    while True:
        before = label.copy()
        for key in keys:
            rows = np.flatnonzero(key != 0)
            _, code = np.unique(key[rows], return_inverse=True)
            least = np.full(int(code.max(initial=-1)) + 1, len(rank), np.int64)
            np.minimum.at(least, code, label[rows])
            label[rows] = least[code]
        if (label == before).all():
            break
    return np.asarray(best_of[label])


def rank_by_quality(columns: Sequence[NDArray[Any]]) -> Ints:
    """Return the place of each row, 0 the best, by `columns`, the first of which counts most; less is better."""
    order = np.lexsort(tuple(reversed(columns)))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank
