"""What a takedown or a sync takes out of the catalog: finding the photos, deleting their rows, keeping sums true.

Every function works in the caller's transaction. Files are others' business (`agegap/removed_files.py`), and go before
the rows that name them: a second run then still finds what a killed one left.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, func, or_, select, union, update

from db.models import DatasetExport, Face, NegativePair, Pair, Photo, PhotoSubject, Subject
from db.pair_recount import lower_counts
from db.tombstones import Kind, digest_of
from db.upserts import slices

HIDDEN_ID_LENGTH = 16
"""Hex digits of a photo's id in an export that hides ages: no two photos of a set share them."""

_photo = cast(Table, Photo.__table__)


@dataclass(frozen=True)
class Removal:
    """Something to be removed: photo and owner by their `site` and id there, the others by `value` alone."""

    kind: Kind
    value: str
    site: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.value if self.site is None else f'{self.site}:{self.value}'}"


@dataclass(frozen=True)
class DoomedPhoto:
    """A photo that is to go: who it is at its site, its content, and the files made of it."""

    id: int
    site: str
    site_id: str
    sha256: str | None
    path: str | None
    crop_paths: tuple[str, ...]


@dataclass(frozen=True)
class DeletedRows:
    """How many rows went."""

    photos: int = 0
    faces: int = 0
    pairs: int = 0

    def __add__(self, other: "DeletedRows") -> "DeletedRows":
        """Return the sum of both."""
        return DeletedRows(self.photos + other.photos, self.faces + other.faces, self.pairs + other.pairs)


def hidden_id(site: str, site_id: str) -> str:
    """Return a name for a photo that says nothing; public sets write the age into theirs (001A02, 25_0_1_2017...).

    It is the beginning of the digest that a tombstone of the photo would hold, so that a takedown finds it in exports.
    """
    return digest_of("photo", site, site_id)[:HIDDEN_ID_LENGTH]


def find_photos(connection: Connection, removal: Removal) -> set[int]:
    """Return the ids of the photos in the catalog that `removal` speaks of.

    A URL is compared with the addresses as they are stored; a subject's photos are all that may show that person.
    """
    statement = select(_photo.c.id)
    if removal.kind == "subject":
        statement = (
            select(PhotoSubject.photo_id)
            .join(Subject, Subject.id == PhotoSubject.subject_id)
            .where(Subject.name == removal.value)
        )
        of_faces = select(Face.photo_id).join(Subject, Subject.id == Face.subject_id)
        of_faces = of_faces.where(Subject.name == removal.value)
        return set(connection.scalars(statement)) | set(connection.scalars(of_faces))
    return set(connection.scalars(statement.where(_condition(removal))))


def find_by_file_name(connection: Connection, site: str, name: str) -> set[str]:
    """Return the site ids of the photos whose file has this name at the site."""
    return set(connection.scalars(select(_photo.c.site_id).where(_photo.c.site == site, _photo.c.file_name == name)))


def find_copies(connection: Connection, ids: Collection[int]) -> set[int]:
    """Return the ids of photos with the same content as those of `ids`, whatever site and id they have."""
    found: set[int] = set()
    for some in slices(sorted(ids)):
        of_these = select(_photo.c.sha256).where(_photo.c.id.in_(some), _photo.c.sha256.is_not(None))
        found.update(connection.scalars(select(_photo.c.id).where(_photo.c.sha256.in_(of_these))))
    return found - set(ids)


def load_doomed(connection: Connection, ids: Collection[int]) -> Iterator[DoomedPhoto]:
    """Yield the photos of `ids` with the paths of their files, in batches of one read each."""
    for some in slices(sorted(ids)):
        crops: dict[int, list[str]] = {}
        faces = select(Face.photo_id, Face.crop_path).where(Face.photo_id.in_(some), Face.crop_path.is_not(None))
        for photo_id, path in connection.execute(faces):
            crops.setdefault(photo_id, []).append(str(path))
        columns = (_photo.c.id, _photo.c.site, _photo.c.site_id, _photo.c.sha256, _photo.c.path)
        for row in connection.execute(select(*columns).where(_photo.c.id.in_(some)).order_by(_photo.c.id)).all():
            yield DoomedPhoto(*row, crop_paths=tuple(crops.get(row.id, ())))


def paths_in_use(connection: Connection, photos: Collection[DoomedPhoto]) -> set[str]:
    """Return those paths of `photos` that a photo which stays has too, because its content is the same."""
    ids = {photo.id for photo in photos}
    shared: set[str] = set()
    for some in slices(sorted({photo.sha256 for photo in photos if photo.sha256 is not None})):
        rows = connection.execute(select(_photo.c.id, _photo.c.path).where(_photo.c.sha256.in_(some)))
        shared.update(path for photo_id, path in rows if photo_id not in ids and path is not None)
    return shared & {photo.path for photo in photos if photo.path is not None}


def delete_photos(connection: Connection, ids: Collection[int]) -> DeletedRows:
    """Delete photos with all that was made of them; pair sets keep a true count, `renew_fingerprints` is to follow.

    Photos that stay and were copies of a deleted one become copies of the oldest of those that stay. On SQLite the
    deleted bytes are overwritten. Dataset folders may hold the faces still: their rows are marked stale.
    """
    _overwrite_deleted(connection)
    total = DeletedRows()
    for some in slices(sorted(ids)):
        of_photos = select(Face.id).where(Face.photo_id.in_(some))
        # Strangers are not counted, but the fingerprint is of them too.
        pairs = dict.fromkeys(_sets_of_strangers(connection, of_photos), 0) | _pairs_of(connection, of_photos)
        faces = connection.scalar(select(func.count()).select_from(of_photos.subquery())) or 0
        if faces:
            connection.execute(update(DatasetExport).values(is_stale=True))
        _hand_on_copies(connection, some)
        deleted = connection.execute(delete(_photo).where(_photo.c.id.in_(some))).rowcount
        lower_counts(connection, pairs)
        total += DeletedRows(deleted, faces, sum(pairs.values()))
    return total


def delete_subject(connection: Connection, name: str) -> bool:
    """Delete a subject with searches and candidates; its photos go by `delete_photos`. Say whether it was there."""
    _overwrite_deleted(connection)
    return bool(connection.execute(delete(Subject).where(Subject.name == name)).rowcount)


def spellings(url: str) -> list[str]:
    """Return how a plain URL (`agegap.photo_urls.plain_url`) may stand in the catalog."""
    rest = url.removeprefix("https://")
    return [f"{scheme}://{rest}{end}" for scheme in ("https", "http") for end in ("", "/")]


def _condition(removal: Removal) -> ColumnElement[bool]:
    if removal.kind == "photo":
        return (_photo.c.site == removal.site) & (_photo.c.site_id == removal.value)
    if removal.kind == "owner":
        return (_photo.c.site == removal.site) & (_photo.c.owner_id == removal.value)
    if removal.kind == "sha256":
        return _photo.c.sha256 == removal.value
    urls = spellings(removal.value)
    return or_(_photo.c.page_url.in_(urls), _photo.c.image_url.in_(urls))


def _pairs_of(connection: Connection, faces: Select[Any]) -> dict[int, int]:
    """Return how many pairs of each set have one of the `faces`."""
    # Two index look-ups; an OR over both columns would read the whole table.
    ends = union(
        *(
            select(Pair.pair_set_id, Pair.younger_face_id, Pair.older_face_id).where(column.in_(faces))
            for column in (Pair.younger_face_id, Pair.older_face_id)
        )
    ).subquery()
    rows = connection.execute(select(ends.c.pair_set_id, func.count()).group_by(ends.c.pair_set_id))
    return {pair_set_id: count for pair_set_id, count in rows}  # noqa: C416  a Row is no pair to mypy


def _sets_of_strangers(connection: Connection, faces: Select[Any]) -> list[int]:
    """Return the sets in which a pair of two subjects has one of the `faces`."""
    ends = union(
        *(
            select(NegativePair.pair_set_id).where(column.in_(faces))
            for column in (NegativePair.younger_face_id, NegativePair.older_face_id)
        )
    )
    return list(connection.scalars(ends))


def _hand_on_copies(connection: Connection, ids: Sequence[int]) -> None:
    copies = connection.execute(
        select(_photo.c.sha256, func.min(_photo.c.id))
        .where(_photo.c.duplicate_of.in_(ids), _photo.c.id.not_in(ids))
        .group_by(_photo.c.sha256)
    ).all()
    for sha256, first in copies:
        others = _photo.c.duplicate_of.in_(ids) & (_photo.c.sha256 == sha256) & _photo.c.id.not_in(ids)
        connection.execute(update(_photo).where(others, _photo.c.id != first).values(duplicate_of=first))
        connection.execute(update(_photo).where(_photo.c.id == first).values(duplicate_of=None))


def _overwrite_deleted(connection: Connection) -> None:
    # https://sqlite.org/pragma.html#pragma_secure_delete: without it the texts stay in the file's free pages.
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
