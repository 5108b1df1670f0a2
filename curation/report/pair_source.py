"""The pairs a report shows, wherever their set keeps them: as rows, in a file, or as a recipe only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from agegap.errors import AgegapError
from curation.pairing.sets import pairs_of_set
from db.gallery_pairs import LOOKED_AT, PairEnds, of_different_subjects, pairs_by_gap, scrambled, some_pairs
from db.pairs import PairRows, PairSetRow, find_pair_set, pair_set_names


@dataclass(frozen=True, eq=False)
class PairSource:
    """A pair set that is looked at; `fault` says in words why its pairs cannot be."""

    pair_set: PairSetRow | None
    by_gap: Mapping[int, int] = field(default_factory=dict)
    rows: PairRows | None = None  # of a set that is not in the catalog
    fault: str | None = None

    def some(self, connection: Connection, gap: int, *, limit: int) -> list[PairEnds]:
        """Return up to `limit` pairs of one K, of different subjects while there are any."""
        if self.pair_set is None or self.fault is not None or not limit:
            return []
        if self.rows is None:
            return some_pairs(connection, self.pair_set.id, gap, limit=limit)
        rows = self.rows
        places = np.flatnonzero(rows.gap_years == gap)
        keys = (rows.older[places], rows.younger[places], scrambled(rows.younger[places], gap))
        places = places[np.lexsort(keys)][: limit * LOOKED_AT]
        columns = (rows.younger, rows.older, rows.subject_id, rows.gap_years)
        pairs = [PairEnds(*(int(column[place]) for column in columns)) for place in places]
        return of_different_subjects(pairs, limit)


def open_pairs(connection: Connection, name: str, *, data: Path) -> PairSource:
    """Return the pair set `name`, another one where there is none of that name, or an empty source."""
    names = pair_set_names(connection)
    pair_set = find_pair_set(connection, name if name in names else names[0]) if names else None
    if pair_set is None or not pair_set.found:
        return PairSource(None)
    by_gap = pairs_by_gap(connection, pair_set)
    if pair_set.storage == "rows":
        return PairSource(pair_set, by_gap)
    try:
        return PairSource(pair_set, by_gap, rows=pairs_of_set(connection, pair_set, data=data)[0])
    except AgegapError as fault:  # a file that is gone hinders no other page
        return PairSource(pair_set, by_gap, fault=str(fault))
