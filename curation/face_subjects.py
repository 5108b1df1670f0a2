"""The rule `main_face = "subject"`: of several faces, the one that looks like whom the photo was found under.

It reads what `curate verify` stored: a vector of each face, and which faces of a subject match. Where nothing is
stored, or the subject has no other photo to compare with, it says nothing, and the largest face is the main one.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from db.face_likeness import vectors_in, vectors_of
from db.faces import StoredFace

REFERENCES = 64
"""Faces of a subject that are compared with: the best known ones."""
NEAREST = 3
"""A face is as like a subject as the mean of this many nearest of them: a life has more than one look."""


def likeliest_faces(
    connection: Connection,
    photos: Mapping[int, Sequence[StoredFace]],
    subjects: Mapping[int, Mapping[int, str]],
    *,
    min_score: float,
) -> dict[int, int]:
    """Return, by photo, the place of the face that looks most like its one subject; photos left open are not in it."""
    open_photos = {
        photo_id: next(iter(subjects[photo_id]))
        for photo_id, faces in photos.items()
        if len(subjects.get(photo_id, {})) == 1 and sum(face.detection_score >= min_score for face in faces) > 1
    }
    if not open_photos:
        return {}
    in_photos = vectors_in(connection, list(open_photos))
    of_subjects = vectors_of(connection, sorted(set(open_photos.values())), limit=REFERENCES)
    chosen: dict[int, int] = {}
    for photo_id, subject_id in open_photos.items():
        for embedder, known in of_subjects.get(subject_id, {}).items():
            others = [vector for of_photo, vector in known if of_photo != photo_id]
            vectors = dict(in_photos.get(photo_id, {}).get(embedder, []))
            likeness = {
                place: like(vectors[face.id], others)
                for place, face in enumerate(photos[photo_id])
                if face.id in vectors and face.detection_score >= min_score
            }
            if others and len(likeness) > 1:
                chosen[photo_id] = max(likeness, key=lambda place: (likeness[place], -place))
    return chosen


def like(vector: bytes, others: Sequence[bytes]) -> float:
    """Return the mean cosine of a vector (float32 bytes, of length 1) to its nearest `others`."""
    if not others:
        return 0.0
    cosines = _numbers(b"".join(others)).reshape(len(others), -1) @ _numbers(vector)
    return float(np.sort(cosines)[-NEAREST:].mean())


def _numbers(vector: bytes) -> npt.NDArray[np.float32]:
    return np.frombuffer(vector, dtype="<f4")
