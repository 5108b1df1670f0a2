"""Reading the faces that can be paired: as columns, since ten million Python objects would not fit."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, case, func, select
from sqlalchemy.orm import aliased

from db.models import DuplicateFace, Face, IdentityProposal, Photo, Query, Subject, TakenYear

_ROWS_AT_ONCE = 20_000  # of a result held as Python objects; the columns hold the rest

NO_DAY = np.iinfo(np.int32).min
NO_PICTURE = 0
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_WORST_YAW = 90.0
_SEX_WORDS = {"m": 1, "male": 1, "man": 1, "f": 2, "female": 2, "woman": 2}
UNKNOWN_SEX = 0

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class FaceFloors:
    """What a face and its year must have at least to take part; a score that is not known counts as the worst."""

    confidence: float = 0.0
    score: float = 0.0
    eye_distance: float = 0.0
    blur: float = 0.0
    max_yaw: float = _WORST_YAW


@dataclass(frozen=True, eq=False)
class Subjects:
    """The people of the catalog in the order of their names' hashes: the same order in every catalog."""

    id: Ints
    name: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class DatedFaces:
    """Columns of the kept faces that have a subject and a taken year, one row a face, in no particular order."""

    face_id: Ints
    subject: NDArray[np.int32]  # row of `subjects`
    identity: Ints  # of the photo, 63 bits: the same in every catalog
    year: NDArray[np.int16]
    year_min: NDArray[np.int16]
    year_max: NDArray[np.int16]
    confidence: NDArray[np.float64]  # that the year is right
    day: NDArray[np.int32]  # day number where the day is known, else NO_DAY
    event: Ints  # 63 bits of the photo's page; of its identity where it has none
    order_key: NDArray[np.int32]  # 31 bits of the crop; 0 where the face has none
    perceptual_hash: NDArray[np.uint64]
    has_perceptual_hash: NDArray[np.bool_]
    picture: NDArray[np.uint64]  # 64 bits of the crop, of its duplicate group's crop where it is in one; or NO_PICTURE
    quality: NDArray[np.float32]  # variance of the Laplacian of the crop; 0 where unknown
    subjects: Subjects

    def __len__(self) -> int:
        return len(self.face_id)

    def take(self, rows: NDArray[Any]) -> "DatedFaces":
        """Return the faces of these row numbers (or of this mask)."""
        columns = {item.name: getattr(self, item.name)[rows] for item in fields(self) if item.name != "subjects"}
        return replace(self, **columns)


_TYPES = {
    "face_id": np.int64,
    "subject": np.int32,
    "identity": np.int64,
    "year": np.int16,
    "year_min": np.int16,
    "year_max": np.int16,
    "confidence": np.float64,
    "day": np.int32,
    "event": np.int64,
    "order_key": np.int32,
    "perceptual_hash": np.uint64,
    "has_perceptual_hash": np.bool_,
    "picture": np.uint64,
    "quality": np.float32,
}


def identity_of(site: str, site_id: str) -> int:
    """Return 63 bits of the sha256 of "site<TAB>site id": a photo's number in every catalog."""
    return _bits(f"{site}\t{site_id}") >> 1


def subject_key(name: str) -> int:
    """Return the 64 bits of a subject's name by which subjects are ordered."""
    return _bits(name)


def day_number(edtf: str | None) -> int | None:
    """Return the days since 0001-01-01 of a date that is known to the day ("1984-05-12"), else None."""
    if edtf is None or not _DAY.match(edtf):
        return None
    try:
        return date.fromisoformat(edtf).toordinal()
    except ValueError:
        return None


def load_subjects(connection: Connection) -> Subjects:
    """Read every subject, ordered by `subject_key`."""
    rows = sorted(
        (subject_key(row.name), row.name, row.id) for row in connection.execute(select(Subject.id, Subject.name))
    )
    return Subjects(np.array([row[2] for row in rows], np.int64), tuple(row[1] for row in rows))


def load_dated_faces(connection: Connection, floors: FaceFloors, *, with_groups: bool = True) -> DatedFaces:
    """Read the kept faces with a subject and one taken year that pass `floors`.

    `with_groups`: faces of one group of `duplicate_face` are one picture.
    """
    subjects = load_subjects(connection)
    by_id = np.argsort(subjects.id)
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in _TYPES}
    statement = _select_faces(floors, with_groups=with_groups)
    for rows in connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE)).partitions():
        for name, column in _columns(list(zip(*rows, strict=True)), subjects, by_id).items():
            parts[name].append(column)
    columns: dict[str, Any] = {}
    for name, dtype in _TYPES.items():
        columns[name] = np.concatenate([np.zeros(0, dtype), *parts.pop(name)])
    return DatedFaces(**columns, subjects=subjects)


def _select_faces(floors: FaceFloors, *, with_groups: bool) -> Select[Any]:
    leader = aliased(Face)
    own = Face.crop_sha256
    crop = func.coalesce(leader.crop_sha256, own) if with_groups else own
    statement = (
        select(
            *(Face.id, Face.subject_id, Photo.site, Photo.site_id, TakenYear.year, TakenYear.year_min),
            *(TakenYear.year_max, TakenYear.confidence),
            case((TakenYear.precision == "day", TakenYear.edtf), else_=None),
            *(Photo.page_url, Face.order_key, Face.perceptual_hash, func.substr(crop, 1, 16), Face.blur),
        )
        .join(TakenYear, TakenYear.photo_id == Face.photo_id)
        .join(Photo, Photo.id == Face.photo_id)
        .where(
            Face.status == "kept",
            Face.subject_id.is_not(None),
            TakenYear.year.is_not(None),
            TakenYear.confidence >= floors.confidence,
            Face.detection_score >= floors.score,
            Face.eye_distance >= floors.eye_distance,
            func.coalesce(Face.blur, 0.0) >= floors.blur,
            func.abs(func.coalesce(Face.yaw, _WORST_YAW)) <= floors.max_yaw,
        )
    )
    if with_groups:
        statement = statement.join(DuplicateFace, DuplicateFace.face_id == Face.id, isouter=True).join(
            leader, leader.id == DuplicateFace.group_id, isouter=True
        )
    return statement


def _columns(rows: list[tuple[Any, ...]], subjects: Subjects, by_id: Ints) -> dict[str, NDArray[Any]]:
    ids, owners, sites, site_ids, years, firsts, lasts, sure, days, pages, keys, hashes, crops, blurs = rows
    identity = [identity_of(site, site_id) for site, site_id in zip(sites, site_ids, strict=True)]
    values: dict[str, Any] = {
        "face_id": ids,
        "subject": by_id[np.searchsorted(subjects.id[by_id], np.array(owners, np.int64))],
        "identity": identity,
        "year": years,
        "year_min": [year if first is None else first for first, year in zip(firsts, years, strict=True)],
        "year_max": [year if last is None else last for last, year in zip(lasts, years, strict=True)],
        "confidence": sure,
        "day": [NO_DAY if (day := day_number(text)) is None else day for text in days],
        "event": [own if page is None else _bits(page) >> 1 for page, own in zip(pages, identity, strict=True)],
        "order_key": [key or 0 for key in keys],
        "perceptual_hash": np.array([bits or 0 for bits in hashes], np.int64).view(np.uint64),
        "has_perceptual_hash": [bits is not None for bits in hashes],
        "picture": [int(text, 16) if text else NO_PICTURE for text in crops],
        "quality": [blur or 0.0 for blur in blurs],
    }
    return {name: np.asarray(values[name], dtype) for name, dtype in _TYPES.items()}


def load_merges(connection: Connection) -> list[tuple[int, int]]:
    """Return the accepted proposals that two subjects are one person, by their ids."""
    statement = select(IdentityProposal.subject_id, IdentityProposal.other_subject_id).where(
        IdentityProposal.kind == "merge",
        IdentityProposal.state == "accepted",
        IdentityProposal.other_subject_id.is_not(None),
    )
    return [(row[0], row[1]) for row in connection.execute(statement) if row[1] is not None]


def load_sexes(connection: Connection) -> Mapping[int, int]:
    """Return the sex of subjects by id, 1 or 2, where the public set they come from says one and only one.

    Photos of crawled sites are not read: no site of ours states it.
    """
    crawled = select(Query.site).distinct()
    statement = (
        select(Face.subject_id, Photo.raw["sex"].as_string(), Photo.raw["gender"].as_string())
        .join(Photo, Photo.id == Face.photo_id)
        .where(Face.subject_id.is_not(None), Photo.raw.is_not(None), Photo.site.not_in(crawled))
        .distinct()
    )
    said: dict[int, set[int]] = {}
    for subject_id, *words in connection.execute(statement):
        said.setdefault(int(subject_id), set()).update(_sexes(words))
    return {subject_id: sexes.pop() for subject_id, sexes in said.items() if len(sexes) == 1}


def _sexes(words: Iterable[str | None]) -> Iterable[int]:
    return (_SEX_WORDS[word.lower()] for word in words if word is not None and word.lower() in _SEX_WORDS)


def _bits(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
