"""Pairs by the ids of their faces: what holds in every layout, whatever the order of its faces."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agegap.files import atomic_path
from dataset.parquet import read_pairs
from dataset.tables import Floats32, Ints64, PairTable

PAIRS_FILE = "pairs.parquet"


@dataclass(frozen=True, eq=False)
class FacePairs:
    """One row a pair; `younger` and `older` are face ids, both of one subject."""

    younger: Ints64
    older: Ints64
    gap_years: NDArray[np.int16]
    confidence: Floats32

    def __len__(self) -> int:
        return len(self.younger)


def by_face_id(pairs: PairTable, face_id: Ints64) -> FacePairs:
    """Return pairs of row numbers as pairs of the ids in `face_id`."""
    return FacePairs(face_id[pairs.younger], face_id[pairs.older], pairs.gap_years, pairs.confidence)


def by_row(pairs: FacePairs, face_id: Ints64) -> PairTable:
    """Return the pairs whose two faces are in `face_id`, by their places in it."""
    order = np.argsort(face_id)
    places = []
    inside = np.ones(len(pairs), np.bool_)
    for ids in (pairs.younger, pairs.older):
        place = np.minimum(np.searchsorted(face_id[order], ids), max(len(face_id) - 1, 0))
        inside &= face_id[order][place] == ids if len(face_id) else False
        places.append(place)
    younger, older = (order[place[inside]].astype(np.int64) for place in places)
    return PairTable(younger, older, pairs.gap_years[inside], pairs.confidence[inside])


def write_face_pairs(folder: Path, pairs: FacePairs) -> None:
    """Write `pairs.parquet`: younger, older (face ids), gap_years, confidence."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ("younger", "older", "gap_years", "confidence")
    with atomic_path(folder / PAIRS_FILE) as part:
        pq.write_table(pa.table({name: getattr(pairs, name) for name in names}), part, compression="zstd")


def read_face_pairs(folder: Path) -> FacePairs:
    """Read `pairs.parquet`; raise BadInputFile when it is not one of pairs."""
    table = read_pairs(folder / PAIRS_FILE)
    return FacePairs(table.younger, table.older, table.gap_years, table.confidence)
