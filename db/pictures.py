"""What each kept face is a picture of, for finding one picture on two sides of a split."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from db.dated_faces import NO_PICTURE
from db.models import DuplicateFace, Face, Photo, Subject

_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, eq=False)
class Pictures:
    """Kept faces by id, ascending, and 64 bits of the crop (of the duplicate group's crop); 0: no crop."""

    face_id: NDArray[np.int64]
    picture: NDArray[np.uint64]

    def of(self, face_ids: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return the pictures of these faces, 0 for those that are not kept."""
        if not len(self.face_id):
            return np.zeros(len(face_ids), np.uint64)
        place = np.minimum(np.searchsorted(self.face_id, face_ids), len(self.face_id) - 1)
        return np.where(self.face_id[place] == face_ids, self.picture[place], np.uint64(NO_PICTURE))


def load_pictures(connection: Connection) -> Pictures:
    """Read the pictures of all kept faces."""
    leader = aliased(Face)
    statement = (
        select(Face.id, func.substr(func.coalesce(leader.crop_sha256, Face.crop_sha256), 1, 16))
        .join(DuplicateFace, DuplicateFace.face_id == Face.id, isouter=True)
        .join(leader, leader.id == DuplicateFace.group_id, isouter=True)
        .where(Face.status == "kept")
        .order_by(Face.id)
    )
    ids, pictures = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    for rows in connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE)).partitions():
        ids.append(np.array([row[0] for row in rows], np.int64))
        pictures.append(np.array([int(row[1], 16) if row[1] else NO_PICTURE for row in rows], np.uint64))
    return Pictures(np.concatenate(ids), np.concatenate(pictures))


def describe_faces(connection: Connection, face_ids: Sequence[int]) -> dict[int, str]:
    """Return "site/site id of Name" of faces, for a sentence."""
    statement = (
        select(Face.id, Photo.site, Photo.site_id, Subject.name)
        .join(Photo, Photo.id == Face.photo_id)
        .join(Subject, Subject.id == Face.subject_id, isouter=True)
        .where(Face.id.in_(face_ids))
    )
    return {
        row.id: f"{row.site}/{row.site_id}" + (f" of {row.name}" if row.name is not None else "")
        for row in connection.execute(statement)
    }
