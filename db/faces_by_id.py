"""What is said of single faces, asked for by their row numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from db.models import Face, Photo
from db.upserts import slices

_face, _photo = Face.__table__, Photo.__table__


@dataclass(frozen=True)
class FaceLabels:
    """A face with its photo's age label."""

    id: int
    photo_id: int
    subject_id: int | None
    status: str
    crop_sha256: str | None
    age_label: float | None


def face_labels(connection: Connection, face_ids: Sequence[int]) -> dict[int, FaceLabels]:
    """Return those of the faces that are there, by row number."""
    found: dict[int, FaceLabels] = {}
    for some in slices(sorted(set(face_ids))):
        columns = (_face.c.id, _face.c.photo_id, _face.c.subject_id, _face.c.status, _face.c.crop_sha256)
        statement = select(*columns, _photo.c.age_label).join(_photo, _photo.c.id == _face.c.photo_id)
        rows = connection.execute(statement.where(_face.c.id.in_(some))).mappings()
        found |= {row["id"]: FaceLabels(**row) for row in rows}
    return found
