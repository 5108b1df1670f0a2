"""What the index and the pairs of a dataset folder hold, as columns of numpy arrays.

Columns, not objects a face: a million faces are a few arrays, and a trainer selects with masks.
"""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

CROP_SIZE = 128
"""Side of a crop in pixels; every face of a dataset is uint8 RGB of this size."""

NO_SUBJECT = -1
NO_YEAR = -1

Ints64 = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Ints16 = NDArray[np.int16]
Floats32 = NDArray[np.float32]


def _not_said() -> NDArray[Any]:
    """Return the default of a column that older folders lack: `__post_init__` fills it."""
    return np.zeros(0, np.int16)


@dataclass(frozen=True, eq=False)
class FaceTable:
    """One row a face, in the order of `faces.npy`; unknown is -1 or NaN, never a default."""

    face_id: Ints64  # row id of the catalog the dataset came from
    subject: Ints32  # index into subject_names, -1 where the set names nobody
    subject_names: tuple[str, ...]
    split: NDArray[np.int8]  # a dataset.splits.Split
    age: Floats32  # years; NaN unknown
    year: Ints32  # taken year; -1 unknown
    year_confidence: Floats32  # 0..1 that `year` is right; 0 where it is unknown
    site: tuple[str, ...]
    site_id: tuple[str, ...]
    licence: tuple[str | None, ...] | None = None  # the site's own id; None: the dataset does not say
    age_std: Floats32 = field(default_factory=_not_said)  # years by which the votes on it spread; NaN unknown

    def __post_init__(self) -> None:
        """Fill the column that was left out."""
        if not len(self.age_std):
            object.__setattr__(self, "age_std", np.full(len(self), np.nan, np.float32))

    def __len__(self) -> int:
        return len(self.face_id)


@dataclass(frozen=True, eq=False)
class PairTable:
    """One row a pair; `younger` and `older` are row numbers of the faces, both of one subject.

    In an export of another layout they are face ids, which hold whatever the order of its faces.
    """

    younger: Ints64
    older: Ints64
    gap_years: Ints16
    confidence: Floats32
    gap_min: Ints16 = field(default_factory=_not_said)  # least K by the intervals of the two years; may be negative
    gap_max: Ints16 = field(default_factory=_not_said)

    def __post_init__(self) -> None:
        """Take K to be sure where no bounds are given."""
        for name in ("gap_min", "gap_max"):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, self.gap_years)

    def __len__(self) -> int:
        return len(self.younger)

    def take(self, rows: NDArray[Any]) -> "PairTable":
        """Return the pairs of these row numbers, or of this mask."""
        return PairTable(**{item.name: getattr(self, item.name)[rows] for item in fields(self)})


def no_pairs() -> PairTable:
    """Return a PairTable without rows."""
    return PairTable(
        younger=np.zeros(0, np.int64),
        older=np.zeros(0, np.int64),
        gap_years=np.zeros(0, np.int16),
        confidence=np.zeros(0, np.float32),
    )


def fault_of(faces: FaceTable, pairs: PairTable) -> str | None:
    """Return what is wrong with a dataset's tables in a few words, None where all is well.

    Checked: equal column lengths, subjects within the names, splits that share no subject, and pairs that are two
    different faces of one subject with a gap of zero or more.
    """
    columns: tuple[Any, ...] = (
        *(faces.subject, faces.split, faces.age, faces.year, faces.year_confidence, faces.site, faces.site_id),
        *(() if faces.licence is None else (faces.licence,)),
        faces.age_std,
    )
    if any(len(column) != len(faces) for column in columns):
        return "the columns of its faces differ in length"
    of_pairs = (pairs.older, pairs.gap_years, pairs.confidence, pairs.gap_min, pairs.gap_max)
    if any(len(column) != len(pairs) for column in of_pairs):
        return "the columns of its pairs differ in length"
    if len(faces) and not (faces.subject.min() >= NO_SUBJECT and faces.subject.max() < len(faces.subject_names)):
        return "a face has a subject that is not among the names"
    named = faces.subject >= 0
    seats = np.unique(np.stack([faces.subject[named], faces.split[named].astype(np.int32)]), axis=1)
    if len(np.unique(seats[0])) != seats.shape[1]:
        return "a subject is in two splits"
    return _fault_of_pairs(faces, pairs)


def _fault_of_pairs(faces: FaceTable, pairs: PairTable) -> str | None:
    if not len(pairs):
        return None
    ends = np.concatenate([pairs.younger, pairs.older])
    if ends.min() < 0 or ends.max() >= len(faces):
        return "a pair points outside the faces"
    if (pairs.younger == pairs.older).any() or (pairs.gap_years < 0).any():
        return "a pair is a face with itself or has a negative gap"
    if (pairs.gap_min > pairs.gap_years).any() or (pairs.gap_max < pairs.gap_years).any():
        return "a pair has a gap outside its own bounds"
    subject = faces.subject[pairs.younger]
    if (subject != faces.subject[pairs.older]).any() or (subject < 0).any():
        return "a pair is not of one subject"
    return None
