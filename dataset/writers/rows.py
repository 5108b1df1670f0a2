"""What is said of each face in every layout: one list of columns, from which schemas, features and records follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["int64", "int32", "float32", "string"]


@dataclass(frozen=True)
class Column:
    """A column of faces; all but `face_id`, `split`, `site` and `site_id` may be null, which is: not known."""

    name: str
    kind: Kind
    meaning: str


COLUMNS = (
    Column("face_id", "int64", "number of the face in the catalog it comes from; names its files"),
    Column("subject", "string", "whose face it is taken to be"),
    Column("split", "string", "train, val or test; no subject is in two"),
    Column("age", "float32", "age in years as a public set labels it"),
    Column("age_std", "float32", "years by which the votes of those who guessed it spread"),
    Column("age_min", "int32", "least completed years, from the years of birth and of the photo"),
    Column("age_max", "int32", "most completed years"),
    Column("year", "int32", "year in which the photo was taken"),
    Column("year_min", "int32", "first year it may be"),
    Column("year_max", "int32", "last year it may be"),
    Column("year_confidence", "float32", "0 to 1 that the year is right; 0 where it is not known"),
    Column("site", "string", "where the photo comes from: a site or a public set"),
    Column("site_id", "string", "the photo's name there"),
    Column("licence", "string", "the site's own licence id"),
    Column("licence_name", "string", "the site's name for that licence"),
    Column("licence_url", "string", "where its text is"),
    Column("title", "string", "of the photo, for the credit"),
    Column("author", "string", "whom to credit"),
    Column("page_url", "string", "the photo's page at its site"),
)
"""Every column, in the order in which they are written."""


@dataclass(frozen=True, slots=True)
class FaceRow:
    """A face less its picture; the fields are `COLUMNS`."""

    face_id: int
    subject: str | None
    split: str
    age: float | None
    age_std: float | None
    age_min: int | None
    age_max: int | None
    year: int | None
    year_min: int | None
    year_max: int | None
    year_confidence: float
    site: str
    site_id: str
    licence: str | None
    licence_name: str | None
    licence_url: str | None
    title: str | None
    author: str | None
    page_url: str | None


_NAMES = tuple(column.name for column in COLUMNS)
ADDED = frozenset({"age_std"})
"""Columns that exports of before 2026-11-22 lack: read as not known."""


def record_of(row: FaceRow) -> dict[str, Any]:
    """Return a row as a mapping in the order of `COLUMNS`."""
    return {name: getattr(row, name) for name in _NAMES}


def row_of(record: Mapping[str, Any]) -> FaceRow:
    """Return the row of a mapping, whatever else it holds; raise KeyError for a missing column that is not `ADDED`."""
    values: dict[str, Any] = {name: record.get(name) if name in ADDED else record[name] for name in _NAMES}
    return FaceRow(**values)


@dataclass(frozen=True)
class ExportedFace:
    """A face with its picture, the bytes of a 128x128 JPEG."""

    row: FaceRow
    jpeg: bytes
