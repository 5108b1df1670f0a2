"""All pairs of 64-bit hashes that differ in few bits, without comparing each with each.

The bits are cut into B blocks. Two hashes that differ in at most D bits agree in at least B - D blocks, so for each
choice of B - D blocks the hashes are sorted by those bits and only neighbours that agree in them are compared: nothing
within D bits is ever missed (the pigeonhole; Norouzi, Punjani, Fleet: Fast Exact Search in Hamming Space, 2014). More
blocks mean longer keys, so fewer strangers to compare, but more choices, so more sorts: `plan_blocks` weighs them.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

BITS = 64
MAX_BITS = 12
"""Most bits that are searched: beyond it crops of strangers are within reach, and the search is no faster than all."""

_CHUNK_PAIRS = 2_000_000  # pairs compared at once: 60 MB of columns
_SORT_COST = 10  # of one hash in one sort, in comparisons of one pair; measured 2026 at a million
_MAX_BLOCKS = 18


@dataclass(frozen=True)
class NearPairs:
    """Pairs of rows, `first` before `second`, and in how many bits they differ; ordered by (first, second)."""

    first: Ints
    second: Ints
    distance: Ints

    def __len__(self) -> int:
        return len(self.first)


def find_near_pairs(hashes: Hashes, *, max_bits: int) -> NearPairs:
    """Return all pairs of rows of `hashes` that differ in at most `max_bits` bits.

    Rows with one and the same hash are searched as one and paired at the end, so that a picture that is there a
    thousand times costs no more in each sort. Needs about 40 bytes a hash beside the pairs found.
    """
    if not 0 <= max_bits <= MAX_BITS:
        raise ValueError(f"max_bits must be within 0 and {MAX_BITS}, not {max_bits}")
    different, code = np.unique(hashes, return_inverse=True)
    order = np.argsort(code, kind="stable")
    ends = np.searchsorted(code[order], np.arange(len(different) + 1))
    same = _pairs_within(order, ends)
    if max_bits == 0 or len(different) < 2:
        return _sorted(*same, np.zeros(len(same[0]), np.int64))
    one, other = _near_among(different, max_bits)
    a, b = _pairs_between(order, ends, one, other)
    first, second = np.concatenate([same[0], a]), np.concatenate([same[1], b])
    return _sorted(first, second, np.bitwise_count(hashes[first] ^ hashes[second]).astype(np.int64))


def plan_blocks(count: int, max_bits: int) -> int:
    """Return into how many blocks the bits are cut, so that sorting and comparing `count` hashes costs least."""

    def cost(blocks: int) -> float:
        keep = blocks - max_bits
        key_bits = BITS * keep / blocks
        return math.comb(blocks, keep) * (count * _SORT_COST + count * count / 2 / 2**key_bits)

    return min(range(max_bits + 1, max(max_bits + 2, _MAX_BLOCKS)), key=cost)


def _near_among(hashes: Hashes, max_bits: int) -> tuple[Ints, Ints]:
    """Return the pairs of rows of different hashes within `max_bits` bits, in no particular order."""
    blocks = plan_blocks(len(hashes), max_bits)
    edges = [round(BITS * block / blocks) for block in range(blocks + 1)]
    found: list[NDArray[np.uint64]] = []
    for choice in itertools.combinations(range(blocks), blocks - max_bits):
        rows, keys = _sort_by_key(hashes, choice, edges)
        for a, b in _neighbours(keys):
            one, other = rows[a], rows[b]
            near = np.bitwise_count(hashes[one] ^ hashes[other]) <= max_bits
            low, high = np.minimum(one[near], other[near]), np.maximum(one[near], other[near])
            found.append(low.astype(np.uint64) << np.uint64(32) | high.astype(np.uint64))
    pairs = np.unique(np.concatenate(found)) if found else np.zeros(0, np.uint64)
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _sort_by_key(hashes: Hashes, choice: tuple[int, ...], edges: list[int]) -> tuple[Ints, Hashes]:
    """Return the rows in the order of the bits of the chosen blocks, and those bits in that order."""
    key = np.zeros(len(hashes), np.uint64)
    width = 0
    for block in choice:
        low, high = edges[block], edges[block + 1]
        key |= ((hashes >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1)) << np.uint64(width)
        width += high - low
    row_bits = max(1, (len(hashes) - 1).bit_length())
    if width + row_bits <= BITS:  # sorting one integer is several times as fast as an argsort
        key = key << np.uint64(row_bits) | np.arange(len(hashes), dtype=np.uint64)
        key.sort()
        rows = (key & np.uint64((1 << row_bits) - 1)).astype(np.int64)
        return rows, key >> np.uint64(row_bits)
    rows = np.argsort(key, kind="stable")
    return rows, key[rows]


def _neighbours(keys: Hashes) -> Iterator[tuple[Ints, Ints]]:
    """Yield all pairs of places with equal keys, in parts of about _CHUNK_PAIRS; `keys` is sorted."""
    changes = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    starts = np.concatenate([[0], changes])
    ends = np.concatenate([changes, [len(keys)]])
    wide = ends - starts > 1
    starts, ends = starts[wide], ends[wide]
    # Each place is paired with those behind it in its run.
    lengths = ends - starts
    place = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths - starts, lengths)
    behind = np.repeat(ends, lengths) - place - 1
    done = np.concatenate([[0], np.cumsum(behind)])
    start = 0
    while start < len(place):
        end = max(start + 1, int(np.searchsorted(done, done[start] + _CHUNK_PAIRS, "right")) - 1)
        count = behind[start:end]
        first = np.repeat(place[start:end], count)
        yield first, first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)
        start = end


def _pairs_within(order: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Return the pairs of rows with one hash; `order` lists rows by hash, `ends` where each hash begins and ends."""
    keys = np.repeat(np.arange(len(ends) - 1, dtype=np.uint64), np.diff(ends))
    parts = list(_neighbours(keys))
    first = [order[a] for a, _ in parts]
    second = [order[b] for _, b in parts]
    return _joined(first), _joined(second)


def _pairs_between(order: Ints, ends: Ints, one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Return each row of hash `one` with each row of hash `other`."""
    a_count, b_count = ends[one + 1] - ends[one], ends[other + 1] - ends[other]
    count = a_count * b_count
    pair = np.repeat(np.arange(len(one)), count)
    place = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
    a = order[ends[one][pair] + place // b_count[pair]]
    b = order[ends[other][pair] + place % b_count[pair]]
    return a, b


def _sorted(one: Ints, other: Ints, distance: Ints) -> NearPairs:
    first, second = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((second, first))
    return NearPairs(first[order], second[order], distance[order])


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, np.int64), *parts])
