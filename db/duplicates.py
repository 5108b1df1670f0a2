"""Faces by what they look like, and which of them show one picture: SQL of `curate dedupe`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, and_, delete, func, or_, select, update

from db.models import DuplicateFace, Face, Photo, TakenYear
from db.upserts import Row, insert_new, slices

DUPLICATE = "duplicate"
"""Reason of a face that `--apply` dropped."""
_ROWS_AT_ONCE = 20_000

Ints = NDArray[np.int64]
_duplicate = DuplicateFace.__table__


@dataclass(frozen=True, eq=False)
class HashedFaces:
    """Columns of the faces that are compared, one row a face, in order of face id."""

    face_id: Ints
    photo_id: Ints
    subject_id: Ints  # 0 where the face has none
    hashes: NDArray[np.uint64]
    crop_key: NDArray[np.uint64]  # 64 bits of crop_sha256
    photo_key: NDArray[np.uint64]  # 64 bits of the photo's sha256; 0 where it has none
    place: Ints  # of the face in its photo, in blocks of 8 pixels
    order_key: Ints
    is_dated: NDArray[np.bool_]  # by a taken year or an age label
    eye_distance: NDArray[np.float64]
    blur: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.face_id)


def load_hashed_faces(connection: Connection) -> HashedFaces:
    """Read the faces that are kept, or were dropped as duplicates, and have a perceptual hash."""
    columns: list[list[Any]] = [[] for _ in range(12)]
    names = (Face.id, Face.photo_id, Face.subject_id, Face.perceptual_hash, Face.crop_sha256, Photo.sha256)
    rest = (Face.box_x, Face.box_y, Face.order_key, TakenYear.year, Face.age, Face.eye_distance)
    statement = (
        select(*names, *rest, Face.blur)
        .join(Photo, Photo.id == Face.photo_id)
        .outerjoin(TakenYear, TakenYear.photo_id == Face.photo_id)
        .where(_is_compared(), Face.perceptual_hash.is_not(None))
        .order_by(Face.id)
    )
    columns.append([])
    for rows in connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE)).partitions():
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
    ids, photos, subjects, hashes, crops, files, xs, ys, keys, years, ages, eyes, blurs = columns
    return HashedFaces(
        face_id=np.array(ids, np.int64),
        photo_id=np.array(photos, np.int64),
        subject_id=np.array([subject or 0 for subject in subjects], np.int64),
        hashes=np.array(hashes, np.int64).view(np.uint64),
        crop_key=_keys(crops),
        photo_key=_keys(files),
        place=np.array([_place(x, y) for x, y in zip(xs, ys, strict=True)], np.int64),
        order_key=np.array([key or 0 for key in keys], np.int64),
        is_dated=np.array([a is not None or b is not None for a, b in zip(years, ages, strict=True)], np.bool_),
        eye_distance=np.array(eyes, np.float64),
        blur=np.array([blur or 0.0 for blur in blurs], np.float64),
    )


def crop_paths(connection: Connection, face_ids: Sequence[int]) -> dict[int, str]:
    """Return the crop's path below the data folder of each face that has one."""
    found: dict[int, str] = {}
    for some in slices(face_ids):
        rows = connection.execute(select(Face.id, Face.crop_path).where(Face.id.in_(some)))
        found.update({row.id: row.crop_path for row in rows if row.crop_path})
    return found


def replace_duplicates(connection: Connection, rows: Sequence[Row]) -> None:
    """Write the rows of `duplicate_face` in the place of all that were there."""
    connection.execute(delete(DuplicateFace))
    insert_new(connection, _duplicate, rows)


def drop_duplicates(connection: Connection) -> int:
    """Drop the kept faces that have a better one of the same picture in their group; return how many.

    Within a group each subject keeps one: that one picture stands under two names is for a person to settle. Faces
    without a subject give way to any other.
    """
    dropped = 0
    for some in slices(_second_best(connection)):
        statement = update(Face).where(Face.id.in_(some), Face.status == "kept")
        dropped += int(connection.execute(statement.values(status="dropped", drop_reason=DUPLICATE)).rowcount)
    return dropped


def keep_again(connection: Connection, *, only_cleared: bool = False) -> list[int]:
    """Keep again the faces dropped as duplicates, or those that are none any more; return the photo of each."""
    statement = update(Face).where(Face.drop_reason == DUPLICATE)
    if only_cleared:
        held = set(_second_best(connection))
        ids = connection.execute(select(Face.id).where(Face.drop_reason == DUPLICATE)).scalars()
        cleared = [face_id for face_id in ids if face_id not in held]
        photos: list[int] = []
        for some in slices(cleared):
            of_some = update(Face).where(Face.id.in_(some)).values(status="kept", drop_reason=None)
            photos += connection.scalars(of_some.returning(Face.photo_id))
        return photos
    return list(connection.scalars(statement.values(status="kept", drop_reason=None).returning(Face.photo_id)))


def groups_across_subjects(connection: Connection, *, limit: int) -> list[tuple[int, list[int]]]:
    """Return (kept face, subjects in order of id) of up to `limit` groups that stand under several subjects."""
    several = (
        select(DuplicateFace.group_id)
        .join(Face, Face.id == DuplicateFace.face_id)
        .group_by(DuplicateFace.group_id)
        .having(func.count(Face.subject_id.distinct()) > 1)
        .order_by(DuplicateFace.group_id)
        .limit(limit)
    )
    found = []
    for group_id in connection.execute(several).scalars().all():
        subjects = (
            select(Face.subject_id)
            .join(DuplicateFace, DuplicateFace.face_id == Face.id)
            .where(DuplicateFace.group_id == group_id, Face.subject_id.is_not(None))
            .distinct()
            .order_by(Face.subject_id)
        )
        found.append((int(group_id), [int(who) for who in connection.execute(subjects).scalars() if who is not None]))
    return found


def count_across_subjects(connection: Connection) -> int:
    """Return how many groups stand under several subjects."""
    several = (
        select(DuplicateFace.group_id)
        .join(Face, Face.id == DuplicateFace.face_id)
        .group_by(DuplicateFace.group_id)
        .having(func.count(Face.subject_id.distinct()) > 1)
        .subquery()
    )
    return int(connection.execute(select(func.count()).select_from(several)).scalar_one())


def _second_best(connection: Connection) -> list[int]:
    """Return the faces of a group that give way: to its kept one, or to one of their subject that is nearer to it."""
    rows = connection.execute(
        select(DuplicateFace.group_id, DuplicateFace.face_id, DuplicateFace.distance, Face.subject_id).join(
            Face, Face.id == DuplicateFace.face_id
        )
    )
    give_way: list[int] = []
    group, seen = 0, set[int | None]()
    for group_id, face_id, _, subject_id in _kept_first(rows):
        if group_id != group:
            group, seen = group_id, set()
        # The kept one has a subject where any has: whoever has none comes after it.
        if subject_id in seen or (subject_id is None and seen):
            give_way.append(face_id)
        seen.add(subject_id)
    return give_way


def _kept_first(rows: Any) -> list[Any]:
    return sorted(rows, key=lambda row: (row.group_id, row.face_id != row.group_id, row.distance, row.face_id))


def _is_compared() -> Any:
    return or_(Face.status == "kept", and_(Face.status == "dropped", Face.drop_reason == DUPLICATE))


def _place(x: float, y: float) -> int:
    return (round(x / 8) + 100_000) * 1_000_000 + round(y / 8) + 100_000


def _keys(digests: Sequence[str | None]) -> NDArray[np.uint64]:
    return np.array([int(text[:16], 16) if text else 0 for text in digests], np.uint64)
