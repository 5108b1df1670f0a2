"""The people of a report: a page each, drawn over processes or taken from the older report, and lists with a search."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from agegap.html import Html, element, join
from agegap.progress import track
from curation.executors import make_executor
from curation.processes import core_count
from curation.report.faces import Licences, alternative, picture
from curation.report.folder import PRINTS, list_page, person_page, person_sheet
from curation.report.pages import Page, asset, pager, write_page
from curation.report.person import (
    DrawnPerson,
    Person,
    fingerprint,
    page_of,
    sources_of,
    start_drawing,
    summary,
    tiles_of_person,
)
from curation.report.settings import ReportSettings
from db.gallery import SubjectSpan, moments_of, shown_faces, widest_subjects

T = TypeVar("T")

STRIP = 6  # faces of a person in a list
_SUBJECTS_AT_ONCE = 100
_FEW = 50  # people that are drawn sooner than a process starts
NAMES = "people/names.js"


@dataclass
class People:
    """The people that have a page, in order, with a strip of faces each."""

    subjects: list[SubjectSpan] = field(default_factory=list)
    strips: dict[int, Html] = field(default_factory=dict)
    drawn: int = 0  # pictures
    unreadable: set[Path] = field(default_factory=set)  # crops
    reused: int = 0  # people whose pages are those of the older report
    prints: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[int]:
        """The subjects that have a page."""
        return frozenset(subject.id for subject in self.subjects)


def write_people(
    connection: Connection,
    folder: Path,
    *,
    data: Path,
    older: Path | None,
    licences: Licences,
    settings: ReportSettings,
    workers: int | None = None,
) -> People:
    """Write a page and a sheet of faces for each person shown; what did not change is taken from `older`."""
    people = People(subjects=widest_subjects(connection, limit=settings.subjects))
    known = _known(older)
    count = core_count() if workers is None else workers
    if len(people.subjects) <= _FEW:
        count = 0
    (folder / "people").mkdir(exist_ok=True)
    arguments = (folder, data, licences, settings.jpeg_quality)
    waiting: dict[int, tuple[Person, str]] = {}

    def to_draw() -> Iterator[Person]:
        for person in _read(connection, people.subjects, settings):
            digest = fingerprint(person, data, licences, settings.jpeg_quality)
            missing = _reuse(older, folder, person, known.get(str(person.subject.id)), digest)
            if missing is None:
                waiting[person.subject.id] = person, digest
                yield person
            else:
                people.reused += 1
                _note(people, person, digest, missing, data)

    def crashed(person: Person) -> DrawnPerson:
        drawn = DrawnPerson(person.subject.id, frozenset(range(len(person.faces))))
        write_page(folder, page_of(person, drawn.missing, licences))
        return drawn

    executor = make_executor("process", start_drawing, arguments, count=count)
    for drawn in track(executor.map(to_draw(), crashed=crashed), label="report", unit="person"):
        person, digest = waiting.pop(drawn.subject_id)
        _note(people, person, digest, drawn.missing, data)
    _write_prints(folder, people)
    return people


def write_lists(folder: Path, people: People, *, total: int, settings: ReportSettings) -> None:
    """Write the pages of the list, and the names that the search looks through."""
    size = settings.subjects_per_page
    parts = [people.subjects[start : start + size] for start in range(0, len(people.subjects), size)] or [[]]
    addresses = [list_page(number) for number in range(1, len(parts) + 1)]
    more = f" {len(people.subjects):,} of {total:,} people have a page." if total > len(people.subjects) else ""
    note = "Those with the most different years come first." + more
    if not people.subjects:
        note = "No kept face has a subject yet."
    for address, part in zip(addresses, parts, strict=True):
        numbers = pager(addresses, address)
        body = join([_search(), element("p", note, class_="note"), numbers, rows_of(people, part), numbers])
        write_page(folder, Page(address, "People", body, script=asset("search.js")))
    names = [[subject.id, subject.display_name, summary(subject)] for subject in people.subjects]
    # "<" would end the script where somebody pastes it into a page.
    text = json.dumps(names, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    (folder / "people").mkdir(exist_ok=True)
    (folder / NAMES).write_text(f"window.agegapNames = {text};\n", encoding="utf-8")


def rows_of(people: People, subjects: Sequence[SubjectSpan]) -> Html:
    """Return a line for each person: name, figures, some faces."""
    rows = [
        element(
            "li",
            element("a", subject.display_name, href=person_page(subject.id)),
            " ",
            element("small", summary(subject)),
            people.strips.get(subject.id),
        )
        for subject in subjects
    ]
    return element("ul", rows, class_="people")


def spread(items: Sequence[T], most: int) -> list[T]:
    """Return at most `most` of `items`, evenly spread, first and last included."""
    if len(items) <= most:
        return list(items)
    if most < 2:
        return list(items[:most])
    return [items[round(index * (len(items) - 1) / (most - 1))] for index in range(most)]


def _read(connection: Connection, subjects: Sequence[SubjectSpan], settings: ReportSettings) -> Iterator[Person]:
    """Yield the people with the faces that are shown of them; of one with many, only those are read in full."""
    for start in range(0, len(subjects), _SUBJECTS_AT_ONCE):
        some = subjects[start : start + _SUBJECTS_AT_ONCE]
        moments = moments_of(connection, [subject.id for subject in some])
        wanted = {
            subject.id: [moment.face_id for moment in spread(moments[subject.id], settings.faces_per_subject)]
            for subject in some
        }
        faces = shown_faces(connection, [face_id for ids in wanted.values() for face_id in ids])
        for subject in some:
            yield Person(subject, tuple(faces[face_id] for face_id in wanted[subject.id] if face_id in faces))


def _note(people: People, person: Person, digest: str, missing: frozenset[int], data: Path) -> None:
    tiles = tiles_of_person(person, missing)
    strip = spread(list(zip(person.faces, tiles, strict=True)), STRIP)
    people.strips[person.subject.id] = element(
        "a", [picture(tile, alternative(face)) for face, tile in strip],
        class_="strip", href=person_page(person.subject.id), tabindex=-1,
    )  # fmt: skip
    people.drawn += len(person.faces) - len(missing)
    lost = [sources_of(person, data)[place].path for place in missing]
    people.unreadable.update(path for path in lost if path is not None)
    people.prints[str(person.subject.id)] = [digest, sorted(missing)]


def _known(older: Path | None) -> dict[str, Any]:
    """Return what an older report says its pages were made from; nothing where it is no longer readable."""
    if older is None:
        return {}
    try:
        content = json.loads((older / PRINTS).read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _reuse(older: Path | None, folder: Path, person: Person, known: Any, digest: str) -> frozenset[int] | None:
    """Take a person's page and sheet from the older report; return the missing pictures, or None where it cannot be."""
    if older is None or not isinstance(known, list) or len(known) != 2 or known[0] != digest:
        return None
    missing = frozenset(known[1])
    names = [person_page(person.subject.id)]
    if len(missing) < len(person.faces):
        names.append(person_sheet(person.subject.id))
    try:
        for name in names:
            _link(older / name, folder / name)
    except OSError:
        for name in names:  # whoever writes to a link writes to the older report too
            (folder / name).unlink(missing_ok=True)
        return None
    return missing


def _link(source: Path, target: Path) -> None:
    """Give a file a second name; a copy where the disk knows no links. A link keeps its bytes when the older goes."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _write_prints(folder: Path, people: People) -> None:
    text = json.dumps(people.prints, sort_keys=True, separators=(",", ":"))
    (folder / PRINTS).write_text(text, encoding="utf-8")


def _search() -> Html:
    box = element("input", id="search", type="search", placeholder="name", autocomplete="off", aria_controls="found")
    label = element("label", "Search by name ", box)
    return element("div", label, element("ul", id="found", aria_live="polite"), class_="search")
