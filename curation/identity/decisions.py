"""Doing what a person decided about a proposal: `curate verify --accept ID` and `--refuse ID`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine

from agegap.errors import WrongUse
from db.identity_proposals import (
    Proposal,
    add_namesake,
    faces_of_subject,
    move_faces,
    read_proposals,
    set_proposal_state,
)


def decide(engine: Engine, *, accept: Sequence[int], refuse: Sequence[int]) -> dict[str, Any]:
    """Accept and refuse proposals, all or none; return what was done with each.

    A split files the faces of the other person, and their photos, under a new subject NAME~2; a merge files those of
    the second subject under the first. Raises WrongUse for an id that is no open proposal, or is in both lists.
    """
    wanted = [*accept, *refuse]
    if len(set(wanted)) < len(wanted):
        raise WrongUse("verify: a proposal is named twice; accept it or refuse it once")
    done: dict[str, Any] = {}
    with engine.begin() as connection:
        proposals = {proposal.id: proposal for proposal in read_proposals(connection, ids=wanted)}
        for proposal_id in wanted:
            if proposal_id not in proposals:
                raise WrongUse(f"verify: {proposal_id} is no open proposal; `curate verify --proposals` lists them")
        for proposal_id in accept:
            done[str(proposal_id)] = _accept(connection, proposals[proposal_id])
            set_proposal_state(connection, proposal_id, "accepted")
        for proposal_id in refuse:
            set_proposal_state(connection, proposal_id, "refused")
            done[str(proposal_id)] = "refused"
    return {"proposals": done, "next": "run `curate verify` and `curate build-pairs` again"}


def list_proposals(engine: Engine) -> dict[str, Any]:
    """Return the open proposals, each as one line."""
    with engine.connect() as connection:
        rows = read_proposals(connection)
    return {"open_proposals": {str(row.id): _line(row) for row in rows}}


def _accept(connection: Connection, proposal: Proposal) -> str:
    if proposal.kind == "split":
        to, name = add_namesake(connection, proposal.subject_id)
        count = move_faces(connection, proposal.face_ids, subject_id=proposal.subject_id, to=to)
        return f"{count} faces of {proposal.subject} are now {name}"
    assert proposal.other_subject_id is not None
    faces = faces_of_subject(connection, proposal.other_subject_id)
    count = move_faces(connection, faces, subject_id=proposal.other_subject_id, to=proposal.subject_id)
    return f"{count} faces of {proposal.other} are now {proposal.subject}"


def _line(row: Proposal) -> str:
    if row.kind == "split":
        return f"split {row.subject}: {len(row.face_ids)} faces of another person (cosine {row.score:.2f})"
    return f"merge {row.other} into {row.subject} (cosine {row.score:.2f})"
