"""Running the text pipeline over stored photos: texts and dates in, rows of `taken_year` out, in batches.

Each batch is one transaction, so a killed run goes on where it was.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.progress import track
from crawler.exif import ExifDates, read_exif_dates
from crawler.taken_year import VERSION, PhotoText, TakenYear, extract_taken_year
from db.taken_years import UndatedPhoto, count_undated, save_taken_years, undated_photos

BATCH_PHOTOS = 500


@dataclass
class YearTally:
    """What a run of the extractor found: photos looked at, dated ones by source, the others by reason."""

    photos: int = 0
    dated: int = 0
    by_source: Counter[str] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)

    def add(self, taken: TakenYear) -> None:
        """Count one photo."""
        self.photos += 1
        if taken.year is not None:
            self.dated += 1
            self.by_source[taken.source or "unknown"] += 1
        else:
            self.by_reason[taken.reason or "unknown"] += 1

    def result(self) -> dict[str, Any]:
        """Return the tally, the most frequent first."""
        return {
            "photos": self.photos,
            "dated": self.dated,
            "by_source": dict(self.by_source.most_common()),
            "by_reason": dict(self.by_reason.most_common()),
            "version": VERSION,
        }


def extract_years(catalog: Engine, data: Path, *, again: bool = False) -> YearTally:
    """Date the photos that have no taken year by this version of the extractor, with `again` all of them.

    Years that a public set states itself are left alone. `data` is the folder the photos' paths start from.
    """
    tally = YearTally()
    with catalog.connect() as connection:
        total = count_undated(connection, VERSION, again=again)
    for taken in track(_date_all(catalog, data, again=again), label="taken years", total=total, unit="photo"):
        tally.add(taken)
    return tally


def photo_text(photo: UndatedPhoto, exif: ExifDates) -> PhotoText:
    """Return what the extractor reads of a stored photo."""
    return PhotoText(
        title=photo.title,
        description=photo.description,
        tags=photo.tags,
        file_name=photo.file_name,
        date_taken=photo.date_taken,
        date_taken_granularity=photo.date_taken_granularity,
        date_taken_unknown=photo.date_taken_unknown,
        uploaded=photo.uploaded,
        exif_original=exif.original,
        exif_digitised=exif.digitised,
        subject_name=photo.subject_name,
        birth_year=_year_of(photo.birth_date),
    )


def _date_all(catalog: Engine, data: Path, *, again: bool) -> Iterator[TakenYear]:
    after_id = 0
    while True:
        with catalog.connect() as connection:
            batch = undated_photos(connection, VERSION, after_id=after_id, limit=BATCH_PHOTOS, again=again)
        if not batch:
            return
        after_id = batch[-1].id
        years = [extract_taken_year(photo_text(photo, _exif_dates(photo, data))) for photo in batch]
        with catalog.begin() as connection:
            save_taken_years(connection, [_row(photo.id, taken) for photo, taken in zip(batch, years, strict=True)])
        yield from years


def _exif_dates(photo: UndatedPhoto, data: Path) -> ExifDates:
    if photo.state != "done" or photo.path is None:
        return ExifDates()
    return read_exif_dates(data / photo.path)  # an absolute path stays as it is


def _row(photo_id: int, taken: TakenYear) -> dict[str, Any]:
    return {
        "photo_id": photo_id,
        "year": taken.year,
        "year_min": taken.year_min,
        "year_max": taken.year_max,
        "precision": taken.precision,
        "confidence": taken.confidence,
        "source": taken.source,
        "rule": taken.rule,
        "words": taken.words,
        "reason": taken.reason,
        "version": VERSION,
    }


def _year_of(date: str | None) -> int | None:
    start = (date or "")[:4]
    return int(start) if start.isascii() and start.isdigit() and len(start) == 4 else None
