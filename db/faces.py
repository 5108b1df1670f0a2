"""Which photos still need to be looked at for faces, writing what was seen, and judging it anew.

A scan's recipe is `<scan recipe>#<thresholds>` (dataset/face/settings.py): photos of another scan recipe are looked at
again, faces of other thresholds are only judged again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.sql import ColumnElement, Select, Subquery

from db.models import Face, FaceScan, Photo, PhotoSubject, Subject
from db.upserts import Row, batches, upsert

_photo, _scan, _face = Photo.__table__, FaceScan.__table__, Face.__table__
_link, _subject = PhotoSubject.__table__, Subject.__table__

MISSING = "missing"
"""Reason of a photo whose file was not there: the one that is looked at anew each time, for files come back."""
_NOT_MAIN = ("low_score", "other_face")
_SEVERAL = "several_subjects"


@dataclass(frozen=True)
class PhotoToScan:
    """A fetched photo without a scan of the present recipe."""

    id: int
    site: str
    path: str
    age_label: float | None
    subjects: dict[int, str]
    """Names by row id of all whom it may show."""


@dataclass(frozen=True)
class StoredFace:
    """What a judgement needs of a stored face and may change in it."""

    id: int
    photo_id: int
    subject_id: int | None
    drop_reason: str | None
    detection_score: float
    eye_distance: float
    blur: float | None
    yaw: float | None
    pitch: float | None
    roll: float | None
    dark_share: float | None
    bright_share: float | None
    landmark_score: float | None
    is_grey: bool | None
    box_width: float
    box_height: float


def fetched_sites(connection: Connection) -> list[str]:
    """Return the sites that have at least one photo whose file is there."""
    return list(connection.execute(select(_photo.c.site).where(_has_file()).distinct()).scalars())


def count_to_scan(connection: Connection, *, scan_recipe: str, site: str | None) -> int:
    """Return how many photos `photos_to_scan` will give from the start."""
    statement = _select_unscanned(func.count(), scan_recipe=scan_recipe, site=site)
    return int(connection.execute(statement).scalar_one())


def photos_to_scan(
    connection: Connection, *, scan_recipe: str, site: str | None, after_id: int, limit: int
) -> list[PhotoToScan]:
    """Return up to `limit` photos above `after_id`, in order of id."""
    columns = (_photo.c.id, _photo.c.site, _photo.c.path, _photo.c.age_label)
    statement = _select_unscanned(*columns, scan_recipe=scan_recipe, site=site)
    rows = connection.execute(statement.where(_photo.c.id > after_id).order_by(_photo.c.id).limit(limit)).mappings()
    photos = [dict(row) for row in rows]
    subjects = subjects_of(connection, [photo["id"] for photo in photos])
    return [PhotoToScan(**photo, subjects=subjects.get(photo["id"], {})) for photo in photos]


def subjects_of(connection: Connection, photo_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """Return the subjects (row id to name) of each photo that has any."""
    statement = (
        select(_link.c.photo_id, _subject.c.id, _subject.c.name)
        .join(_subject, _subject.c.id == _link.c.subject_id)
        .where(_link.c.photo_id.in_(photo_ids))
        .order_by(_link.c.photo_id, _subject.c.id)
    )
    found: dict[int, dict[int, str]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.photo_id, {})[row.id] = row.name
    return found


def save_scans(connection: Connection, scans: Sequence[Row], faces: Sequence[Row]) -> set[str]:
    """Write scans and their faces in place of older ones of the same photos; return crop paths no row names any more.

    The scan rows come first: two processes that hold the same photo wait for each other there, so that the later one
    removes the faces of the earlier and no face is stored twice.
    """
    ordered = sorted(scans, key=lambda scan: int(scan["photo_id"]))  # one order everywhere: no deadlock
    upsert(connection, _scan, ordered, keys=["photo_id"], update=["recipe", "face_count", "drop_reason", "scanned_at"])
    of_photos = _face.c.photo_id.in_([scan["photo_id"] for scan in ordered])
    old = set(connection.execute(select(_face.c.crop_path).where(of_photos)).scalars())
    connection.execute(delete(Face).where(of_photos))
    for batch in batches(faces):
        connection.execute(insert(Face).values(list(batch)))
    return {path for path in old if path} - {face["crop_path"] for face in faces}


def photos_to_judge(connection: Connection, *, scan_recipe: str, recipe: str) -> list[int]:
    """Return ids of scanned photos whose faces were judged by other thresholds, or for other subjects than now.

    All at once: one pass over the tables, where pages would each count the subjects of all photos again.
    """
    subjects = _subject_counts()
    is_main = or_(_face.c.drop_reason.is_(None), _face.c.drop_reason.not_in(_NOT_MAIN))
    is_several = func.coalesce(_face.c.drop_reason == _SEVERAL, False)
    several, one, none = subjects.c.n > 1, subjects.c.n == 1, subjects.c.n.is_(None)
    has_other_subjects = or_(
        and_(several, ~is_several),
        and_(one, or_(is_several, func.coalesce(_face.c.subject_id, 0) != subjects.c.subject_id)),
        and_(none, or_(is_several, _face.c.subject_id.is_not(None))),
    )
    statement = (
        select(_scan.c.photo_id)
        .outerjoin(_face, and_(_face.c.photo_id == _scan.c.photo_id, is_main))
        .outerjoin(subjects, subjects.c.photo_id == _scan.c.photo_id)
        .where(
            _is_of(scan_recipe),
            or_(_scan.c.recipe != recipe, and_(_face.c.id.is_not(None), has_other_subjects)),
        )
        .distinct()
        .order_by(_scan.c.photo_id)
    )
    return list(connection.execute(statement).scalars())


def scanned_photos(connection: Connection, *, site: str | None, after_id: int, limit: int) -> dict[int, str]:
    """Return the recipes of up to `limit` scanned photos above `after_id`, in order of id."""
    statement = select(_scan.c.photo_id, _scan.c.recipe).join(_photo, _photo.c.id == _scan.c.photo_id)
    page = _of_site(statement, site).where(_scan.c.photo_id > after_id).order_by(_scan.c.photo_id).limit(limit)
    return {row.photo_id: row.recipe for row in connection.execute(page)}


def stored_faces(connection: Connection, photo_ids: Sequence[int]) -> dict[int, list[StoredFace]]:
    """Return the faces of the photos, each photo's in the order they were written: the main one first."""
    columns = [_face.c[name] for name in StoredFace.__dataclass_fields__]
    statement = select(*columns).where(_face.c.photo_id.in_(photo_ids)).order_by(_face.c.photo_id, _face.c.id)
    found: dict[int, list[StoredFace]] = {}
    for row in connection.execute(statement).mappings():
        found.setdefault(row["photo_id"], []).append(StoredFace(**row))
    return found


def age_labels(connection: Connection, photo_ids: Sequence[int]) -> dict[int, float | None]:
    """Return the age label of each photo."""
    statement = select(_photo.c.id, _photo.c.age_label).where(_photo.c.id.in_(photo_ids))
    return {row.id: row.age_label for row in connection.execute(statement)}


def save_judgements(
    connection: Connection, *, faces: Sequence[Row], scans: Sequence[Row], faceless_scans: Sequence[Row]
) -> None:
    """Write status, drop_reason, subject_id and age of faces (by `id`), recipe and drop_reason of their scans (by
    `photo_id`), and the recipe alone of scans that found nothing.
    """
    _update_each(connection, Face, "id", faces)
    _update_each(connection, FaceScan, "photo_id", scans)
    _update_each(connection, FaceScan, "photo_id", faceless_scans)


def count_photos(connection: Connection, *, site: str | None) -> dict[str | None, int]:
    """Return how many scanned photos there are by drop reason; None: those that gave a face."""
    statement = select(_scan.c.drop_reason, func.count()).join(_photo, _photo.c.id == _scan.c.photo_id)
    return _counts(connection, _of_site(statement, site).group_by(_scan.c.drop_reason))


def count_faces(connection: Connection, *, site: str | None) -> dict[str | None, int]:
    """Return how many faces there are by drop reason; None: kept ones."""
    statement = select(_face.c.drop_reason, func.count()).join(_photo, _photo.c.id == _face.c.photo_id)
    return _counts(connection, _of_site(statement, site).group_by(_face.c.drop_reason))


def _counts(connection: Connection, statement: Select[Any]) -> dict[str | None, int]:
    return {reason: int(count) for reason, count in connection.execute(statement).all()}


def _has_file() -> ColumnElement[bool]:
    return and_(_photo.c.state == "done", _photo.c.path.is_not(None))


def _of_site(statement: Select[Any], site: str | None) -> Select[Any]:
    return statement if site is None else statement.where(_photo.c.site == site)


def _is_of(scan_recipe: str) -> ColumnElement[bool]:
    return _scan.c.recipe.startswith(f"{scan_recipe}#", autoescape=True)


def _select_unscanned(*columns: Any, scan_recipe: str, site: str | None) -> Select[Any]:
    is_stale = or_(
        _scan.c.photo_id.is_(None),
        ~_is_of(scan_recipe),
        _scan.c.drop_reason == MISSING,
        _photo.c.fetched_at > _scan.c.scanned_at,  # the file was fetched once more
    )
    joined = _photo.outerjoin(_scan, _scan.c.photo_id == _photo.c.id)
    return _of_site(select(*columns).select_from(joined).where(_has_file(), is_stale), site)


def _subject_counts() -> Subquery:
    return (
        select(_link.c.photo_id, func.count().label("n"), func.min(_link.c.subject_id).label("subject_id"))
        .group_by(_link.c.photo_id)
        .subquery()
    )


def _update_each(connection: Connection, table: type[Face | FaceScan], key: str, rows: Iterable[Row]) -> None:
    """Update one row a mapping; all but `key` are new values."""
    renamed = [{f"key_{key}" if name == key else name: value for name, value in row.items()} for row in rows]
    if renamed:
        statement = update(table).where(table.__table__.c[key] == bindparam(f"key_{key}"))
        connection.execute(statement, renamed)
