"""Two people under one name, one person under two: what `curate verify` proposes, with the faces to decide by."""

from collections.abc import Sequence

from agegap.html import Html, element, join
from curation.report.context import Context
from curation.report.faces import faces_in_rows, label
from curation.report.pages import Page
from curation.report.people import spread
from db.gallery import moments_of, shown_faces
from db.identity_proposals import Proposal, read_proposals

_FACES = 12  # of each side


def write_proposals(context: Context) -> None:
    """Write the page of the open proposals."""
    proposals = read_proposals(context.connection)
    shown = proposals[: context.settings.worst]
    if not shown:
        says = "Nothing is proposed; `curate verify` compares the faces of each name."
        return context.write(Page("proposals.html", "Proposals", element("p", says, class_="note")))
    articles = [_article(context, proposal) for proposal in shown]
    more = f" Shown are {len(shown):,} of {len(proposals):,}." if len(shown) < len(proposals) else ""
    note = element("p", "For a person to decide; what is decided is not asked again." + more, class_="note")
    return context.write(Page("proposals.html", "Proposals", join([note, *articles])))


def _article(context: Context, proposal: Proposal) -> Html:
    own = [moment.face_id for moment in moments_of(context.connection, [proposal.subject_id])[proposal.subject_id]]
    if proposal.kind == "split":
        other = list(proposal.face_ids)
        sides = {"the others of the name": [face for face in own if face not in set(other)], "somebody else?": other}
        title = f"Two people called {proposal.subject}?"
    else:
        second = proposal.other_subject_id or 0
        other = [moment.face_id for moment in moments_of(context.connection, [second])[second]]
        sides = {proposal.subject: own, proposal.other or "?": other}
        title = f"One person, {proposal.subject} and {proposal.other}?"
    rows = [
        element("div", element("h3", name), faces_in_rows(_faces(context, f"proposal-{proposal.id}-{number}", ids)))
        for number, (name, ids) in enumerate(sides.items(), start=1)
    ]
    says = f"cosine {proposal.score:.2f}. "
    commands = [
        element("code", f"curate verify --accept {proposal.id}"),
        " or ",
        element("code", f"curate verify --refuse {proposal.id}"),
    ]
    words = element("p", says, join([join(command) for command in commands]), class_="note")
    return element("article", element("h2", title, class_="small"), words, element("div", rows, class_="sides"))


def _faces(context: Context, name: str, face_ids: Sequence[int]) -> list[Html]:
    found = shown_faces(context.connection, spread(face_ids, _FACES))
    faces = sorted(found.values(), key=lambda face: (face.year is None, face.year or 0, face.face_id))
    captions = [element("small", label(face.year, face.age)) for face in faces]
    return context.faces(name, faces, captions, prefix=f"{name}-")
