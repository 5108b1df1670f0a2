"""The credits of an export: one line a face with title, author, source, licence and what was changed.

Those are the parts of a good credit (https://wiki.creativecommons.org/wiki/Best_practices_for_attribution).
"""

import csv
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from agegap.files import atomic_open
from dataset.writers.rows import FaceRow

ATTRIBUTION = "attribution.csv"
CHANGES = "face cropped and resized to 128x128"

_COLUMNS = ("site", "site_id", "title", "author", "page_url", "licence", "licence_name", "licence_url")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class CreditCounts:
    """How many faces have credits, and of how many no author or no licence is known."""

    faces: int = 0
    without_author: int = 0
    without_licence: int = 0


class AttributionWriter:
    """Writes `attribution.csv` in `folder`; use it as a context."""

    def __init__(self, folder: Path) -> None:
        self.counts = CreditCounts()
        self._handle = (folder / ATTRIBUTION).open("w", encoding="utf-8", newline="")
        self._table = csv.writer(self._handle, lineterminator="\n")
        self._table.writerow(["face_id", *_COLUMNS, "changes"])

    def add(self, row: FaceRow) -> None:
        """Write the credit of one face."""
        self.counts.faces += 1
        self.counts.without_author += row.author is None
        self.counts.without_licence += row.licence is None
        self._table.writerow([row.face_id, *(_cell(getattr(row, name)) for name in _COLUMNS), CHANGES])

    def close(self) -> None:
        """End the file; may be called again."""
        self._handle.close()

    def __enter__(self) -> "AttributionWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def keep_credits(folder: Path, face_ids: Container[int]) -> None:
    """Take the lines of faces that are not in `face_ids` out of `attribution.csv`."""
    path = folder / ATTRIBUTION
    with path.open(encoding="utf-8", newline="") as old, atomic_open(path, "w") as handle:
        lines = csv.reader(old)
        table = csv.writer(handle, lineterminator="\n")
        table.writerow(next(lines, []))
        table.writerows(line for line in lines if int(line[0]) in face_ids)


def _cell(value: str | None) -> str:
    """Return a value as a cell; one that a spreadsheet would run as a formula is set behind an apostrophe."""
    text = value or ""
    return f"'{text}" if text.startswith(_FORMULA) else text
