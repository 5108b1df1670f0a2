"""Running the text pipeline over stored photos: texts and dates in, rows of `taken_year` and `date_evidence` out.

Each range of photos is one transaction, so a killed run goes on where it was.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.progress import track
from crawler.extract_workers import core_count, read_ranges
from crawler.taken_year import VERSION
from db.taken_years import IdRange, count_undated, save_taken_years, undated_ranges

BATCH_PHOTOS = 500
RANGES_AT_ONCE = 20
"""Ranges whose row numbers are asked for at once."""

FEW_PHOTOS = 4 * BATCH_PHOTOS
"""Up to so many photos are read in this process: two workers take as long to begin."""


@dataclass
class YearTally:
    """What a run of the extractor found: photos looked at, dated ones by source, the others by reason."""

    photos: int = 0
    dated: int = 0
    evidence: int = 0
    by_source: Counter[str] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one row of `taken_year`."""
        self.photos += 1
        if row["year"] is not None:
            self.dated += 1
            self.by_source[row["source"] or "unknown"] += 1
        else:
            self.by_reason[row["reason"] or "unknown"] += 1

    def result(self) -> dict[str, Any]:
        """Return the tally, the most frequent first."""
        return {
            "photos": self.photos,
            "dated": self.dated,
            "evidence": self.evidence,
            "by_source": dict(self.by_source.most_common()),
            "by_reason": dict(self.by_reason.most_common()),
            "version": VERSION,
        }


def extract_years(catalog: Engine, data: Path, *, again: bool = False, workers: int | None = None) -> YearTally:
    """Date the photos that have no taken year by this version of the extractor, with `again` all of them.

    Years that a public set states itself are left alone. `data` is the folder the photos' paths start from. `workers`
    are processes; None: one a core, where there is enough to do.
    """
    tally = YearTally()
    with catalog.connect() as connection:
        total = count_undated(connection, VERSION, again=again)
    if workers is None:
        workers = core_count() if total > FEW_PHOTOS else 1
    rows = _date_all(catalog, data, tally, again=again, workers=workers)
    for row in track(rows, label="taken years", total=total, unit="photo"):
        tally.add(row)
    return tally


def _date_all(catalog: Engine, data: Path, tally: YearTally, *, again: bool, workers: int) -> Iterator[dict[str, Any]]:
    for rows in read_ranges(_ranges(catalog, again=again), catalog=catalog, data=data, again=again, workers=workers):
        with catalog.begin() as connection:
            save_taken_years(connection, rows.years, rows.evidence)
        tally.evidence += len(rows.evidence)
        yield from rows.years


def _ranges(catalog: Engine, *, again: bool) -> Iterator[IdRange]:
    after_id = 0
    while True:
        with catalog.connect() as connection:
            ranges = undated_ranges(
                connection, VERSION, after_id=after_id, size=BATCH_PHOTOS, count=RANGES_AT_ONCE, again=again
            )
        if not ranges:
            return
        after_id = ranges[-1].last
        yield from ranges
