"""The sections of a report that show faces: timelines, drops by reason, example pairs."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Connection

from curation.html import Html, Section, element, link, section
from curation.report_pictures import ReportPictures
from curation.report_settings import ReportSettings
from db.gallery import (
    ShownFace,
    SubjectSpan,
    count_dated_subjects,
    dated_faces_of,
    dropped_faces,
    dropped_photos,
    example_pairs,
    pairs_by_gap,
    widest_subjects,
)
from db.pairs import PairSetRow
from db.statistics import Statistics

T = TypeVar("T")


def timelines(connection: Connection, pictures: ReportPictures, settings: ReportSettings) -> Section:
    """Return one row of faces by year for each subject shown, with the evidence of each year."""
    subjects = widest_subjects(connection, limit=settings.subjects)
    total = count_dated_subjects(connection)
    if not subjects:
        return section("People by year", note="No kept face has both a subject and a taken year yet.")
    more = f" Shown are the {len(subjects)} of {total} people with the most different years."
    articles = [_timeline(subject, dated_faces_of(connection, subject.id), pictures, settings) for subject in subjects]
    return section(
        "People by year",
        articles,
        note="Each row is one person, ordered by the year the photo was taken."
        + (more if total > len(subjects) else ""),
    )


def drops(connection: Connection, statistics: Statistics, pictures: ReportPictures, *, per_reason: int) -> Section:
    """Return contact sheets of what was dropped, by reason: proof that the right things were."""
    sheets = []
    for reason, count in statistics.faces_dropped_by_reason.items():
        faces = dropped_faces(connection, reason, limit=per_reason)
        tiles = [_tile(pictures.crop(face.face_id, face.crop_path), _name(face)) for face in faces]
        sheets.append(_sheet(reason, f"{count} faces", tiles))
    for reason, count in statistics.photos_dropped_by_reason.items():
        photos = dropped_photos(connection, reason, limit=per_reason)
        tiles = [
            _tile(pictures.thumbnail(photo.photo_id, photo.path), f"{photo.title or ''} ({photo.site}/{photo.site_id})")
            for photo in photos
        ]
        sheets.append(_sheet(reason, f"{count} photos", tiles))
    if not sheets:
        return section("Dropped", note="Nothing was dropped.")
    return section("Dropped", sheets, note="What was left out and why: a sample of each reason.")


def pairs(connection: Connection, pair_set: PairSetRow | None, pictures: ReportPictures, *, count: int) -> Section:
    """Return example pairs over the whole range of K."""
    if pair_set is None or not pair_set.found:
        return section("Pairs", note="There are no pairs yet: `curate build-pairs` makes them.")
    gaps = spread(sorted(pairs_by_gap(connection, pair_set.id)), count)
    cards = []
    for pair in example_pairs(connection, pair_set.id, gaps=gaps):
        ends = [
            element(
                "div",
                _image(pictures.crop(face.face_id, face.crop_path), _evidence(face)),
                element("b", str(face.year)),
            )
            for face in (pair.younger, pair.older)
        ]
        years = "year" if pair.gap_years == 1 else "years"
        cards.append(
            element(
                "figure",
                element("div", ends, class_="two"),
                element("figcaption", element("b", f"K = {pair.gap_years} {years}"), element("span", pair.subject)),
                class_="pair",
            )
        )
    return section(
        "Pairs",
        element("div", cards, class_="pairs"),
        note=f"Two photos of one person, K years between: {len(cards)} of the {pair_set.found} pairs of "
        f"'{pair_set.name}'.",
    )


def spread(items: Sequence[T], most: int) -> list[T]:
    """Return at most `most` of `items`, evenly spread, first and last included."""
    if len(items) <= most:
        return list(items)
    if most < 2:
        return list(items[:most])
    return [items[round(index * (len(items) - 1) / (most - 1))] for index in range(most)]


def _timeline(subject: SubjectSpan, faces: list[ShownFace], pictures: ReportPictures, settings: ReportSettings) -> Html:
    shown = spread(faces, settings.faces_per_subject)
    cells: list[Html] = []
    before: int | None = None
    for face in shown:
        year = face.year or 0
        if before is not None and year - before > 1:
            cells.append(element("li", f"{year - before} y", class_="gap"))
        picture = _image(pictures.crop(face.face_id, face.crop_path), _evidence(face))
        cells.append(element("li", link(picture, face.page_url), element("b", str(year))))
        before = year
    count = f"{len(faces)} faces, {subject.first_year} to {subject.last_year}"
    if len(shown) < len(faces):
        count += f", {len(shown)} shown"
    return element(
        "article",
        element("h3", subject.display_name, " ", element("small", count)),
        element("ol", cells, class_="timeline"),
        element("details", element("summary", "where the years come from"), _evidence_table(shown)),
    )


def _evidence_table(faces: list[ShownFace]) -> Html:
    head = element("tr", [element("th", name) for name in ("year", "said by", "words", "photo", "owner, licence")])
    rows = [
        element(
            "tr",
            element("td", str(face.year)),
            element("td", f"{face.source or '?'} ({face.rule or '?'}, {face.confidence or 0:.2f})"),
            element("td", face.words or ""),
            element("td", link(face.title or _name(face), face.page_url)),
            element("td", ", ".join(part for part in (face.owner_name, face.licence) if part)),
        )
        for face in faces
    ]
    return element("div", element("table", head, rows), class_="scroll")


def _evidence(face: ShownFace) -> str:
    """Return what a pointer over a face says: year, who says so, with which words, and where the photo is."""
    parts = [str(face.year) if face.year is not None else "no year"]
    if face.source:
        parts.append(f"{face.source} ({face.rule}, {face.confidence or 0:.2f}): “{face.words or ''}”")
    parts.append(face.title or "")
    parts.append(face.page_url or _name(face))
    return "\n".join(part for part in parts if part)


def _name(face: ShownFace) -> str:
    return f"{face.site}/{face.site_id}"


def _sheet(reason: str, count: str, tiles: list[Html]) -> Html:
    return element(
        "article",
        element("h3", reason.replace("_", " "), " ", element("small", count)),
        element("div", tiles, class_="sheet"),
    )


def _tile(address: str | None, says: str) -> Html:
    return _image(address, says)


def _image(address: str | None, says: str) -> Html:
    if address is None:
        return element("span", "no picture", class_="missing", title=says)
    return element("img", src=address, alt="", title=says, loading="lazy", width=128, height=128)
