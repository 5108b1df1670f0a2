"""A record of a set as rows of the catalog."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from dataset.sources.records import SourceRecord
from db.taken_years import IMPORTED

VERSION = "import-1"
MAX_NAME = 255
"""Letters that a subject's name and a photo's id may have: columns of the catalog."""

_TEXT_COLUMNS = (
    "title",
    "description",
    "tags",
    "file_name",
    "date_taken",
    "date_taken_granularity",
    "date_taken_unknown",
    "uploaded",
    "licence",
    "owner_id",
    "owner_name",
)


def catalog_id(record: SourceRecord) -> str:
    """Return the id under which the catalog knows the photo: the set's own, hashed where it is too long."""
    if len(record.site_id) <= MAX_NAME:
        return record.site_id
    return sha256(record.site_id.encode()).hexdigest()


def photo_row(record: SourceRecord, site: str) -> dict[str, Any]:
    """Return the row of `photo`; reads the size of the file."""
    now = datetime.now(UTC)
    return {
        "site": site,
        "site_id": catalog_id(record),
        "path": str(record.path),
        "state": "done",
        "attempts": 0,
        "byte_count": record.path.stat().st_size,
        "age_label": record.age,
        "raw": {**record.extra, **({"flags": list(record.flags)} if record.flags else {})} or None,
        "found_at": now,
        **{column: record.texts.get(column) for column in _TEXT_COLUMNS},
    }


def year_row(photo_id: int, record: SourceRecord) -> dict[str, Any]:
    """Return the row of `taken_year` of a record that states a year."""
    year = record.taken_year
    return {
        "photo_id": photo_id,
        "year": year,
        "year_min": year,
        "year_max": year,
        "precision": "year",
        "confidence": record.year_confidence,  # the set states it; we guessed nothing
        "source": IMPORTED,
        "rule": "taken_year",
        "words": str(year),
        "reason": None,
        "version": VERSION,
    }


def shown_name(record: SourceRecord, name: str) -> str:
    """Return the subject `name` as people write it."""
    told = " ".join((record.subject_name or "").replace("\x00", "").split())
    return told[:MAX_NAME] or name.replace("_", " ")
