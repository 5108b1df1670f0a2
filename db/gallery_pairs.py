"""Reading the pairs a report shows: counts by K, examples of each K, and how alike two faces of a pair are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from db.models import FaceEmbedding, FaceIdentity, Pair
from db.pairs import PairSetRow
from db.upserts import slices

LOOKED_AT = 32
"""Pairs read for each one that is shown, to find some of different subjects."""


@dataclass(frozen=True, slots=True)
class PairEnds:
    """Two faces of one subject."""

    younger: int
    older: int
    subject_id: int
    gap_years: int


def pairs_by_gap(connection: Connection, pair_set: PairSetRow) -> dict[int, int]:
    """Return how many pairs of a set have each K, wherever the set keeps its pairs."""
    if pair_set.storage != "rows":
        counted = (pair_set.counts or {}).get("by_gap_years", {})
        return {int(gap): int(count) for gap, count in sorted(counted.items(), key=lambda item: int(item[0]))}
    statement = (
        select(Pair.gap_years, func.count())
        .where(Pair.pair_set_id == pair_set.id)
        .group_by(Pair.gap_years)
        .order_by(Pair.gap_years)
    )
    return {int(gap): count for gap, count in connection.execute(statement)}


def some_pairs(connection: Connection, pair_set_id: int, gap: int, *, limit: int) -> list[PairEnds]:
    """Return up to `limit` pairs of one K of a set stored as rows, of different subjects while there are any."""
    statement = (
        select(Pair.younger_face_id, Pair.older_face_id, Pair.subject_id, Pair.gap_years)
        .where(Pair.pair_set_id == pair_set_id, Pair.gap_years == gap)
        .order_by(scrambled(Pair.younger_face_id, gap), Pair.younger_face_id, Pair.older_face_id)
        .limit(limit * LOOKED_AT)
    )
    return of_different_subjects([PairEnds(*row) for row in connection.execute(statement)], limit)


def scrambled(face_id: Any, gap: int) -> Any:
    """Return a number that puts face ids (a column, or an array) in another order for each K.

    Without it every K would show the people who came first. Small enough for no database to overflow.
    """
    return (face_id % 65_521 * 25_717 + gap * 7_919) % 65_521


def of_different_subjects(pairs: Sequence[PairEnds], limit: int) -> list[PairEnds]:
    """Return up to `limit` of the pairs: the first of each subject, then the second of each, and so on."""
    nth: dict[int, int] = {}
    order = []
    for place, pair in enumerate(pairs):
        nth[pair.subject_id] = nth.get(pair.subject_id, 0) + 1
        order.append((nth[pair.subject_id], place))
    return [pairs[place] for _, place in sorted(order)[:limit]]


def judged_by(connection: Connection) -> str | None:
    """Return the embedder most faces were judged with, None where `curate verify` has not run."""
    statement = (
        select(FaceIdentity.embedder)
        .group_by(FaceIdentity.embedder)
        .order_by(func.count().desc(), FaceIdentity.embedder)
        .limit(1)
    )
    return connection.scalar(statement)


def similarities(connection: Connection, pairs: Sequence[PairEnds], *, embedder: str) -> NDArray[np.float64]:
    """Return the cosine of the two faces of each pair; NaN where one of them has no vector."""
    vectors = _vectors(connection, [end for pair in pairs for end in (pair.younger, pair.older)], embedder=embedder)
    found = np.full(len(pairs), np.nan)
    for place, pair in enumerate(pairs):
        one, other = vectors.get(pair.younger), vectors.get(pair.older)
        if one is not None and other is not None and len(one) == len(other):
            found[place] = float(one @ other)
    return found


def _vectors(connection: Connection, face_ids: Sequence[int], *, embedder: str) -> Mapping[int, NDArray[np.float32]]:
    found: dict[int, NDArray[np.float32]] = {}
    for some in slices(sorted(set(face_ids))):
        rows = connection.execute(
            select(FaceEmbedding.face_id, FaceEmbedding.vector).where(
                FaceEmbedding.embedder == embedder, FaceEmbedding.face_id.in_(some)
            )
        )
        found |= {row.face_id: np.frombuffer(row.vector, "<f4") for row in rows}
    return found
