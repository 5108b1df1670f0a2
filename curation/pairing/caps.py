"""Taking things in order while none of their owners has had too many, without a Python loop a thing.

One after another is the rule: a thing is taken when each of its owners has fewer than `most` taken before. What is
certain is taken at once: if a thing is among the first `left` of what remains of every owner, nothing before it can
use up its place. A few rounds give the very result of the loop (a test holds the two together).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Cap:
    """Owners of each thing as small integers, shape (things, owners of one thing), and how many each may have."""

    codes: Ints
    most: int


def take_greedily(caps: list[Cap]) -> NDArray[np.bool_]:
    """Return which things are taken, in their order, so that no owner of any cap has more than its `most`."""
    count = len(caps[0].codes)
    taken = np.zeros(count, np.bool_)
    left = [np.full(int(cap.codes.max(initial=-1)) + 1, cap.most, np.int64) for cap in caps]
    waiting = np.arange(count)
    while len(waiting):
        certain = np.ones(len(waiting), np.bool_)
        for cap, room in zip(caps, left, strict=True):
            codes = cap.codes[waiting]
            certain &= (_turn(codes) < room[codes]).all(axis=1)
        taken[waiting[certain]] = True
        possible = ~certain
        for cap, room in zip(caps, left, strict=True):
            np.subtract.at(room, cap.codes[waiting[certain]].ravel(), 1)
            possible &= (room[cap.codes[waiting]] > 0).all(axis=1)
        waiting = waiting[possible]
    return taken


def rank_in_group(group: Ints) -> Ints:
    """Return the place of each element within its run of equal values, from 0; `group` is sorted."""
    if not len(group):
        return np.zeros(0, np.int64)
    is_first = np.concatenate([[True], group[1:] != group[:-1]])
    starts = np.flatnonzero(is_first)
    rank: Ints = np.arange(len(group)) - starts[np.cumsum(is_first) - 1]
    return rank


def _turn(codes: Ints) -> Ints:
    """Return for each thing and owner how many things before it have the same owner."""
    flat = codes.ravel()
    order = np.argsort(flat, kind="stable")
    turn = np.empty(len(flat), np.int64)
    turn[order] = rank_in_group(flat[order])
    return turn.reshape(codes.shape)
