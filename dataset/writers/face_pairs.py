"""Pairs by the ids of their faces: what holds in every layout, whatever the order of its faces."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from dataset.parquet import read_pairs, write_pairs
from dataset.tables import Ints64, PairTable

PAIRS_FILE = "pairs.parquet"


def by_face_id(pairs: PairTable, face_id: Ints64) -> PairTable:
    """Return pairs of row numbers as pairs of the ids in `face_id`."""
    return replace(pairs, younger=face_id[pairs.younger], older=face_id[pairs.older])


def by_row(pairs: PairTable, face_id: Ints64) -> PairTable:
    """Return the pairs whose two faces are in `face_id`, by their places in it."""
    order = np.argsort(face_id)
    places = []
    inside = np.ones(len(pairs), np.bool_)
    for ids in (pairs.younger, pairs.older):
        place = np.minimum(np.searchsorted(face_id[order], ids), max(len(face_id) - 1, 0))
        inside &= face_id[order][place] == ids if len(face_id) else False
        places.append(place)
    younger, older = (order[place[inside]].astype(np.int64) for place in places)
    return replace(pairs.take(inside), younger=younger, older=older)


def write_face_pairs(folder: Path, pairs: PairTable) -> None:
    """Write `pairs.parquet`, where `younger` and `older` are face ids."""
    write_pairs(folder / PAIRS_FILE, pairs)


def read_face_pairs(folder: Path) -> PairTable:
    """Read `pairs.parquet`; raise BadInputFile when it is not one of pairs."""
    return read_pairs(folder / PAIRS_FILE)
