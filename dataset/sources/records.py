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
    IGNORED = "ignored"  # on the set's own list of photos to leave out
    NO_FACE = "no_face"  # the set says that it found no face
    WEAK_FACE = "weak_face"  # the set's detector scored the face below the bound everybody uses
    SEVERAL_FACES = "several_faces"  # the set says that it found a second face: nobody knows whose the label is


@dataclass(frozen=True)
class SourceRecord:
    """One photo of a set, with what the set says about it."""

    path: Path
    """Absolute."""
    site_id: str
    """Unique within the set, stable when the set is moved."""
    subject: str | None = None
    """Whom it shows; None where the set does not say, and then the photo never makes a pair."""
    subject_name: str | None = None
    """The subject's name as people write it, where `subject` is a number."""
    birth: str | None = None
    """ISO date of the subject's birth as far as the set tells it: 1952, 1952-05 or 1952-05-01."""
    age: float | None = None
    taken_year: int | None = None
    year_confidence: float = 1.0
    """That `taken_year` is right; below 1 where the set itself took it from a search or a caption."""
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

TOLD_YEAR_CONFIDENCE = 0.8
"""Of a year that a set took from a search or a caption (CACD, IMDB-WIKI). Nobody measured how many are right; the
figure only says "less than a stated date", so that a floor of `curate build-pairs` can tell the two apart."""
