"""The two Parquet files of a dataset folder, to and from numpy columns.

Parquet for what people query (pandas, DuckDB and a browser open it), nulls for what is unknown.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agegap.errors import BadInputFile
from agegap.files import atomic_path
from dataset.splits import SPLITS, Split
from dataset.tables import NO_SUBJECT, NO_YEAR, FaceTable, PairTable

if TYPE_CHECKING:
    import pyarrow as pa

_REMEDY = "write it again with `curate export`"

FACE_COLUMNS = ("face_id", "subject", "split", "age", "year", "year_confidence", "site", "site_id")
LICENCE, AGE_STD = "licence", "age_std"  # not in datasets of before 2026-11-22
PAIR_COLUMNS = ("younger", "older", "gap_years", "confidence")
GAP_BOUNDS = ("gap_min", "gap_max")  # nor these


def write_faces(path: Path, faces: FaceTable) -> None:
    """Write the index, one row a face in the order of `faces.npy`."""
    import pyarrow as pa  # 0.15 s that no other reader of this module need pay

    names = pa.array(faces.subject_names, pa.string())
    words = pa.array([split.label for split in Split], pa.string())
    columns = {
        "face_id": pa.array(faces.face_id, pa.int64()),
        "subject": pa.DictionaryArray.from_arrays(pa.array(faces.subject, mask=faces.subject < 0), names),
        "split": pa.DictionaryArray.from_arrays(pa.array(faces.split), words),
        "age": pa.array(faces.age, pa.float32(), mask=np.isnan(faces.age)),
        "year": pa.array(faces.year, pa.int32(), mask=faces.year == NO_YEAR),
        "year_confidence": pa.array(faces.year_confidence, pa.float32()),
        "site": pa.array(faces.site, pa.string()),
        "site_id": pa.array(faces.site_id, pa.string()),
    }
    if faces.licence is not None:
        columns[LICENCE] = pa.array(faces.licence, pa.string()).dictionary_encode()
    columns[AGE_STD] = pa.array(faces.age_std, pa.float32(), mask=np.isnan(faces.age_std))
    _write(path, pa.table(columns))


def write_pairs(path: Path, pairs: PairTable) -> None:
    """Write the pairs, a column for each of the table's."""
    import pyarrow as pa

    _write(path, pa.table({name: pa.array(getattr(pairs, name)) for name in (*PAIR_COLUMNS, *GAP_BOUNDS)}))


def read_faces(path: Path) -> FaceTable:
    """Read an index; raise BadInputFile when it is not one."""
    table = _read(path, FACE_COLUMNS)
    subject, names = _codes(table.column("subject"))
    split, words = _codes(table.column("split"))
    if (split < 0).any() or not set(words) <= set(SPLITS):
        raise BadInputFile(path, f"has a face in none of the splits {', '.join(SPLITS)}", _REMEDY)
    numbers = np.array([int(SPLITS[word]) for word in words] or [0], np.int8)
    return FaceTable(
        face_id=_numbers(table, "face_id", np.int64, 0),
        subject=subject,
        subject_names=names,
        split=numbers[split],
        age=_numbers(table, "age", np.float32, np.nan),
        year=_numbers(table, "year", np.int32, NO_YEAR),
        year_confidence=_numbers(table, "year_confidence", np.float32, 0.0),
        site=tuple(table.column("site").to_pylist()),
        site_id=tuple(table.column("site_id").to_pylist()),
        licence=tuple(table.column(LICENCE).to_pylist()) if LICENCE in table.column_names else None,
        **({AGE_STD: _numbers(table, AGE_STD, np.float32, np.nan)} if AGE_STD in table.column_names else {}),
    )


def read_pairs(path: Path) -> PairTable:
    """Read the pairs; raise BadInputFile when the file is not one of pairs."""
    table = _read(path, PAIR_COLUMNS)
    return PairTable(
        younger=_numbers(table, "younger", np.int64, -1),
        older=_numbers(table, "older", np.int64, -1),
        gap_years=_numbers(table, "gap_years", np.int16, -1),
        confidence=_numbers(table, "confidence", np.float32, 0.0),
        **{name: _numbers(table, name, np.int16, -1) for name in GAP_BOUNDS if name in table.column_names},
    )


def _write(path: Path, table: "pa.Table") -> None:
    import pyarrow.parquet as pq

    with atomic_path(path) as part:
        pq.write_table(table, part, compression="zstd")


def _read(path: Path, columns: tuple[str, ...]) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
    except (OSError, pa.ArrowException) as fault:
        raise BadInputFile(path, f"is not readable as Parquet ({fault})", _REMEDY) from None
    if missing := [name for name in columns if name not in table.column_names]:
        raise BadInputFile(path, f"has no column '{missing[0]}'", _REMEDY)
    return table


def _codes(column: "pa.ChunkedArray") -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Return a text column as indices into its distinct words (-1 for null) and the words."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # of no chunks, in an empty table
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], column.type)
    if not pa.types.is_dictionary(whole.type):  # a table that pandas or DuckDB wrote again
        whole = pc.dictionary_encode(whole)
    codes = pc.fill_null(whole.indices.cast(pa.int32()), NO_SUBJECT)
    return codes.to_numpy(zero_copy_only=False).astype(np.int32), tuple(whole.dictionary.to_pylist())


def _numbers(table: "pa.Table", name: str, dtype: Any, null: float) -> NDArray[Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = table.column(name).cast(pa.from_numpy_dtype(dtype))
    filled = pc.fill_null(column, pa.scalar(null, column.type))
    # A copy: pyarrow's own memory is read-only, and a trainer may want to shuffle in place.
    return np.array(filled.to_numpy(), dtype=dtype)
