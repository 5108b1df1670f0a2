"""Pair sets as they lie in the catalog: their record, and the pairs that are stored as rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from db.models import NegativePair, Pair, PairSet

_ROWS_AT_ONCE = 20_000  # of a result held as Python objects; the columns hold the rest

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PairRows:
    """Columns of the pairs of one set, by row ids of the catalog."""

    younger: Ints
    older: Ints
    subject_id: Ints
    gap_years: Ints
    confidence: NDArray[np.float64]
    gap_min: Ints  # least K by the intervals of the two years
    gap_max: Ints

    def __len__(self) -> int:
        return len(self.younger)


@dataclass(frozen=True, eq=False)
class StrangerRows:
    """Columns of a set's pairs of two subjects, by row ids of the catalog."""

    younger: Ints
    older: Ints
    gap_years: Ints

    def __len__(self) -> int:
        return len(self.younger)


@dataclass(frozen=True)
class PairSetRow:
    """What the catalog says of one pair set; `found` counts the pairs that are still there."""

    id: int
    name: str
    recipe: Mapping[str, Any]
    seed: int
    sha256: str
    pair_count: int
    storage: str
    path: str | None
    counts: Mapping[str, Any] | None
    found: int


def pair_set_names(connection: Connection) -> list[str]:
    """Return the names of all pair sets."""
    return list(connection.scalars(select(PairSet.name).order_by(PairSet.name)))


def find_pair_set(connection: Connection, name: str) -> PairSetRow | None:
    """Return the pair set `name`, None where there is none; `found` counts rows, other storages are whole."""
    names = [item for item in PairSetRow.__dataclass_fields__ if item != "found"]
    row = connection.execute(select(*(getattr(PairSet, item) for item in names)).where(PairSet.name == name)).first()
    if row is None:
        return None
    found = row.pair_count
    if row.storage == "rows":
        found = connection.scalar(select(func.count()).select_from(Pair).where(Pair.pair_set_id == row.id)) or 0
    return PairSetRow(**row._mapping, found=found)


def load_pairs(connection: Connection, pair_set_id: int) -> PairRows:
    """Read the pairs of a set that are stored as rows, ordered by their faces."""
    statement = (
        select(
            *(Pair.younger_face_id, Pair.older_face_id, Pair.subject_id, Pair.gap_years),
            func.coalesce(Pair.gap_min, Pair.gap_years),
            func.coalesce(Pair.gap_max, Pair.gap_years),
            Pair.confidence,
        )
        .where(Pair.pair_set_id == pair_set_id)
        .order_by(Pair.younger_face_id, Pair.older_face_id)
    )
    integers: list[Ints] = []
    confidence: list[NDArray[np.float64]] = []
    for rows in connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE)).partitions():
        *columns, confidences = zip(*rows, strict=True)
        integers.append(np.array(columns, np.int64))
        confidence.append(np.array(confidences, np.float64))
    table = np.concatenate([np.zeros((6, 0), np.int64), *integers], axis=1)
    younger, older, subject_id, gap_years, gap_min, gap_max = table
    sure = np.concatenate([np.zeros(0), *confidence])
    return PairRows(younger, older, subject_id, gap_years, sure, gap_min, gap_max)


def load_strangers(connection: Connection, pair_set_id: int) -> StrangerRows:
    """Read the pairs of two subjects of a set that is stored as rows, ordered by their faces."""
    columns = (NegativePair.younger_face_id, NegativePair.older_face_id, NegativePair.gap_years)
    statement = select(*columns).where(NegativePair.pair_set_id == pair_set_id).order_by(*columns[:2])
    parts = [
        np.array(rows, np.int64)
        for rows in connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE)).partitions()
    ]
    return StrangerRows(*np.concatenate([np.zeros((0, 3), np.int64), *parts]).T)
