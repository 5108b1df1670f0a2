"""A face on a page: its picture, and a card that says where it and its year come from.

The card is the browser's own popover: a tap, a click or Enter opens it, Esc closes it, and no script is needed. A
browser that knows no popovers shows the cards open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agegap.html import Child, Html, element
from curation.report.folder import person_page
from curation.report.html import link
from curation.report.sheets import Tile
from db.gallery import LicenceName, ShownFace

Licences = Mapping[tuple[str, str], LicenceName]


@dataclass(frozen=True)
class FaceWriter:
    """Writes the faces of one page; `root` is the way from the page to the report's folder ("" or "../")."""

    licences: Licences
    root: str = ""
    has_page: frozenset[int] = field(default_factory=frozenset)
    """Subjects whose names link to a page of their own."""

    def face(self, face: ShownFace, tile: Tile | None, *, prefix: str, caption: Child = None) -> Html:
        """Return a face with its card; `prefix` tells it from the same face elsewhere on the page."""
        anchor = f"{prefix}{face.face_id}"
        button = element(
            "button",
            picture(tile, alternative(face), root=self.root),
            type="button",
            popovertarget=anchor,
            title=says(face),
        )
        return element("div", button, caption, self.card(face, anchor), class_="face")

    def card(self, face: ShownFace, anchor: str) -> Html:
        """Return what is known of a face, as a popover of that id."""
        facts: list[tuple[str, Child]] = [
            ("year", _year(face)),
            ("said by", f"{face.source}, {face.rule or 'no rule'}" if face.source else None),
            ("in words", f"“{face.words}”" if face.words else None),
            ("age label", f"{face.age:g}" if face.age is not None else None),
            ("photo", link(face.title or name_of(face), face.page_url)),
            ("site", name_of(face)),
            ("by", face.owner_name),
            ("licence", self._licence(face)),
            ("person", self.person(face.subject_id, face.subject)),
            ("dropped", (face.drop_reason or "").replace("_", " ") or None),
            ("looks like them", f"{face.similarity:.2f}, {face.verdict}" if face.similarity is not None else None),
            ("face", f"number {face.face_id}, {face.eye_distance:.0f} pixels between the eyes"),
        ]
        rows = [element("dt", name) + element("dd", value) for name, value in facts if value]
        close = element("button", "close", type="button", popovertarget=anchor, popovertargetaction="hide")
        return element("div", element("dl", [Html(row) for row in rows]), close, id=anchor, popover="", class_="card")

    def person(self, subject_id: int | None, name: str | None) -> Html | None:
        """Return a subject's name, with a link where there is a page of it."""
        if subject_id is None:
            return None
        shown = name or f"subject {subject_id}"
        if subject_id in self.has_page:
            return element("a", shown, href=self.root + person_page(subject_id))
        return element("span", shown)

    def _licence(self, face: ShownFace) -> Child:
        if face.licence is None:
            return None
        known = self.licences.get((face.site, face.licence))
        return link(known.name, known.url) if known else face.licence


def picture(tile: Tile | None, alt: str, *, root: str = "") -> Html:
    """Return one picture of a sheet: the sheet as an image, cut by its frame to one of its places."""
    if tile is None:
        return element("span", "no picture", class_="missing")
    style = f"--c:{tile.columns};--r:{tile.rows};--x:{tile.column};--y:{tile.row}"
    image = element("img", src=root + tile.sheet, alt=alt, loading="lazy", decoding="async", style=style)
    return element("span", image, class_="tile-of")


def alternative(face: ShownFace) -> str:
    """Return the text in place of the picture: whose face, and when."""
    who = face.subject or name_of(face)
    return f"{who}, {label(face.year, face.age)}"


def label(year: int | None, age: float | None) -> str:
    """Return a face's time in a word or two."""
    return str(year) if year is not None else f"age {age:g}" if age is not None else "no year"


def says(face: ShownFace) -> str:
    """Return what a pointer over a face shows."""
    parts = [label(face.year, face.age)]
    if face.source:
        parts.append(f"{face.source} ({face.rule}, {face.confidence or 0:.2f}): “{face.words or ''}”")
    parts.append(name_of(face))
    return "\n".join(parts)


def name_of(face: ShownFace) -> str:
    """Return the photo's name in the catalog, site and id."""
    return f"{face.site}/{face.site_id}"


def faces_in_rows(cells: Sequence[Html]) -> Html:
    """Return cells side by side, as many as the screen is wide for."""
    return element("div", cells, class_="faces")


def _year(face: ShownFace) -> str | None:
    if face.year is None:
        return None
    span = ""
    if face.year_min is not None and face.year_max is not None and face.year_min < face.year_max:
        span = f" ({face.year_min} to {face.year_max})"
    return f"{face.year}{span}, sure by {face.confidence or 0:.2f}"
