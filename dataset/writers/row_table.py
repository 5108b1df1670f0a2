"""Rows of faces in a Parquet file, a group at a time, with one column before them that the layout adds."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agegap.errors import BadInputFile
from dataset.writers.rows import ADDED, COLUMNS, ExportedFace, FaceRow, record_of, row_of

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_OF_A_GROUP = 1_000
"""With pictures a group is 5 MB: a reader that wants one face reads no more than that."""

FILE_NAME = "file_name"
IMAGE = "image"

_REMEDY = "write it again with `curate export`"


class RowTable:
    """Writes one Parquet file; `leading` names its first column: `file_name` (text) or `image` (the bytes)."""

    def __init__(self, path: Path, *, leading: str) -> None:
        import pyarrow.parquet as pq

        self.count = self.byte_count = 0
        self._leading = leading
        self._schema = _schema(leading)
        # JPEG does not become smaller; page indexes let the Hub's viewer read a part of a file.
        compression = dict.fromkeys(_leaves(leading), "zstd") | {f"{IMAGE}.bytes": "none"}
        self._writer = pq.ParquetWriter(path, self._schema, compression=compression, write_page_index=True)
        self._records: list[dict[str, Any]] = []

    def add(self, face: ExportedFace, file_name: str) -> None:
        """Append a face; `file_name` is where its picture lies, or what it would be called."""
        first = {"bytes": face.jpeg, "path": file_name} if self._leading == IMAGE else file_name
        self._records.append({self._leading: first, **record_of(face.row)})
        self.count += 1
        self.byte_count += len(face.jpeg)
        if len(self._records) == ROWS_OF_A_GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is left and end the file."""
        if self._records:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        self._writer.write_table(pa.Table.from_pylist(self._records, self._schema), row_group_size=ROWS_OF_A_GROUP)
        self._records.clear()


def read_rows(path: Path) -> Iterator[FaceRow]:
    """Yield the rows of a file without reading a picture; raise BadInputFile when it is none of ours."""
    for record in _records(path, [column.name for column in COLUMNS]):
        yield row_of(record)


def read_named_rows(path: Path) -> Iterator[tuple[str, FaceRow]]:
    """Yield the rows of a file with the names of their pictures."""
    for record in _records(path, [FILE_NAME, *(column.name for column in COLUMNS)]):
        yield str(record[FILE_NAME]), row_of(record)


def read_faces(path: Path) -> Iterator[ExportedFace]:
    """Yield the faces of a file that holds their pictures."""
    for record in _records(path, [IMAGE, *(column.name for column in COLUMNS)]):
        yield ExportedFace(row_of(record), record[IMAGE]["bytes"])


def _records(path: Path, columns: list[str]) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            there = [name for name in columns if name in file.schema_arrow.names]
            if missing := [name for name in columns if name not in there and name not in ADDED]:
                raise BadInputFile(path, f"has no column '{missing[0]}'", _REMEDY)
            for batch in file.iter_batches(batch_size=ROWS_OF_A_GROUP, columns=there):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as fault:
        raise BadInputFile(path, f"is not readable as Parquet ({fault})", _REMEDY) from None


def _schema(leading: str) -> "pa.Schema":
    import pyarrow as pa

    from dataset.writers.hub import value_features

    is_image = leading == IMAGE
    first = pa.struct([("bytes", pa.binary()), ("path", pa.string())]) if is_image else pa.string()
    fields = [pa.field(leading, first)]
    fields += [pa.field(column.name, pa.type_for_alias(column.kind)) for column in COLUMNS]
    if not is_image:
        return pa.schema(fields)
    features = {IMAGE: {"_type": "Image"}, **value_features()}
    return pa.schema(fields, metadata={"huggingface": json.dumps({"info": {"features": features}})})


def _leaves(leading: str) -> list[str]:
    names = [column.name for column in COLUMNS]
    return [*names, f"{IMAGE}.bytes", f"{IMAGE}.path"] if leading == IMAGE else [*names, leading]
