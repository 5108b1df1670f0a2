"""How much the faces of a photo look like the subject it was found under: vectors that `curate verify` left."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, func, select

from db.models import Face, FaceEmbedding, FaceIdentity

_face, _vector, _identity = Face.__table__, FaceEmbedding.__table__, FaceIdentity.__table__

Vectors = dict[int, dict[str, list[tuple[int, bytes]]]]
"""By id of a photo or subject, by embedder: (face id or photo id, float32 bytes)."""


def vectors_in(connection: Connection, photo_ids: Sequence[int]) -> Vectors:
    """Return the vectors of all faces of the photos, with their face ids, by photo and embedder."""
    statement = (
        select(_face.c.photo_id, _vector.c.embedder, _face.c.id, _vector.c.vector)
        .join(_vector, _vector.c.face_id == _face.c.id)
        .where(_face.c.photo_id.in_(photo_ids))
        .order_by(_face.c.id)
    )
    found: Vectors = {}
    for photo_id, embedder, face_id, vector in connection.execute(statement):
        found.setdefault(photo_id, {}).setdefault(embedder, []).append((face_id, vector))
    return found


def vectors_of(connection: Connection, subject_ids: Sequence[int], *, limit: int) -> Vectors:
    """Return the vectors of up to `limit` matching faces of each subject, with their photo ids, by embedder."""
    of_subject = (
        select(
            _identity.c.subject_id,
            _identity.c.face_id,
            _identity.c.embedder,
            func.row_number()
            .over(partition_by=_identity.c.subject_id, order_by=(_identity.c.similarity.desc(), _identity.c.face_id))
            .label("place"),
        )
        .where(_identity.c.subject_id.in_(subject_ids), _identity.c.verdict == "match")
        .subquery()
    )
    statement = (
        select(of_subject.c.subject_id, of_subject.c.embedder, _face.c.photo_id, _vector.c.vector)
        .join(_face, _face.c.id == of_subject.c.face_id)
        .join(
            _vector,
            and_(_vector.c.face_id == of_subject.c.face_id, _vector.c.embedder == of_subject.c.embedder),
        )
        .where(of_subject.c.place <= limit)
        .order_by(of_subject.c.subject_id, of_subject.c.face_id)
    )
    found: Vectors = {}
    for subject_id, embedder, photo_id, vector in connection.execute(statement):
        found.setdefault(subject_id, {}).setdefault(embedder, []).append((photo_id, vector))
    return found
