"""A folder of JPEG files a split with a `metadata.parquet` beside them: `load_dataset("imagefolder")` of Hugging Face.

https://huggingface.co/docs/datasets/image_dataset#imagefolder. Parquet and not CSV, because `datasets` reads the types
of a CSV anew for each split and refuses a set where a column has no value in one of them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agegap.errors import BadInputFile
from dataset.tables import FaceTable, PairTable
from dataset.writers.hub import HUB_SPLITS
from dataset.writers.layout import Layout, LayoutOptions
from dataset.writers.row_table import FILE_NAME, RowTable, read_named_rows, read_rows
from dataset.writers.rows import ExportedFace, FaceRow

METADATA = "metadata.parquet"

FACES_OF_A_FOLDER = 1_000
"""Ids that share a folder: file managers and some file systems slow down beyond a few thousand entries."""


class ImageFolderWriter:
    """Writes SPLIT/000012/000012345.jpg, named by the face's id, and a row for it."""

    def __init__(self, folder: Path, options: LayoutOptions) -> None:
        self._folder = folder
        self._tables: dict[str, RowTable] = {}
        self._made: set[Path] = set()

    def add(self, face: ExportedFace) -> None:
        """Write one face."""
        split = HUB_SPLITS[face.row.split]
        name = f"{face.row.face_id // FACES_OF_A_FOLDER:06}/{face.row.face_id:09}.jpg"
        path = self._folder / split / name
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        path.write_bytes(face.jpeg)
        if split not in self._tables:
            self._tables[split] = RowTable(self._folder / split / METADATA, leading=FILE_NAME)
        self._tables[split].add(face, name)

    def finish(self, faces: FaceTable, pairs: PairTable) -> dict[str, Any]:
        """Complete the folder."""
        for table in self._tables.values():
            table.close()
        return {"splits": {split: table.count for split, table in sorted(self._tables.items())}}


def _rows(folder: Path) -> Iterator[FaceRow]:
    for split in HUB_SPLITS.values():
        if (folder / split).is_dir():
            yield from read_rows(folder / split / METADATA)


def _faces(folder: Path) -> Iterator[ExportedFace]:
    for split in HUB_SPLITS.values():
        if (folder / split).is_dir():
            for name, row in read_named_rows(folder / split / METADATA):
                yield ExportedFace(row, read_picture(folder / split / name))


def read_picture(path: Path) -> bytes:
    """Return the bytes of a picture of an export; raise BadInputFile when it is not there."""
    try:
        return path.read_bytes()
    except OSError as fault:
        raise BadInputFile(path, f"cannot be read ({fault.strerror})", "write it again with `curate export`") from None


IMAGEFOLDER = Layout("imagefolder", tuple(HUB_SPLITS.values()), ImageFolderWriter, _rows, _faces)
