"""What a reader of a set gives for each file: a record, or a skip with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class SkipReason(StrEnum):
    """Why a file or a line of a set became no photo."""

    MALFORMED_NAME = "malformed_name"  # the name does not say what this set's names say
    BAD_AGE = "bad_age"  # no age a person can have
    BAD_RECORD = "bad_record"  # a line of photos.jsonl that cannot be used
    MISSING_FILE = "missing_file"  # a line whose photo is not there
    DUPLICATE = "duplicate"  # a second file or line of one photo
    NO_SUBJECT = "no_subject"  # a file beside the sub-folders of the subjects


@dataclass(frozen=True)
class SourceRecord:
    """One photo of a set, with what the set says about it."""

    path: Path
    """Absolute."""
    site_id: str
    """Unique within the set, stable when the set is moved."""
    subject: str | None = None
    """Whom it shows; None where the set does not say, and then the photo never makes a pair."""
    age: float | None = None
    taken_year: int | None = None
    flags: tuple[str, ...] = ()
    """What the reader had to mend or doubt."""
    texts: Mapping[str, Any] = field(default_factory=dict)
    """Columns of a photo that the set fills: title, description, tags, date_taken..."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else the set says, kept as evidence."""


@dataclass(frozen=True)
class Skipped:
    """A file or line that became no record."""

    where: str
    reason: SkipReason
    detail: str


Item = SourceRecord | Skipped

MAX_AGE = 122
"""The oldest age that was ever proved (Jeanne Calment, 1997)."""
