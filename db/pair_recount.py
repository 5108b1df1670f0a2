"""Keeping a pair set's count and fingerprint true when faces go: both are of the pairs that are there.

The count is lowered with the pairs. The fingerprint reads the whole set, so it is only dropped then, and made anew once
at the end; whoever needs it and finds it dropped makes it.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Executable, exists, or_, select, update

from db.dated_faces import identity_of, subject_key
from db.models import Face, NegativePair, Pair, PairSet, Photo, Subject

DROPPED = ""
"""`pair_set.sha256` of a set whose pairs are fewer than when it was fingerprinted."""

_ROWS_AT_ONCE = 20_000

Ints = NDArray[np.int64]


class Fingerprint:
    """The sha256 of a list of pairs by what they are of: (identity of one photo, of the other, K), a row at a time.

    Pairs come by (hash of the subject's name, identity of the younger photo, of the older), then strangers by their
    identities. `db.dated_faces.identity_of` gives identities, so every catalog of the photos gives the same digest.
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._has_strangers = False

    def add(self, younger: Ints, older: Ints, gap_years: NDArray[Any], *, strangers: bool = False) -> None:
        """Add pairs, in their order; strangers after all others."""
        if strangers and not self._has_strangers and len(younger):
            self._digest.update(b"strangers")
            self._has_strangers = True
        table = np.stack([younger, older, gap_years.astype(np.int64)], axis=1)
        self._digest.update(np.ascontiguousarray(table, "<i8").tobytes())

    def hexdigest(self) -> str:
        """Return the digest of what was added so far."""
        return self._digest.hexdigest()


def lower_counts(connection: Connection, lost: Mapping[int, int]) -> None:
    """Say that pair sets (by id) lost so many pairs, and drop their fingerprints."""
    for pair_set_id, count in sorted(lost.items()):
        values = {"pair_count": PairSet.pair_count - count, "sha256": DROPPED}
        connection.execute(update(PairSet).where(PairSet.id == pair_set_id).values(**values))


def renew_fingerprints(connection: Connection) -> int:
    """Fingerprint the pair sets whose fingerprint was dropped; return how many."""
    rows = connection.execute(select(PairSet.id, PairSet.pair_count).where(PairSet.sha256 == DROPPED)).all()
    for row in rows:
        sha256 = _fingerprint_of(connection, row.id)
        # Not when pairs went meanwhile: whoever took them will come here too.
        still = (PairSet.id == row.id) & (PairSet.sha256 == DROPPED) & (PairSet.pair_count == row.pair_count)
        connection.execute(update(PairSet).where(still).values(sha256=sha256))
    return len(rows)


def _fingerprint_of(connection: Connection, pair_set_id: int) -> str:
    digest = Fingerprint()
    for table in (Pair, NegativePair):
        columns = (table.younger_face_id, table.older_face_id, table.gap_years)
        pairs = _columns(connection, select(*columns).where(table.pair_set_id == pair_set_id), len(columns))
        younger, older, gap_years = (np.array(column, np.int64) for column in pairs)
        ids, subject, identity = _faces_of(connection, pair_set_id, table)
        ends = [np.searchsorted(ids, end) for end in (younger, older)]
        if table is Pair:  # as they were built: by subject, then by photo and face
            keys = [ids[ends[1]], identity[ends[1]], ids[ends[0]], identity[ends[0]], subject[ends[0]]]
        else:
            keys = [identity[ends[1]], identity[ends[0]]]
        order = np.lexsort(keys)
        first, second = (identity[end[order]] for end in ends)
        digest.add(first, second, gap_years[order], strangers=table is NegativePair)
    return digest.hexdigest()


def _faces_of(
    connection: Connection, pair_set_id: int, table: type[Pair] | type[NegativePair]
) -> tuple[Ints, NDArray[np.uint64], Ints]:
    """Return the faces of a set's pairs by id, with the hashes of their subjects' names and of their photos."""
    in_set = exists().where(table.pair_set_id == pair_set_id)
    used = or_(in_set.where(table.younger_face_id == Face.id), in_set.where(table.older_face_id == Face.id))
    statement = (
        select(Face.id, Photo.site, Photo.site_id, Subject.name)
        .join(Photo, Photo.id == Face.photo_id)
        .join(Subject, Subject.id == Face.subject_id, isouter=True)
        .where(used)
        .order_by(Face.id)
    )
    ids, sites, site_ids, names = _columns(connection, statement, 4)
    identity = [identity_of(site, site_id) for site, site_id in zip(sites, site_ids, strict=True)]
    subject = [subject_key(name or "") for name in names]
    return np.array(ids, np.int64), np.array(subject, np.uint64), np.array(identity, np.int64)


def _columns(connection: Connection, statement: Executable, count: int) -> list[list[Any]]:
    """Return the columns of a result, read in parts."""
    columns: list[list[Any]] = [[] for _ in range(count)]
    # An option of the statement: on the connection it would stay, and Postgres streams no UPDATE.
    for rows in connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE)).partitions():
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
    return columns
