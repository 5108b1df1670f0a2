"""Reading the lists of a report: the doubtful faces, groups of one picture, findings of audits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from db.audits import StoredFinding
from db.gallery import ShownFace, select_shown
from db.models import AuditFinding, DuplicateFace, Face, FaceIdentity, TakenYear

_KEPT = Face.status == "kept"


@dataclass(frozen=True)
class WorstList:
    """One list of doubtful faces: which faces, and the most doubtful first."""

    title: str
    note: str
    conditions: Callable[[], Sequence[ColumnElement[bool]]]
    order: Callable[[], Sequence[Any]]


WORST: dict[str, WorstList] = {
    "matches": WorstList(
        "Kept, and least like their subject",
        "Faces that count as their subject's with the lowest cosine to the nearest centre of it: just inside.",
        lambda: (_KEPT, FaceIdentity.verdict == "match", FaceIdentity.similarity.is_not(None)),
        lambda: (FaceIdentity.similarity, Face.id),
    ),
    "impostors": WorstList(
        "Held for somebody else, and most like their subject",
        "Impostors with the highest cosine to the nearest centre of the subject: just outside.",
        lambda: (FaceIdentity.verdict == "impostor", FaceIdentity.similarity.is_not(None)),
        lambda: (FaceIdentity.similarity.desc(), Face.id),
    ),
    "years": WorstList(
        "Least sure years",
        "Kept faces whose taken year is the least likely to be right.",
        lambda: (_KEPT, TakenYear.year.is_not(None)),
        lambda: (TakenYear.confidence, Face.id),
    ),
    "blurred": WorstList(
        "Most blurred",
        "Kept faces with the least variance of the Laplacian.",
        lambda: (_KEPT, Face.blur.is_not(None)),
        lambda: (Face.blur, Face.id),
    ),
    "small": WorstList(
        "Smallest",
        "Kept faces with the fewest pixels between the eyes.",
        lambda: (_KEPT,),
        lambda: (Face.eye_distance, Face.id),
    ),
    "doubtful": WorstList(
        "Hardly a face",
        "Kept faces the detector was least sure of.",
        lambda: (_KEPT,),
        lambda: (Face.detection_score, Face.id),
    ),
}
"""The lists by name, in the order they are shown; one entry each."""


@dataclass(frozen=True)
class DuplicateMember:
    """A face of a group of one picture."""

    face_id: int
    kind: str
    distance: int


@dataclass(frozen=True)
class DuplicateGroup:
    """Faces that show one picture, the kept one first; `subjects` counts whose they are."""

    group_id: int
    subjects: int
    size: int
    members: tuple[DuplicateMember, ...]


def worst_faces(connection: Connection, name: str, *, limit: int) -> list[ShownFace]:
    """Return the faces of the list `name` of WORST."""
    which = WORST[name]
    return select_shown(connection, *which.conditions(), order=which.order(), limit=limit)


def count_duplicate_groups(connection: Connection) -> int:
    """Return how many groups of one picture there are."""
    return connection.scalar(select(func.count(DuplicateFace.group_id.distinct()))) or 0


def duplicate_groups(connection: Connection, *, limit: int, members: int) -> list[DuplicateGroup]:
    """Return groups: those under several subjects first, then the largest; at most `members` faces of each."""
    subjects, size = func.count(Face.subject_id.distinct()), func.count(DuplicateFace.face_id)
    statement = (
        select(DuplicateFace.group_id, subjects, size)
        .join(Face, Face.id == DuplicateFace.face_id)
        .group_by(DuplicateFace.group_id)
        .order_by(case((subjects > 1, 0), else_=1), size.desc(), DuplicateFace.group_id)
        .limit(limit)
    )
    found = []
    for group_id, of_subjects, count in connection.execute(statement).all():
        rows = connection.execute(
            select(DuplicateFace.face_id, DuplicateFace.kind, DuplicateFace.distance)
            .where(DuplicateFace.group_id == group_id)
            .order_by(
                case((DuplicateFace.face_id == group_id, 0), else_=1), DuplicateFace.distance, DuplicateFace.face_id
            )
            .limit(members)
        )
        found.append(DuplicateGroup(group_id, of_subjects, count, tuple(DuplicateMember(*row) for row in rows)))
    return found


def some_findings(connection: Connection, check_name: str, *, limit: int) -> list[StoredFinding]:
    """Return findings of a check, the open ones first."""
    columns = [getattr(AuditFinding, name) for name in StoredFinding.__dataclass_fields__]
    statement = (
        select(*columns)
        .where(AuditFinding.check_name == check_name)
        .order_by(case((AuditFinding.state == "open", 0), else_=1), AuditFinding.id)
        .limit(limit)
    )
    return [StoredFinding(**row._mapping) for row in connection.execute(statement)]


def face_of_photo(connection: Connection, photo_ids: Sequence[int]) -> dict[int, int]:
    """Return a face of each photo that has one: a kept one where there is any."""
    statement = (
        select(Face.photo_id, Face.id)
        .where(Face.photo_id.in_(photo_ids))
        .order_by(case((_KEPT, 1), else_=0), Face.id.desc())  # the last one written into the mapping stays
    )
    return {int(row.photo_id): int(row.id) for row in connection.execute(statement)}
