"""A person's page: the faces in the order of their years, the holes between them, and where each year comes from."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import agegap
from agegap.html import Html, element, join
from curation.report.faces import FaceWriter, Licences, label
from curation.report.folder import person_page, person_sheet
from curation.report.pages import Page, asset, write_page
from curation.report.sheets import Source, Tile, draw_sheet, tiles_of
from db.gallery import ShownFace, SubjectSpan

_AXIS_LABELS = 4  # at least: every 50, 20, 10, 5, 2 or 1 years
_FORM = 2
"""Raised when a page comes out otherwise than before for the same rows."""


@dataclass(frozen=True)
class Person:
    """What a person's page is made from; it pickles, for the processes that draw."""

    subject: SubjectSpan
    faces: tuple[ShownFace, ...]  # those that are shown, in order


@dataclass(frozen=True)
class DrawnPerson:
    """A page that is written: places of the faces whose pictures could not be read."""

    subject_id: int
    missing: frozenset[int]


def start_drawing(folder: Path, data: Path, licences: Licences, jpeg_quality: int) -> Callable[[Person], DrawnPerson]:
    """Return what draws and writes a person's page below `folder`; called once in each worker process."""

    def draw(person: Person) -> DrawnPerson:
        sheet = folder / person_sheet(person.subject.id)
        missing = draw_sheet(sheet, sources_of(person, data), jpeg_quality=jpeg_quality) if person.faces else set()
        drawn = DrawnPerson(person.subject.id, frozenset(missing))
        write_page(folder, page_of(person, drawn.missing, licences))
        return drawn

    return draw


def sources_of(person: Person, data: Path) -> list[Source]:
    """Return the crops of a person's faces."""
    return [Source(data / face.crop_path if face.crop_path else None) for face in person.faces]


def fingerprint(person: Person, data: Path, licences: Licences, jpeg_quality: int) -> str:
    """Return a digest of all that a person's page is made from: rows, files by size and time, this code's version."""
    parts: list[object] = [_FORM, agegap.__version__, asset("page.html"), jpeg_quality, person.subject]
    for face in person.faces:
        # A new computation of the identity changes the last digits of a cosine, which no page shows.
        seen = replace(face, similarity=None if face.similarity is None else round(face.similarity, 2))
        parts += [seen, licences.get((face.site, face.licence or "")), _state_of(data, face.crop_path)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def page_of(person: Person, missing: frozenset[int], licences: Licences) -> Page:
    """Return a person's page."""
    writer = FaceWriter(licences, root="../")
    tiles = tiles_of_person(person, missing)
    cells: list[Html] = []
    before: ShownFace | None = None
    for face, tile in zip(person.faces, tiles, strict=True):
        years = gap(before, face)
        if years > 1:
            cells.append(element("li", f"{years} y", class_="gap", aria_label=f"{years} years without a photo"))
        caption = element("b", label(face.year, face.age))
        cells.append(element("li", writer.face(face, tile, prefix="f", caption=caption)))
        before = face
    body = join(
        [
            element("p", summary(person.subject, shown=len(person.faces)), class_="note"),
            axis([face.year for face in person.faces if face.year is not None]),
            element("ol", cells, class_="timeline"),
            element("p", element("a", "All people", href="../people.html"), class_="note"),
        ]
    )
    return Page(person_page(person.subject.id), person.subject.display_name, body)


def tiles_of_person(person: Person, missing: frozenset[int]) -> list[Tile | None]:
    """Return where each face lies on the person's sheet, None for one that could not be read."""
    places = tiles_of(person_sheet(person.subject.id), len(person.faces))
    return [None if number in missing else tile for number, tile in enumerate(places)]


def summary(subject: SubjectSpan, *, shown: int | None = None) -> str:
    """Return a person's figures in one line."""
    words = f"{subject.faces} face{'' if subject.faces == 1 else 's'}"
    if subject.first_year is not None:
        span = subject.first_year == subject.last_year
        words += f", {subject.first_year}" if span else f", {subject.first_year} to {subject.last_year}"
    if subject.birth_date:
        words += f", born {subject.birth_date}"
    if shown is not None and shown < subject.faces:
        words += f"; {shown} of them shown"
    return words


def gap(before: ShownFace | None, face: ShownFace) -> int:
    """Return the years between two faces that follow each other, 0 where nobody knows."""
    if before is None:
        return 0
    if before.year is not None and face.year is not None:
        return face.year - before.year
    if before.year is None and face.year is None and before.age is not None and face.age is not None:
        return int(face.age - before.age)
    return 0


def axis(years: Sequence[int]) -> Html | None:
    """Return a line of years with a dot for each photo's, so that holes are seen at one look; None for one year."""
    if not years or min(years) == max(years):
        return None
    first, last = min(years), max(years)
    step = next((step for step in (50, 20, 10, 5, 2) if (last - first) / step >= _AXIS_LABELS), 1)

    def across(year: int) -> str:
        return f"{3 + 94 * (year - first) / (last - first):.2f}%"  # 3 % at either end for half a label

    marks = [element("line", x1="3%", x2="97%", y1=10, y2=10, class_="grid")]
    for year in range(-(-first // step) * step, last + 1, step):
        marks.append(element("line", x1=across(year), x2=across(year), y1=10, y2=16, class_="grid"))
        marks.append(element("text", str(year), x=across(year), y=29, text_anchor="middle"))
    for year in sorted(set(years)):
        count = years.count(year)
        dot = element("title", f"{year}: {count} photo{'' if count == 1 else 's'}")
        marks.append(element("circle", dot, cx=across(year), cy=10, r=min(3 + count, 8)))
    says = f"photos from {first} to {last}, of {len(set(years))} different years"
    return element("svg", marks, class_="axis", role="img", aria_label=says, height=34)


def _state_of(data: Path, crop_path: str | None) -> tuple[int, int] | None:
    try:
        seen = (data / crop_path).stat() if crop_path else None
    except OSError:
        return None
    return (seen.st_size, seen.st_mtime_ns) if seen else None
