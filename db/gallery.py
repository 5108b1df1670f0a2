"""Reading what a report shows: people with their faces and the evidence of their years, dropped faces, counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, distinct, func, select

from db.models import Face, FaceIdentity, FaceScan, Licence, Photo, Subject, TakenYear
from db.upserts import slices


@dataclass(frozen=True, slots=True)
class SubjectSpan:
    """A subject with kept faces; the years are those of its dated ones."""

    id: int
    name: str
    display_name: str
    birth_date: str | None
    faces: int
    years: int  # different ones
    first_year: int | None
    last_year: int | None


@dataclass(frozen=True, slots=True)
class FaceMoment:
    """A face of a subject and when it was; a year or else an age of a public set."""

    face_id: int
    year: int | None
    age: float | None


@dataclass(frozen=True, slots=True)
class ShownFace:
    """A face, its photo, why its year is what it is, and what was judged of it."""

    face_id: int
    subject_id: int | None
    subject: str | None  # the name as people write it
    crop_path: str | None
    drop_reason: str | None
    age: float | None
    detection_score: float
    eye_distance: float
    blur: float | None
    site: str
    site_id: str
    page_url: str | None
    title: str | None
    owner_name: str | None
    licence: str | None
    year: int | None
    year_min: int | None
    year_max: int | None
    confidence: float | None
    source: str | None
    rule: str | None
    words: str | None
    similarity: float | None
    verdict: str | None


@dataclass(frozen=True, slots=True)
class DroppedPhoto:
    """A photo no face was kept of."""

    photo_id: int
    path: str | None
    site: str
    site_id: str
    title: str | None
    page_url: str | None


@dataclass(frozen=True, slots=True)
class LicenceName:
    """What a site calls a licence, and where its text stands."""

    name: str
    url: str | None


def count_shown_subjects(connection: Connection) -> int:
    """Return how many subjects have a kept face."""
    return connection.scalar(select(func.count(distinct(Face.subject_id))).where(Face.status == "kept")) or 0


def widest_subjects(connection: Connection, *, limit: int) -> list[SubjectSpan]:
    """Return the subjects with kept faces: those of the most different years first, then those of the most faces."""
    years, faces = func.count(distinct(TakenYear.year)), func.count(Face.id)
    columns = (Subject.id, Subject.name, Subject.display_name, Subject.birth_date)
    statement = (
        select(*columns, faces, years, func.min(TakenYear.year), func.max(TakenYear.year))
        .select_from(Face)
        .join(Subject, Subject.id == Face.subject_id)
        .join(TakenYear, TakenYear.photo_id == Face.photo_id, isouter=True)
        .where(Face.status == "kept")
        .group_by(*columns)
        .order_by(years.desc(), faces.desc(), Subject.id)
        .limit(limit)
    )
    return [SubjectSpan(*row) for row in connection.execute(statement)]


def moments_of(connection: Connection, subject_ids: Sequence[int]) -> dict[int, list[FaceMoment]]:
    """Return the kept faces of each subject in order of year, then of age, the undated last."""
    found: dict[int, list[FaceMoment]] = {subject_id: [] for subject_id in subject_ids}
    for some in slices(subject_ids):
        statement = (
            select(Face.subject_id, Face.id, TakenYear.year, Face.age)
            .join(TakenYear, TakenYear.photo_id == Face.photo_id, isouter=True)
            .where(Face.subject_id.in_(some), Face.status == "kept")
            # Nulls are first in one database and last in the other.
            .order_by(Face.subject_id, TakenYear.year.is_(None), TakenYear.year, Face.age.is_(None), Face.age, Face.id)
        )
        for row in connection.execute(statement):
            found[row.subject_id].append(FaceMoment(row.id, row.year, row.age))
    return found


def shown_faces(connection: Connection, face_ids: Sequence[int]) -> dict[int, ShownFace]:
    """Return these faces by id; one that is gone is left out."""
    found: dict[int, ShownFace] = {}
    for some in slices(sorted(set(face_ids))):
        found |= {face.face_id: face for face in select_shown(connection, Face.id.in_(some), order=[Face.id])}
    return found


def select_shown(
    connection: Connection, *conditions: ColumnElement[bool], order: Sequence[Any], limit: int | None = None
) -> list[ShownFace]:
    """Return the faces that fit the conditions on Face, TakenYear and FaceIdentity, in an order."""
    statement = _shown().where(*conditions).order_by(*order).limit(limit)
    return [ShownFace(*row) for row in connection.execute(statement)]


def dropped_faces(connection: Connection, reason: str, *, limit: int) -> list[ShownFace]:
    """Return some of the faces dropped for `reason`, drawn by the order key of their crops."""
    of_reason = (Face.status == "dropped", Face.drop_reason == reason)
    return select_shown(connection, *of_reason, order=[Face.order_key, Face.id], limit=limit)


def dropped_photos(connection: Connection, reason: str, *, limit: int) -> list[DroppedPhoto]:
    """Return some of the photos dropped as a whole for `reason`."""
    statement = (
        select(Photo.id, Photo.path, Photo.site, Photo.site_id, Photo.title, Photo.page_url)
        .join(FaceScan, FaceScan.photo_id == Photo.id)
        .where(FaceScan.drop_reason == reason)
        .order_by(Photo.id)
        .limit(limit)
    )
    return [DroppedPhoto(*row) for row in connection.execute(statement)]


def licence_names(connection: Connection) -> Mapping[tuple[str, str], LicenceName]:
    """Return what the sites call their licences, by site and licence id."""
    statement = select(Licence.site, Licence.licence_id, Licence.name, Licence.url)
    return {(row.site, row.licence_id): LicenceName(row.name, row.url) for row in connection.execute(statement)}


def photos_by_year(connection: Connection) -> dict[int, int]:
    """Return how many photos were taken in each year."""
    statement = (
        select(TakenYear.year, func.count()).where(TakenYear.year.is_not(None)).group_by(TakenYear.year)
    ).order_by(TakenYear.year)
    return {int(year): count for year, count in connection.execute(statement) if year is not None}


def faces_by_year(connection: Connection) -> dict[int, int]:
    """Return how many kept faces are of photos taken in each year."""
    statement = (
        select(TakenYear.year, func.count())
        .join(Face, Face.photo_id == TakenYear.photo_id)
        .where(TakenYear.year.is_not(None), Face.status == "kept")
        .group_by(TakenYear.year)
        .order_by(TakenYear.year)
    )
    return {int(year): count for year, count in connection.execute(statement) if year is not None}


def faces_by_subject(connection: Connection) -> dict[int, int]:
    """Return how many subjects have each number of kept faces."""
    per_subject = (
        select(func.count().label("faces"))
        .where(Face.status == "kept", Face.subject_id.is_not(None))
        .group_by(Face.subject_id)
        .subquery()
    )
    statement = select(per_subject.c.faces, func.count()).group_by(per_subject.c.faces).order_by(per_subject.c.faces)
    return {int(faces): count for faces, count in connection.execute(statement)}


def _shown() -> Select[*tuple[Any, ...]]:
    """Select the columns of ShownFace, in its order."""
    return (
        select(
            *(Face.id, Face.subject_id, Subject.display_name, Face.crop_path, Face.drop_reason, Face.age),
            *(Face.detection_score, Face.eye_distance, Face.blur, Photo.site, Photo.site_id, Photo.page_url),
            *(Photo.title, Photo.owner_name, Photo.licence, TakenYear.year, TakenYear.year_min, TakenYear.year_max),
            *(TakenYear.confidence, TakenYear.source, TakenYear.rule, TakenYear.words),
            *(FaceIdentity.similarity, FaceIdentity.verdict),
        )
        .join(Photo, Photo.id == Face.photo_id)
        .join(Subject, Subject.id == Face.subject_id, isouter=True)
        .join(TakenYear, TakenYear.photo_id == Face.photo_id, isouter=True)
        .join(FaceIdentity, FaceIdentity.face_id == Face.id, isouter=True)
    )
