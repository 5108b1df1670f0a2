"""Parquet files that hold the pictures too, as the Hub shows and streams them: `load_dataset("parquet")`.

Names and schema are those that `Dataset.push_to_hub` writes: data/SPLIT-00000-of-00003.parquet, an `image` struct of
bytes and path, and the features in the schema's metadata, so that `image` comes back as a picture.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dataset.tables import FaceTable, PairTable
from dataset.writers.hub import HUB_SPLITS
from dataset.writers.layout import Layout, LayoutOptions
from dataset.writers.row_table import IMAGE, RowTable, read_faces, read_rows
from dataset.writers.rows import ExportedFace, FaceRow

FOLDER = "data"


class ParquetWriter:
    """Writes shards of about `shard_bytes` of pictures; how many there are stands in their names at the end."""

    def __init__(self, folder: Path, options: LayoutOptions) -> None:
        self._folder = folder / FOLDER
        self._folder.mkdir()
        self._shard_bytes = options.shard_bytes
        self._open: dict[str, RowTable] = {}
        self._shards: dict[str, int] = {}
        self._counts: dict[str, int] = {}

    def add(self, face: ExportedFace) -> None:
        """Write one face."""
        split = HUB_SPLITS[face.row.split]
        table = self._open.get(split)
        if table is None:
            number = self._shards.get(split, 0)
            table = self._open[split] = RowTable(self._folder / f"{split}-{number:05}.parquet", leading=IMAGE)
            self._shards[split] = number + 1
        table.add(face, f"{face.row.face_id:09}.jpg")
        self._counts[split] = self._counts.get(split, 0) + 1
        if table.byte_count >= self._shard_bytes:
            self._open.pop(split).close()

    def finish(self, faces: FaceTable, pairs: PairTable) -> dict[str, Any]:
        """Complete the folder."""
        for table in self._open.values():
            table.close()
        for split, total in self._shards.items():
            for number in range(total):
                name = f"{split}-{number:05}"
                (self._folder / f"{name}.parquet").rename(self._folder / f"{name}-of-{total:05}.parquet")
        return {"splits": dict(sorted(self._counts.items())), "shards": dict(sorted(self._shards.items()))}


def _files(folder: Path) -> Iterator[Path]:
    for split in HUB_SPLITS.values():
        yield from sorted((folder / FOLDER).glob(f"{split}-*.parquet"))


def _rows(folder: Path) -> Iterator[FaceRow]:
    for path in _files(folder):
        yield from read_rows(path)


def _faces(folder: Path) -> Iterator[ExportedFace]:
    for path in _files(folder):
        yield from read_faces(path)


PARQUET = Layout("parquet", (FOLDER,), ParquetWriter, _rows, _faces)
