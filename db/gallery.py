"""Reading what a report shows: faces with the evidence of their years, dropped ones by reason, example pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, distinct, func, select

from db.models import Face, FaceScan, Pair, Photo, Subject, TakenYear


@dataclass(frozen=True, slots=True)
class SubjectSpan:
    """A subject with dated faces."""

    id: int
    name: str
    display_name: str
    faces: int
    first_year: int
    last_year: int


@dataclass(frozen=True, slots=True)
class ShownFace:
    """A face, its photo and why its year is what it is."""

    face_id: int
    subject_id: int | None
    crop_path: str | None
    photo_path: str | None
    site: str
    site_id: str
    page_url: str | None
    title: str | None
    owner_name: str | None
    licence: str | None
    year: int | None
    confidence: float | None
    source: str | None
    rule: str | None
    words: str | None


@dataclass(frozen=True, slots=True)
class DroppedPhoto:
    """A photo no face was kept of."""

    photo_id: int
    path: str | None
    site: str
    site_id: str
    title: str | None


@dataclass(frozen=True, slots=True)
class ExamplePair:
    """Two faces of one subject."""

    younger: ShownFace
    older: ShownFace
    gap_years: int
    subject: str


def count_dated_subjects(connection: Connection) -> int:
    """Return how many subjects have a kept face with a taken year."""
    statement = _dated(select(func.count(distinct(Face.subject_id))))
    return connection.scalar(statement) or 0


def widest_subjects(connection: Connection, *, limit: int) -> list[SubjectSpan]:
    """Return the subjects with kept faces of the most different years."""
    years, faces = func.count(distinct(TakenYear.year)), func.count(Face.id)
    statement = (
        _dated(
            select(
                *(Subject.id, Subject.name, Subject.display_name, faces),
                *(func.min(TakenYear.year), func.max(TakenYear.year)),
            )
        )
        .join(Subject, Subject.id == Face.subject_id)
        .group_by(Subject.id, Subject.name, Subject.display_name)
        .order_by(years.desc(), faces.desc(), Subject.id)
        .limit(limit)
    )
    return [SubjectSpan(*row) for row in connection.execute(statement)]


def dated_faces_of(connection: Connection, subject_id: int) -> list[ShownFace]:
    """Return the kept faces of a subject that have a taken year, the oldest photo first."""
    statement = _shown().where(Face.subject_id == subject_id, Face.status == "kept", TakenYear.year.is_not(None))
    return [ShownFace(*row) for row in connection.execute(statement.order_by(TakenYear.year, Face.id))]


def dropped_faces(connection: Connection, reason: str, *, limit: int) -> list[ShownFace]:
    """Return some of the faces dropped for `reason`, drawn by the order key of their crops."""
    statement = _shown().where(Face.status == "dropped", Face.drop_reason == reason)
    return [ShownFace(*row) for row in connection.execute(statement.order_by(Face.order_key, Face.id).limit(limit))]


def dropped_photos(connection: Connection, reason: str, *, limit: int) -> list[DroppedPhoto]:
    """Return some of the photos dropped as a whole for `reason`."""
    statement = (
        select(Photo.id, Photo.path, Photo.site, Photo.site_id, Photo.title)
        .join(FaceScan, FaceScan.photo_id == Photo.id)
        .where(FaceScan.drop_reason == reason)
        .order_by(Photo.id)
        .limit(limit)
    )
    return [DroppedPhoto(*row) for row in connection.execute(statement)]


def photos_by_year(connection: Connection) -> dict[int, int]:
    """Return how many photos were taken in each year."""
    statement = (
        select(TakenYear.year, func.count()).where(TakenYear.year.is_not(None)).group_by(TakenYear.year)
    ).order_by(TakenYear.year)
    return {int(year): count for year, count in connection.execute(statement) if year is not None}


def faces_by_subject(connection: Connection) -> list[int]:
    """Return the number of kept faces of each subject that has one."""
    statement = (
        select(func.count()).where(Face.status == "kept", Face.subject_id.is_not(None)).group_by(Face.subject_id)
    )
    return list(connection.scalars(statement))


def pairs_by_gap(connection: Connection, pair_set_id: int) -> dict[int, int]:
    """Return how many pairs of a set have each K."""
    statement = (
        select(Pair.gap_years, func.count())
        .where(Pair.pair_set_id == pair_set_id)
        .group_by(Pair.gap_years)
        .order_by(Pair.gap_years)
    )
    return {int(gap): count for gap, count in connection.execute(statement)}


def example_pairs(connection: Connection, pair_set_id: int, *, gaps: Sequence[int]) -> list[ExamplePair]:
    """Return one pair for each K of `gaps`, of different subjects where a K has them."""
    seen: set[int] = set()
    chosen: list[ExamplePair] = []
    for gap in gaps:
        statement = (
            select(Pair.younger_face_id, Pair.older_face_id, Pair.subject_id, Subject.display_name)
            .join(Subject, Subject.id == Pair.subject_id)
            .where(Pair.pair_set_id == pair_set_id, Pair.gap_years == gap)
            .order_by(Pair.younger_face_id, Pair.older_face_id)
            .limit(64)
        )
        rows = connection.execute(statement).all()
        if not rows:
            continue
        row = next((row for row in rows if row.subject_id not in seen), rows[0])
        seen.add(row.subject_id)
        ends_of_pair = Face.id.in_((row.younger_face_id, row.older_face_id))
        found = {shown.id: ShownFace(*shown) for shown in connection.execute(_shown().where(ends_of_pair))}
        ends = found[row.younger_face_id], found[row.older_face_id]
        chosen.append(ExamplePair(*ends, gap_years=gap, subject=row.display_name))
    return chosen


def _dated(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Restrict a selection to kept faces with a subject and a taken year."""
    return (
        statement.select_from(Face)
        .join(TakenYear, TakenYear.photo_id == Face.photo_id)
        .where(Face.status == "kept", Face.subject_id.is_not(None), TakenYear.year.is_not(None))
    )


def _shown() -> Select[*tuple[Any, ...]]:
    """Select the columns of ShownFace, in its order."""
    return (
        select(
            *(Face.id, Face.subject_id, Face.crop_path, Photo.path, Photo.site, Photo.site_id, Photo.page_url),
            *(Photo.title, Photo.owner_name, Photo.licence, TakenYear.year, TakenYear.confidence),
            *(TakenYear.source, TakenYear.rule, TakenYear.words),
        )
        .join(Photo, Photo.id == Face.photo_id)
        .join(TakenYear, TakenYear.photo_id == Face.photo_id, isouter=True)
    )
