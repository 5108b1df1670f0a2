"""Two people under one name, one person under two: what is proposed, and filing faces as a person decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update

from db.models import Face, FaceIdentity, IdentityProposal, PhotoSubject, Subject
from db.upserts import Row, insert_new, slices

_proposal, _link = IdentityProposal.__table__, PhotoSubject.__table__


@dataclass(frozen=True)
class Proposal:
    """One row of `identity_proposal`, with the names."""

    id: int
    kind: str
    subject_id: int
    other_subject_id: int | None
    subject: str
    other: str | None
    face_ids: list[int]
    score: float
    state: str


def replace_open_proposals(connection: Connection, rows: Sequence[Row]) -> int:
    """Write proposals (less state and time) in place of the open ones; return how many are new or still open.

    What was decided is not asked again: a split of the same faces, a merge of the same two subjects.
    """
    decided = connection.execute(select(_proposal).where(_proposal.c.state != "open")).mappings().all()
    settled = {_identity_of(dict(row)) for row in decided}
    fresh = [row for row in rows if _identity_of(row) not in settled]
    connection.execute(delete(IdentityProposal).where(IdentityProposal.state == "open"))
    now = datetime.now(UTC)
    for some in slices(fresh):
        connection.execute(insert(IdentityProposal), [{**row, "state": "open", "created_at": now} for row in some])
    return len(fresh)


def _identity_of(row: Row) -> tuple[Any, ...]:
    if row["kind"] == "merge":
        return ("merge", *sorted([row["subject_id"], row["other_subject_id"]]))
    return ("split", row["subject_id"], *sorted(row["face_ids"]))


def read_proposals(connection: Connection, *, state: str | None = "open", ids: Sequence[int] = ()) -> list[Proposal]:
    """Return proposals with the names of their subjects, in order of id."""
    one, other = Subject.__table__.alias("one"), Subject.__table__.alias("other")
    columns = [_proposal.c[name] for name in ("id", "kind", "subject_id", "other_subject_id", "face_ids", "score")]
    statement = (
        select(*columns, _proposal.c.state, one.c.name.label("subject"), other.c.name.label("other"))
        .join(one, one.c.id == _proposal.c.subject_id)
        .outerjoin(other, other.c.id == _proposal.c.other_subject_id)
        .order_by(_proposal.c.id)
    )
    if state is not None:
        statement = statement.where(_proposal.c.state == state)
    if ids:
        statement = statement.where(_proposal.c.id.in_(ids))
    return [Proposal(**row) for row in connection.execute(statement).mappings()]


def set_proposal_state(connection: Connection, proposal_id: int, state: str) -> None:
    """Say that a proposal was accepted or refused."""
    connection.execute(update(IdentityProposal).where(IdentityProposal.id == proposal_id).values(state=state))


def move_faces(connection: Connection, face_ids: Sequence[int], *, subject_id: int, to: int) -> int:
    """File these faces of a subject, and the photos they are in, under the subject `to`; return how many moved."""
    moved = 0
    for some in slices(face_ids):
        mine = and_(Face.id.in_(some), Face.subject_id == subject_id)
        photos = list(connection.execute(select(Face.photo_id).where(mine).distinct()).scalars())
        moved += int(connection.execute(update(Face).where(mine).values(subject_id=to)).rowcount)
        connection.execute(delete(FaceIdentity).where(FaceIdentity.face_id.in_(some)))
        insert_new(connection, _link, [{"photo_id": photo, "subject_id": to} for photo in photos])
        # A photo of both keeps both names.
        left = select(Face.id).where(Face.photo_id == PhotoSubject.photo_id, Face.subject_id == subject_id)
        connection.execute(
            delete(PhotoSubject).where(
                PhotoSubject.photo_id.in_(photos), PhotoSubject.subject_id == subject_id, ~left.exists()
            )
        )
    return moved


def faces_of_subject(connection: Connection, subject_id: int) -> list[int]:
    """Return the ids of all faces filed under a subject."""
    return list(connection.execute(select(Face.id).where(Face.subject_id == subject_id).order_by(Face.id)).scalars())


def add_namesake(connection: Connection, subject_id: int) -> tuple[int, str]:
    """Create a subject of the same shown name, called NAME~2 or the next number that is free; return id and name."""
    row = connection.execute(select(Subject.name, Subject.display_name).where(Subject.id == subject_id)).one()
    taken = set(connection.execute(select(Subject.name).where(Subject.name.startswith(row.name + "~"))).scalars())
    number = next(n for n in range(2, len(taken) + 3) if f"{row.name}~{n}" not in taken)
    name = f"{row.name}~{number}"
    values = {"name": name, "display_name": f"{row.display_name} ({number})", "created_at": datetime.now(UTC)}
    key = connection.execute(insert(Subject).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0]), name
