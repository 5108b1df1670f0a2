"""What every layout of faces is: a writer that takes a face at a time, and the two ways to read it back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dataset.tables import FaceTable, PairTable
from dataset.writers.rows import ExportedFace, FaceRow


@dataclass(frozen=True)
class LayoutOptions:
    """What a layout may be told; it is kept in the manifest, so that a purge writes alike."""

    shard_bytes: int  # a shard is closed by the face that takes it past this
    seed: int  # of what is drawn


class FaceWriter(Protocol):
    """Fills an empty folder; made by `Layout.writer`."""

    def add(self, face: ExportedFace) -> None:
        """Write one face."""

    def finish(self, faces: FaceTable, pairs: PairTable) -> dict[str, Any]:
        """Complete the folder, `faces` being those added; return what the manifest is to say of this layout."""


@dataclass(frozen=True)
class Layout:
    """One layout; `own` are the names it makes at the top of its folder, besides those every export has."""

    name: str
    own: tuple[str, ...]
    writer: Callable[[Path, LayoutOptions], FaceWriter]
    rows: Callable[[Path], Iterator[FaceRow]]
    faces: Callable[[Path], Iterator[ExportedFace]]
    has_strangers: bool = True  # False: a face without a subject has no place in it
