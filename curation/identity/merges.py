"""One person under two names: subjects whose middles lie close, found in cells, never each against each.

A middle is the mean of a subject's matching faces, about the catalog's mean. Every middle is put into the cells of the
nearest CELLS_EACH of about sqrt(n) others that stand as pivots (an inverted file, as in Jegou, Douze, Schmid 2011), so
that a search looks at about CELLS_EACH^2 sqrt(n) of n others. What is found is measured again with all faces of both.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.identity.judge import Ints
from curation.identity.space import Floats

CELLS_EACH = 8
"""Cells of each middle. Of 1,000 drawn twins among 100,000 people with no order in them, three find 898 and eight find
all, in 10 CPU-s (2026-11-22)."""
NEAR = 0.7
"""Cosine of two middles, about the catalog's mean, from which a pair is measured again. Of 49 people of FG-NET and LFW
whose folders were divided, 39 have it and are found, with none false; at 0.6 it is 41 with six false (2026-11-22)."""
_SMALL = 5_000  # subjects that are compared each with each: cells would look at as many pairs
_BLOCK = 1_024  # rows of a table of cosines: 20 MB with 5,000 columns


@dataclass(frozen=True)
class Candidate:
    """Two rows of the middles, `one` before `other`, and their cosine."""

    one: int
    other: int
    cosine: float


def near_middles(middles: Floats, *, near: float = NEAR, seed: int = 0) -> list[Candidate]:
    """Return the pairs of `middles` (n, dimensions) whose cosine is at least `near`, the closest first."""
    unit = np.asarray(middles / np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-12), np.float32)
    keys = {key for cell in _cells(unit, seed) for key in _near_in_cell(unit, cell, near)}
    pairs = np.array(sorted(keys), np.int64)
    found = [
        Candidate(int(key // len(unit)), int(key % len(unit)), float(unit[key // len(unit)] @ unit[key % len(unit)]))
        for key in pairs
    ]
    return sorted(found, key=lambda pair: (-pair.cosine, pair.one, pair.other))


def _near_in_cell(unit: NDArray[np.float32], rows: Ints, near: float) -> Iterator[int]:
    """Yield one * n + other of the pairs among `rows` (ascending) that are near."""
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        a, b = np.nonzero(unit[block] @ unit[rows].T >= near)
        one, other = block[a], rows[b]
        yield from (one * len(unit) + other)[one < other].tolist()


def _cells(unit: NDArray[np.float32], seed: int) -> Iterator[Ints]:
    """Yield the rows of each cell, ascending."""
    count = len(unit)
    if count <= _SMALL:
        yield np.arange(count)
        return
    pivots = np.random.default_rng(seed).permutation(count)[: int(np.sqrt(count))]
    members: list[Ints] = []
    for start in range(0, count, _BLOCK):
        nearness = unit[start : start + _BLOCK] @ unit[pivots].T
        members.append(np.argpartition(-nearness, CELLS_EACH - 1, axis=1)[:, :CELLS_EACH])
    cell = np.concatenate(members).ravel()
    row = np.repeat(np.arange(count), CELLS_EACH)
    order = np.lexsort((row, cell))
    yield from np.split(row[order], np.flatnonzero(np.diff(cell[order])) + 1)
