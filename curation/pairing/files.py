"""Pairs as a Parquet file: for sets that are shared, or too large for a table."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agegap.errors import BadInputFile
from agegap.files import atomic_path
from curation.pairing.build import BuiltPairs
from db.pairs import PairRows, StrangerRows

Ints = NDArray[np.int64]
Column = NDArray[Any]

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

FOLDER = "pairs"
_NAME_LENGTH = 40
_REMEDY = "run `curate build-pairs` again"


def pairs_path(name: str, sha256: str) -> str:
    """Return where the pairs of a set lie below the data folder; another list has another name."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:_NAME_LENGTH]
    if plain != name:
        plain += "-" + hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{FOLDER}/{plain}.{sha256[:12]}.parquet"


def write_pairs(path: Path, built: BuiltPairs, *, both_directions: bool = False) -> None:
    """Write the pairs, then the strangers, in the order of the fingerprint; the same pairs give the same bytes.

    Columns: first_face_id, second_face_id, subject_id (null for strangers), gap_years (second year less first),
    gap_min, gap_max, confidence (null for strangers). `both_directions`: each pair once more, the older face first.
    """
    import pyarrow.parquet as pq

    with atomic_path(path) as part, pq.ParquetWriter(part, _schema(), compression="zstd") as writer:
        for table in _tables(built, both_directions=both_directions):
            writer.write_table(table)


def read_pairs(path: Path) -> tuple[PairRows, StrangerRows]:
    """Read the pairs and the strangers of a file, the younger face first; raise BadInputFile where it is none."""
    table = open_pairs(path).read()
    columns = {name: table.column(name) for name in _schema().names}
    of_strangers = columns.pop("subject_id")
    subject_id = of_strangers.fill_null(-1).to_numpy()
    values = {
        name: column.fill_null(False if name == "is_turned" else 0).to_numpy() for name, column in columns.items()
    }
    forward = (values["gap_years"] > 0) | ((values["gap_years"] == 0) & ~values["is_turned"])
    mine, others = forward & (subject_id >= 0), forward & (subject_id < 0)
    ends = ("first_face_id", "second_face_id")
    wide = {name: values[name].astype(np.int64) for name in (*ends, "gap_years", "gap_min", "gap_max")}
    return (
        PairRows(
            younger=wide[ends[0]][mine],
            older=wide[ends[1]][mine],
            subject_id=subject_id[mine].astype(np.int64),
            gap_years=wide["gap_years"][mine],
            confidence=values["confidence"][mine].astype(np.float64),
            gap_min=wide["gap_min"][mine],
            gap_max=wide["gap_max"][mine],
        ),
        StrangerRows(wide[ends[0]][others], wide[ends[1]][others], wide["gap_years"][others]),
    )


def open_pairs(path: Path) -> "pq.ParquetFile":
    """Open a file of pairs to be read in parts; raise BadInputFile where it is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as fault:
        raise BadInputFile(path, f"is not a file of pairs ({fault})", _REMEDY) from None
    if missing := [name for name in _schema().names if name not in file.schema_arrow.names]:
        raise BadInputFile(path, f"is not a file of pairs (no column '{missing[0]}')", _REMEDY)
    return file


def _schema() -> "pa.Schema":
    import pyarrow as pa

    return pa.schema(
        [
            ("first_face_id", pa.int64()),
            ("second_face_id", pa.int64()),
            ("subject_id", pa.int64()),
            ("gap_years", pa.int16()),
            ("gap_min", pa.int16()),
            ("gap_max", pa.int16()),
            ("confidence", pa.float32()),
            ("is_turned", pa.bool_()),
        ]
    )


def _tables(built: BuiltPairs, *, both_directions: bool) -> Iterator["pa.Table"]:
    import pyarrow as pa

    def table(first: Ints, second: Ints, numbers: list[Column | None], is_turned: bool) -> "pa.Table":
        columns = [first, second, *numbers, np.full(len(first), is_turned)]
        arrays = [
            pa.nulls(len(first), item.type) if column is None else pa.array(column).cast(item.type)
            for column, item in zip(columns, _schema(), strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=_schema())

    for part in built.slices():
        rows = built.rows_of(part)
        signs = (1, -1) if both_directions else (1,)
        for sign in signs:
            ends = (rows.younger, rows.older) if sign == 1 else (rows.older, rows.younger)
            bounds = (rows.gap_min, rows.gap_max) if sign == 1 else (-rows.gap_max, -rows.gap_min)
            yield table(*ends, [rows.subject_id, sign * rows.gap_years, *bounds, rows.confidence], sign == -1)
    strangers = built.stranger_rows
    if len(strangers):
        yield table(strangers.younger, strangers.older, [None, strangers.gap_years, None, None, None], False)
