"""Which faces show one picture: the same crop, a crop of the same file, or nearly the same one."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from curation.near_hashes import find_near_pairs
from db.audit_labels import PicturedFaces

Ints = NDArray[np.int64]


def same_pictures(faces: PicturedFaces, *, near_bits: int) -> list[list[int]]:
    """Return groups of two or more rows of `faces` that show one picture, rows and groups in order.

    Crops whose perceptual hashes differ in at most `near_bits` bits are one picture, and so are those of one photo
    file.
    """
    parents: dict[int, int] = {}
    for one, other in _links(faces, near_bits):
        first, second = _root(parents, one), _root(parents, other)
        parents[max(first, second)] = min(first, second)
    groups: dict[int, list[int]] = {}
    for row in sorted(parents):
        groups.setdefault(_root(parents, row), []).append(row)
    return [group for _, group in sorted(groups.items())]


def _links(faces: PicturedFaces, near_bits: int) -> Iterator[tuple[int, int]]:
    near = find_near_pairs(faces.perceptual_hash, max_bits=near_bits)
    yield from zip(near.first.tolist(), near.second.tolist(), strict=True)
    for keys in (faces.crop_key, faces.file_key):
        order = np.argsort(keys, kind="stable")
        alike = np.flatnonzero((keys[order][1:] == keys[order][:-1]) & (keys[order][1:] != 0))
        yield from zip(order[alike].tolist(), order[alike + 1].tolist(), strict=True)


def _root(parents: dict[int, int], row: int) -> int:
    parents.setdefault(row, row)
    while parents[row] != row:
        parents[row] = parents[parents[row]]
        row = parents[row]
    return row
