"""What `curate audit` doubts, a section a check: the face, the reason in words, the fix and the command for it."""

from collections.abc import Mapping
from typing import Any

from agegap.html import Html, element, join
from curation.report.context import Context
from curation.report.html import section
from curation.report.pages import Page
from db.audits import StoredFinding, count_findings, subject_names
from db.gallery import shown_faces
from db.gallery_lists import face_of_photo, some_findings

_STATES = ("open", "applied", "reverted", "ignored")


def write_audit(context: Context) -> None:
    """Write the page of the findings."""
    counts = count_findings(context.connection)
    if not counts:
        says = "There are no findings; `curate audit` looks for labels that cannot be right."
        return context.write(Page("audit.html", "Audit", element("p", says, class_="note")))
    head = element("tr", [element("th", name) for name in ("check", *_STATES)])
    rows = [
        element(
            "tr",
            element("td", element("a", check.replace("_", " "), href=f"#{check}")),
            [element("td", f"{of_check.get(state, 0):,}") for state in _STATES],
        )
        for check, of_check in sorted(counts.items())
    ]
    table = element("div", element("table", head, rows), class_="scroll")
    sections = [_section(context, check, counts[check]) for check in sorted(counts)]
    note = element("p", "An audit changes nothing by itself; its fixes can be taken back.", class_="note")
    return context.write(Page("audit.html", "Audit", join([note, table, *sections])))


def _section(context: Context, check: str, counts: Mapping[str, int]) -> Html:
    findings = some_findings(context.connection, check, limit=context.settings.worst)
    photos = [finding.photo_id for finding in findings if finding.photo_id is not None]
    by_photo = face_of_photo(context.connection, photos)
    face_of = {finding.id: finding.face_id or by_photo.get(finding.photo_id or 0) for finding in findings}
    faces = shown_faces(context.connection, [face_id for face_id in face_of.values() if face_id is not None])
    names = subject_names(
        context.connection, [finding.subject_id for finding in findings if finding.subject_id is not None]
    )
    seen = [finding for finding in findings if face_of[finding.id] in faces]
    cells = context.faces_numbered(
        f"audit-{check}", [faces[face_of[finding.id] or 0] for finding in seen], [None] * len(seen)
    )
    pictures = {finding.id: cell for finding, cell in zip(seen, cells, strict=True)}
    items = [
        element(
            "li",
            pictures.get(finding.id) or element("div", element("span", "no face", class_="missing"), class_="face"),
            element("div", _words(context, finding, names)),
        )
        for finding in findings
    ]
    total = sum(counts.values())
    note = f"{counts.get('open', 0):,} open of {total:,}." + (
        f" Shown are {len(findings):,}, the open ones first." if len(findings) < total else ""
    )
    return section(
        check.replace("_", " ").capitalize(), element("ul", items, class_="findings"), note=note, anchor=check
    ).html


def _words(context: Context, finding: StoredFinding, names: Mapping[int, str]) -> list[Html]:
    name = names.get(finding.subject_id or 0)
    person = context.writer.person(finding.subject_id, name) if name else None
    parts = [element("p", person, ": " if person else None, str(finding.detail.get("words") or finding.detail))]
    fix = [_change(change) for change in (finding.fix or {}).get("changes", ())]
    if fix:
        parts.append(element("p", "Fix: " + "; ".join(fix), class_="note"))
    command = "--revert" if finding.state == "applied" else "--apply" if fix else "--ignore"
    parts.append(
        element("p", f"{finding.state}; ", element("code", f"curate audit {command} {finding.id}"), class_="note")
    )
    return parts


def _shown(value: object) -> str:
    return "unknown" if value is None else str(value)


def _change(change: Mapping[str, Any]) -> str:
    old, new = change.get("old", {}), change.get("new", {})
    values = [f"{name} {_shown(old.get(name))} to {_shown(value)}" for name, value in new.items()]
    return f"{change.get('table')} {change.get('id')}: " + ", ".join(values)
