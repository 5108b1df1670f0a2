"""Reading the faces that can be paired, and writing and reading pair sets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select

from db.models import Face, Pair, PairSet, Photo, TakenYear
from db.upserts import upsert

_ROWS_AT_ONCE = 20_000  # of a result held as Python objects; the columns hold the rest

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DatedFaces:
    """Columns of the kept faces that have a subject and a taken year, one row a face, in no particular order."""

    face_id: Ints
    subject_id: Ints
    photo_id: Ints
    year: Ints
    confidence: NDArray[np.float64]  # that the year is right
    order_key: Ints  # 31 bits of the crop; 0 where the face has none
    perceptual_hash: NDArray[np.uint64]
    has_perceptual_hash: NDArray[np.bool_]
    crop_key: NDArray[np.uint64]  # 64 bits of crop_sha256; 0 where the face has none
    site: list[str]
    site_id: list[str]

    def __len__(self) -> int:
        return len(self.face_id)


@dataclass(frozen=True, eq=False)
class PairRows:
    """Columns of the pairs of one set, by row ids of the catalog."""

    younger: Ints
    older: Ints
    subject_id: Ints
    gap_years: Ints
    confidence: NDArray[np.float64]

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
    found: int


def load_dated_faces(connection: Connection, *, min_confidence: float) -> DatedFaces:
    """Read the kept faces with a subject and one taken year of at least `min_confidence`."""
    statement = (
        select(
            *(Face.id, Face.subject_id, Face.photo_id, TakenYear.year, TakenYear.confidence),
            *(Face.order_key, Face.perceptual_hash, Face.crop_sha256, Photo.site, Photo.site_id),
        )
        .join(TakenYear, TakenYear.photo_id == Face.photo_id)
        .join(Photo, Photo.id == Face.photo_id)
        .where(
            Face.status == "kept",
            Face.subject_id.is_not(None),
            TakenYear.year.is_not(None),
            TakenYear.confidence >= min_confidence,
        )
    )
    result = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(statement)
    columns: list[list[Any]] = [[] for _ in range(10)]
    for rows in result.partitions():
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
    ids, subjects, photos, years, confidences, order_keys, hashes, crops, sites, site_ids = columns
    return DatedFaces(
        face_id=np.array(ids, np.int64),
        subject_id=np.array(subjects, np.int64),
        photo_id=np.array(photos, np.int64),
        year=np.array(years, np.int64),
        confidence=np.array(confidences, np.float64),
        order_key=np.array([key or 0 for key in order_keys], np.int64),
        perceptual_hash=np.array([bits or 0 for bits in hashes], np.int64).view(np.uint64),
        has_perceptual_hash=np.array([bits is not None for bits in hashes], np.bool_),
        crop_key=np.array([int(text[:16], 16) if text else 0 for text in crops], np.uint64),
        site=sites,
        site_id=site_ids,
    )


def replace_pair_set(
    connection: Connection,
    pairs: PairRows,
    *,
    name: str,
    recipe: Mapping[str, Any],
    seed: int,
    code_version: str,
    sha256: str,
) -> None:
    """Write the pairs as the set `name`, in the place of what it held, within the caller's transaction."""
    row = {
        "name": name,
        "recipe": dict(recipe),
        "seed": seed,
        "code_version": code_version,
        "pair_count": len(pairs),
        "sha256": sha256,
        "created_at": datetime.now(UTC),
    }
    # The upsert locks the row: a second build of this set on Postgres waits here and then replaces.
    upsert(connection, PairSet.__table__, [row], keys=["name"], update=[key for key in row if key != "name"])
    pair_set_id = connection.execute(select(PairSet.id).where(PairSet.name == name)).scalar_one()
    connection.execute(delete(Pair).where(Pair.pair_set_id == pair_set_id))
    if connection.dialect.name == "postgresql":
        _copy(connection, pair_set_id, pairs)
        return
    for rows in _batches(pair_set_id, pairs):
        connection.execute(insert(Pair), [dict(zip(_COLUMNS, row, strict=True)) for row in rows])


_COLUMNS = ("pair_set_id", "younger_face_id", "older_face_id", "subject_id", "gap_years", "confidence")


def _batches(pair_set_id: int, pairs: PairRows) -> Iterator[list[tuple[Any, ...]]]:
    columns = (pairs.younger, pairs.older, pairs.subject_id, pairs.gap_years, pairs.confidence)
    for start in range(0, len(pairs), _ROWS_AT_ONCE):
        values = (column[start : start + _ROWS_AT_ONCE].tolist() for column in columns)
        yield [(pair_set_id, *row) for row in zip(*values, strict=True)]


def _copy(connection: Connection, pair_set_id: int, pairs: PairRows) -> None:
    """Write through Postgres' COPY, several times as fast as INSERT."""
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY pair ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
        for rows in _batches(pair_set_id, pairs):
            for row in rows:
                copy.write_row(row)


def pair_set_names(connection: Connection) -> list[str]:
    """Return the names of all pair sets."""
    return list(connection.scalars(select(PairSet.name).order_by(PairSet.name)))


def find_pair_set(connection: Connection, name: str) -> PairSetRow | None:
    """Return the pair set `name`, None where there is none."""
    row = connection.execute(
        select(PairSet.id, PairSet.name, PairSet.recipe, PairSet.seed, PairSet.sha256, PairSet.pair_count).where(
            PairSet.name == name
        )
    ).first()
    if row is None:
        return None
    found = connection.scalar(select(func.count()).select_from(Pair).where(Pair.pair_set_id == row.id))
    return PairSetRow(row.id, row.name, row.recipe, row.seed, row.sha256, row.pair_count, found or 0)


def load_pairs(connection: Connection, pair_set_id: int) -> PairRows:
    """Read the pairs of a set, ordered by their faces."""
    statement = (
        select(Pair.younger_face_id, Pair.older_face_id, Pair.subject_id, Pair.gap_years, Pair.confidence)
        .where(Pair.pair_set_id == pair_set_id)
        .order_by(Pair.younger_face_id, Pair.older_face_id)
    )
    integers: list[Ints] = []
    confidence: list[NDArray[np.float64]] = []
    for rows in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(statement).partitions():
        integers.append(np.array([row[:4] for row in rows], np.int64))
        confidence.append(np.array([row[4] for row in rows], np.float64))
    table = np.concatenate([np.zeros((0, 4), np.int64), *integers])
    younger, older, subject_id, gap_years = table.T
    return PairRows(younger, older, subject_id, gap_years, np.concatenate([np.zeros(0), *confidence]))
