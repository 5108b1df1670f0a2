"""What a model said of each face of a test set, kept: `predictions.parquet` of a run.

`train compare`, `train fuse` and `train clean-labels` read it, so that no net has to answer twice. Rows are known by
(site, site_id, face_id), whatever folder they came from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agegap.errors import BadInputFile
from agegap.files import atomic_path

PREDICTIONS = "predictions.parquet"

_NUMBERS = ("age", "said", "median", "likeliest", "low", "high")
_REMEDY = "run `train evaluate` again"

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SaidTable:
    """One row a face, in the order of the dataset folder; ages in years."""

    face_id: NDArray[np.int64]
    site: tuple[str, ...]
    site_id: tuple[str, ...]
    subject: tuple[str | None, ...]
    age: Floats
    """The labelled age."""
    said: Floats
    """The expected age."""
    median: Floats
    likeliest: Floats
    """The age with most mass."""
    low: Floats
    high: Floats
    shares: NDArray[np.float16]
    """The distribution over ages 0..C-1, (N, C); half precision: a share is known to a thousandth of itself."""

    def __len__(self) -> int:
        return len(self.face_id)

    @property
    def keys(self) -> list[tuple[str, str, int]]:
        """Return what each face is known by."""
        return list(zip(self.site, self.site_id, self.face_id.tolist(), strict=True))

    @property
    def people(self) -> NDArray[np.int64]:
        """Return the person number of each face; a face of nobody is a person of its own."""
        from train.evaluation.measures.people import people_of

        names = {name: place for place, name in enumerate(sorted({name for name in self.subject if name is not None}))}
        return people_of([-1 if name is None else names[name] for name in self.subject])

    def at(self, rows: NDArray[np.int64]) -> "SaidTable":
        """Return some of the rows, in the order of `rows`."""
        return SaidTable(
            face_id=self.face_id[rows],
            site=tuple(self.site[row] for row in rows),
            site_id=tuple(self.site_id[row] for row in rows),
            subject=tuple(self.subject[row] for row in rows),
            shares=self.shares[rows],
            **{name: getattr(self, name)[rows] for name in _NUMBERS},
        )


def write_said(path: Path, table: SaidTable, *, about: Mapping[str, str]) -> None:
    """Write the table, whole or not at all; `about` (weights, test set) goes into the file's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    flat = pa.array(np.ascontiguousarray(table.shares).reshape(-1), pa.float16())
    columns: dict[str, Any] = {
        "face_id": pa.array(table.face_id, pa.int64()),
        "site": pa.array(table.site, pa.string()),
        "site_id": pa.array(table.site_id, pa.string()),
        "subject": pa.array(table.subject, pa.string()),
        **{name: pa.array(getattr(table, name), pa.float32()) for name in _NUMBERS},
        "shares": pa.FixedSizeListArray.from_arrays(flat, table.shares.shape[1]),
    }
    with atomic_path(path) as part:
        written = pa.table(columns).replace_schema_metadata({f"agegap.{name}": text for name, text in about.items()})
        pq.write_table(written, part, compression="zstd")


def read_said(path: Path) -> SaidTable:
    """Read the table; raise BadInputFile where it is missing or none of ours."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
    except (OSError, pa.ArrowException):
        raise BadInputFile(path, "is missing or not readable as Parquet", _REMEDY) from None
    if missing := {"face_id", "site", "site_id", "subject", "shares", *_NUMBERS} - set(table.column_names):
        raise BadInputFile(path, f"has no column '{sorted(missing)[0]}'", _REMEDY)
    shares = table.column("shares").combine_chunks()
    width = shares.type.list_size
    return SaidTable(
        face_id=table.column("face_id").to_numpy().astype(np.int64),
        site=tuple(table.column("site").to_pylist()),
        site_id=tuple(table.column("site_id").to_pylist()),
        subject=tuple(table.column("subject").to_pylist()),
        shares=shares.flatten().to_numpy(zero_copy_only=False).astype(np.float16).reshape(-1, width),
        **{name: table.column(name).to_numpy().astype(np.float64) for name in _NUMBERS},
    )


def read_about(path: Path) -> dict[str, str]:
    """Return what `write_said` was told about the table."""
    import pyarrow.parquet as pq

    metadata = pq.read_schema(path).metadata or {}
    return {
        name.decode().removeprefix("agegap."): text.decode()
        for name, text in metadata.items()
        if name.startswith(b"agegap.")
    }
