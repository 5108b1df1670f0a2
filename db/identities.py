"""Embeddings of faces and what was judged of them: SQL of `curate verify`, beside db/identity_proposals.py."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, and_, case, delete, func, literal, or_, select, update
from sqlalchemy.sql import ColumnElement, Select

from db.models import Face, FaceEmbedding, FaceIdentity, Photo, PhotoSubject, TakenYear
from db.upserts import Row, slices, upsert

IMPOSTOR = "impostor"
"""Reason of a face that `--apply` dropped."""
OTHER_FACE = "other_face"
"""Reason of a sure face that is not the main one of its photo."""
_ROWS_AT_ONCE = 10_000

_face, _vector, _identity = Face.__table__, FaceEmbedding.__table__, FaceIdentity.__table__


@dataclass(frozen=True)
class FaceToEmbed:
    """A face without a vector of the embedder."""

    face_id: int
    photo_id: int
    path: str
    landmarks: list[list[float]]


@dataclass(frozen=True, eq=False)
class SubjectFaces:
    """The embedded faces filed under one subject, in order of face id."""

    subject_id: int
    face_id: NDArray[np.int64]
    photo_id: NDArray[np.int64]
    vectors: NDArray[np.float32]
    time: NDArray[np.float64]
    """Taken years, or ages where the subject has no taken year at all; NaN where unknown."""


def count_to_embed(connection: Connection, *, embedder: str, with_others: bool = False) -> int:
    """Return how many faces `faces_to_embed` gives from the start."""
    statement = _select_unembedded(func.count(), embedder=embedder, with_others=with_others)
    return int(connection.execute(statement).scalar_one())


def faces_to_embed(
    connection: Connection, *, embedder: str, after_id: int, limit: int, with_others: bool = False
) -> list[FaceToEmbed]:
    """Return up to `limit` faces above `after_id`, in order of id: a subject's, kept or dropped as impostors.

    `with_others`: also the further faces of photos that were found under one subject, any of which may be that one's.
    """
    columns = (Face.id.label("face_id"), Face.photo_id, Photo.path, Face.landmarks)
    statement = _select_unembedded(*columns, embedder=embedder, with_others=with_others).where(Face.id > after_id)
    rows = connection.execute(statement.order_by(Face.id).limit(limit)).mappings()
    return [FaceToEmbed(**row) for row in rows]


def save_vectors(connection: Connection, vectors: Mapping[int, NDArray[np.float32]], *, embedder: str) -> None:
    """Store the vectors by face id; a face that is gone meanwhile is passed over."""
    there: set[int] = set()
    for some in slices(sorted(vectors)):
        there.update(connection.execute(select(Face.id).where(Face.id.in_(some))).scalars())
    rows = [
        {"face_id": face_id, "embedder": embedder, "vector": vectors[face_id].astype("<f4").tobytes()}
        for face_id in sorted(there)
    ]
    upsert(connection, _vector, rows, keys=["face_id", "embedder"], update=["vector"])


def subjects_with_faces(connection: Connection, *, embedder: str) -> list[tuple[int, int]]:
    """Return (subject id, embedded faces) of each subject that has any, in order of id."""
    statement = _select_embedded(Face.subject_id, func.count(), embedder=embedder).group_by(Face.subject_id)
    return [(int(row[0]), int(row[1])) for row in connection.execute(statement.order_by(Face.subject_id))]


def read_subjects(connection: Connection, subject_ids: Sequence[int], *, embedder: str) -> Iterator[SubjectFaces]:
    """Yield the embedded faces of these subjects, one subject after another, in order of id."""
    columns = (Face.subject_id, Face.id, Face.photo_id, _vector.c.vector, TakenYear.year)
    age = func.coalesce(Face.age, Photo.age_label).label("age")
    for some in slices(sorted(subject_ids), 200):
        statement = (
            _select_embedded(*columns, age, embedder=embedder)
            .join(Photo, Photo.id == Face.photo_id)
            .outerjoin(TakenYear, TakenYear.photo_id == Face.photo_id)
            .where(Face.subject_id.in_(some))
            .order_by(Face.subject_id, Face.id)
        )
        rows: list[Any] = []
        for row in connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE)):
            if rows and row.subject_id != rows[0].subject_id:
                yield _subject_faces(rows)
                rows = []
            rows.append(row)
        if rows:
            yield _subject_faces(rows)


def _subject_faces(rows: Sequence[Any]) -> SubjectFaces:
    has_year = any(row.year is not None for row in rows)
    times = [row.year if has_year else row.age for row in rows]
    return SubjectFaces(
        subject_id=int(rows[0].subject_id),
        face_id=np.array([row.id for row in rows], np.int64),
        photo_id=np.array([row.photo_id for row in rows], np.int64),
        vectors=np.stack([np.frombuffer(row.vector, "<f4") for row in rows]),
        time=np.array([np.nan if time is None else time for time in times], np.float64),
    )


def save_identities(connection: Connection, rows: Sequence[Row]) -> None:
    """Write rows of `face_identity` (less `made_at`) in place of older ones of the same faces."""
    now = datetime.now(UTC)
    names = ("subject_id", "embedder", "similarity", "cluster", "verdict", "made_at")
    upsert(connection, _identity, [{**row, "made_at": now} for row in rows], keys=["face_id"], update=names)


def forget_others(connection: Connection) -> None:
    """Delete what was judged of faces that are not those of that subject any more, or not to be judged."""
    is_current = select(Face.id).where(
        Face.id == FaceIdentity.face_id, Face.subject_id == FaceIdentity.subject_id, _is_judged()
    )
    connection.execute(delete(FaceIdentity).where(~is_current.exists()))


def drop_impostors(connection: Connection) -> int:
    """Drop the kept faces whose verdict is impostor; return how many."""
    found = select(FaceIdentity.face_id).where(
        FaceIdentity.verdict == IMPOSTOR, FaceIdentity.subject_id == Face.subject_id
    )
    statement = update(Face).where(Face.status == "kept", Face.id.in_(found))
    return int(connection.execute(statement.values(status="dropped", drop_reason=IMPOSTOR)).rowcount)


def keep_again(connection: Connection, *, reason: str, only_cleared: bool = False) -> list[int]:
    """Keep again the faces that were dropped for `reason`; return the photo of each.

    `only_cleared`: those no longer held for impostors.
    """
    statement = update(Face).where(Face.drop_reason == reason)
    if only_cleared:
        held = select(FaceIdentity.face_id).where(
            FaceIdentity.verdict == IMPOSTOR, FaceIdentity.subject_id == Face.subject_id
        )
        statement = statement.where(Face.id.not_in(held))
    return list(connection.scalars(statement.values(status="kept", drop_reason=None).returning(Face.photo_id)))


def count_verdicts(connection: Connection) -> dict[str, int]:
    """Return how many faces have which verdict."""
    rows = connection.execute(select(FaceIdentity.verdict, func.count()).group_by(FaceIdentity.verdict))
    return dict(sorted((str(row[0]), int(row[1])) for row in rows))


def kept_by_gap(connection: Connection, *, edges: Sequence[int]) -> list[tuple[int, int]]:
    """Return for each span of K (from an edge to the one before the next) how many pairs there are, and how many of
    them have no impostor in them: pairs of judged faces of one subject in two photos with taken years or ages.
    """
    age = func.coalesce(Face.age, Photo.age_label)
    time = case((TakenYear.year.is_not(None), TakenYear.year), else_=age).label("time")
    # A taken year is never compared with an age.
    scale = case((TakenYear.year.is_not(None), literal(1)), else_=literal(0)).label("scale")
    dated = (
        select(Face.id, Face.subject_id, Face.photo_id, time, scale, FaceIdentity.verdict)
        .join(FaceIdentity, and_(FaceIdentity.face_id == Face.id, FaceIdentity.subject_id == Face.subject_id))
        .join(Photo, Photo.id == Face.photo_id)
        .outerjoin(TakenYear, TakenYear.photo_id == Face.photo_id)
        .where(or_(TakenYear.year.is_not(None), age.is_not(None)))
        .cte("dated")
    )
    a, b = dated.alias("a"), dated.alias("b")
    gap = func.abs(a.c.time - b.c.time)
    kept = case((and_(a.c.verdict != IMPOSTOR, b.c.verdict != IMPOSTOR), 1), else_=0)
    bins: list[ColumnElement[Any]] = []
    for low, high in pairwise(edges):
        inside = and_(gap >= low, gap < high)
        bins += [func.sum(case((inside, 1), else_=0)), func.sum(case((inside, kept), else_=0))]
    statement = (
        select(*bins)
        .select_from(a)
        .join(
            b,
            and_(
                b.c.subject_id == a.c.subject_id, b.c.id > a.c.id, b.c.photo_id != a.c.photo_id, b.c.scale == a.c.scale
            ),
        )
    )
    row = [int(value or 0) for value in connection.execute(statement).one()]
    return list(zip(row[::2], row[1::2], strict=True))


def _is_judged() -> ColumnElement[bool]:
    return and_(Face.subject_id.is_not(None), or_(Face.status == "kept", Face.drop_reason == IMPOSTOR))


def _is_another_of_one_subject() -> ColumnElement[bool]:
    subjects = select(func.count()).where(PhotoSubject.photo_id == Face.photo_id).correlate(Face).scalar_subquery()
    return and_(Face.subject_id.is_(None), Face.drop_reason == OTHER_FACE, subjects == 1)


def _select_unembedded(*columns: Any, embedder: str, with_others: bool) -> Select[Any]:
    mine = and_(_vector.c.face_id == Face.id, _vector.c.embedder == embedder)
    wanted = or_(_is_judged(), _is_another_of_one_subject()) if with_others else _is_judged()
    return (
        select(*columns)
        .select_from(_face)
        .join(Photo, Photo.id == Face.photo_id)
        .outerjoin(_vector, mine)
        .where(wanted, _vector.c.face_id.is_(None), Photo.path.is_not(None), Photo.state == "done")
    )


def _select_embedded(*columns: Any, embedder: str) -> Select[Any]:
    return (
        select(*columns)
        .select_from(_face)
        .join(_vector, _vector.c.face_id == Face.id)
        .where(_is_judged(), _vector.c.embedder == embedder)
    )
