"""What the index and the pairs of a dataset folder hold, as columns of numpy arrays.

Columns, not objects a face: a million faces are a few arrays, and a trainer selects with masks.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CROP_SIZE = 128
"""Side of a crop in pixels; every face of a dataset is uint8 RGB of this size."""

NO_SUBJECT = -1
NO_YEAR = -1

Ints64 = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Floats32 = NDArray[np.float32]


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

    def __len__(self) -> int:
        return len(self.face_id)


@dataclass(frozen=True, eq=False)
class PairTable:
    """One row a pair; `younger` and `older` are row numbers of the faces, both of one subject."""

    younger: Ints64
    older: Ints64
    gap_years: NDArray[np.int16]
    confidence: Floats32

    def __len__(self) -> int:
        return len(self.younger)


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
    )
    if any(len(column) != len(faces) for column in columns):
        return "the columns of its faces differ in length"
    if any(len(column) != len(pairs) for column in (pairs.older, pairs.gap_years, pairs.confidence)):
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
    subject = faces.subject[pairs.younger]
    if (subject != faces.subject[pairs.older]).any() or (subject < 0).any():
        return "a pair is not of one subject"
    return None
