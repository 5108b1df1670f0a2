"""A finding of a check, and the change that would mend it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from db.audit_labels import LabelledPhoto


@dataclass(frozen=True)
class Change:
    """New values of one row, and the old ones it is believed to have."""

    table: str
    row_id: int
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    photo_id: int | None = None
    """Of a face: where to look for it again."""

    def as_dict(self) -> dict[str, Any]:
        """Return the change as the catalog stores it."""
        photo = {} if self.photo_id is None else {"photo_id": self.photo_id}
        return {"table": self.table, "id": self.row_id, "old": dict(self.old), "new": dict(self.new), **photo}


@dataclass(frozen=True)
class Finding:
    """Something doubted. `key` is the same in each run, and no other finding of the check has it."""

    key: str
    words: str
    """What is doubted, in one sentence without the subject."""
    subject_id: int | None = None
    photo_id: int | None = None
    face_id: int | None = None
    rows: Mapping[str, Any] = field(default_factory=dict)
    """The rows and values that led to it."""
    changes: Sequence[Change] = ()

    def as_row(self) -> dict[str, Any]:
        """Return the columns of `audit_finding` that a check decides."""
        return {
            "subject_id": self.subject_id,
            "photo_id": self.photo_id,
            "face_id": self.face_id,
            "detail": {"key": self.key, "words": self.words, **self.rows},
            "fix": {"changes": [change.as_dict() for change in self.changes]} if self.changes else None,
        }


def clear_age(photo: LabelledPhoto) -> Change:
    """Return the change that takes a photo's age label away."""
    return set_age(photo, None)


def set_age(photo: LabelledPhoto, age: float | None) -> Change:
    """Return the change of a photo's age label; that of its face follows when it is applied."""
    return Change("photo", photo.photo_id, {"age_label": photo.age}, {"age_label": age})


def clear_year(photo: LabelledPhoto, why: str) -> Change:
    """Return the change that takes a photo's year away and says why there is none."""
    old = {"year": photo.year, "year_min": photo.year_min, "year_max": photo.year_max}
    new = {"year": None, "year_min": None, "year_max": None, "precision": None, "confidence": 0.0, "reason": why}
    return Change("taken_year", photo.photo_id, old, new)


def told(photos: Iterable[LabelledPhoto], *names: str) -> list[dict[str, Any]]:
    """Return the photos as rows of a finding: id, site id, and the values `names` that are known."""
    return [
        {"photo_id": photo.photo_id, "site_id": photo.site_id}
        | {name: value for name in names if (value := getattr(photo, name)) is not None}
        for photo in photos
    ]
