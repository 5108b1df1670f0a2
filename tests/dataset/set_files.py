"""Tiny copies of public sets in their exact layouts, for tests: the files are empty, the lists are written out."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dataset.sources.known import read_source
from dataset.sources.records import Skipped, SourceRecord


def touch(folder: Path, *names: str) -> Path:
    """Make empty files below `folder`."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def write(path: Path, *lines: str) -> Path:
    """Write a list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def write_mat(path: Path, variable: str, columns: dict[str, Any], *, compressed: bool = False) -> Path:
    """Write a MATLAB 5 struct; texts become a cell. SciPy writes it, ours reads it."""
    scipy_io = pytest.importorskip("scipy.io", reason="needs scipy, which writes the MATLAB files of this test")
    import numpy as np

    fields = {
        name: np.array(values, dtype=object) if values and not isinstance(values[0], int | float) else np.array(values)
        for name, values in columns.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    scipy_io.savemat(path, {"before": np.zeros(3), variable: fields}, do_compression=compressed)
    return path


def records(kind: str, folder: Path) -> list[SourceRecord]:
    """Return the records of a set."""
    return [item for item in read_source(kind, folder) if isinstance(item, SourceRecord)]


def one(found: Sequence[SourceRecord], site_id: str) -> SourceRecord:
    """Return the record with this id."""
    (record,) = [record for record in found if record.site_id == site_id]
    return record


def skips(kind: str, folder: Path) -> dict[str, int]:
    """Return how many rows or files were skipped, by reason."""
    return dict(Counter(item.reason for item in read_source(kind, folder) if isinstance(item, Skipped)))
