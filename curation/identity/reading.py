"""A subject's rows as the folder that is judged."""

import numpy as np

from curation.identity.judge import Folder
from db.identities import SubjectFaces

SAMPLE_FACES = 60
"""Faces of one subject that are learned from, or compared with another subject's."""


def as_folder(faces: SubjectFaces, *, most: int | None = None) -> Folder:
    """Return the folder of `faces`, at most `most` of them, spread over their years."""
    folder = Folder(
        subject_id=faces.subject_id,
        face_id=faces.face_id,
        photo_id=faces.photo_id,
        vectors=faces.vectors.astype(np.float64),
        time=faces.time,
    )
    if most is None or len(folder) <= most:
        return folder
    by_time = np.argsort(folder.time, kind="stable")
    return folder.take(np.sort(by_time[np.linspace(0, len(folder) - 1, most).astype(np.int64)]))
