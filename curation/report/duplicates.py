"""The same picture twice: the groups of `curate dedupe`, those under several names first."""

from agegap.html import element, join
from curation.report.context import Context
from curation.report.faces import faces_in_rows
from curation.report.pages import Page
from db.gallery import shown_faces
from db.gallery_lists import DuplicateMember, count_duplicate_groups, duplicate_groups

_MEMBERS = 12  # faces of a group that are shown


def write_duplicates(context: Context) -> None:
    """Write the page of the groups."""
    total = count_duplicate_groups(context.connection)
    groups = duplicate_groups(context.connection, limit=context.settings.worst, members=_MEMBERS)
    if not groups:
        says = "No picture is known to be there twice; `curate dedupe` looks for them."
        return context.write(Page("duplicates.html", "Twice", element("p", says, class_="note")))
    members = [(group, member) for group in groups for member in group.members]
    found = shown_faces(context.connection, [member.face_id for _, member in members])
    there = [(group, member) for group, member in members if member.face_id in found]
    captions = [
        element("small", _says(member, group.group_id), ", ", found[member.face_id].subject or "nobody's")
        for group, member in there
    ]
    cells = context.faces_numbered("duplicates", [found[member.face_id] for _, member in there], captions)
    articles = []
    for group in groups:
        own = [cell for (of, _), cell in zip(there, cells, strict=True) if of is group]
        names = f"{group.size} faces, {group.subjects} name{'' if group.subjects == 1 else 's'}"
        articles.append(element("article", element("h2", names, class_="small"), faces_in_rows(own), class_="card-of"))
    note = (
        f"{len(groups):,} of {total:,} groups, those under several names first: one of the names is wrong, and only a "
        "person knows which. The first face of a group is the one the others are like."
    )
    return context.write(Page("duplicates.html", "Twice", join([element("p", note, class_="note"), *articles])))


def _says(member: DuplicateMember, group_id: int) -> str:
    if member.face_id == group_id:
        return "best"
    return "same pixels" if member.kind == "exact" else f"{member.distance} bits"
