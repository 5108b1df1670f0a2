"""What is made of the photos: taken years, faces, pairs and dataset folders."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import RowId, SiteText, UtcTime


class TakenYear(Base):
    """The year a photo was taken, with the evidence; a row with no year says why there is none."""

    __tablename__ = "taken_year"
    __table_args__ = (
        CheckConstraint("year_min <= year_max", name="interval"),
        CheckConstraint("year between year_min and year_max", name="year"),
        CheckConstraint("confidence between 0 and 1", name="confidence"),
    )

    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True)
    year: Mapped[int | None] = mapped_column(Integer, index=True)  # one year, or null
    year_min: Mapped[int | None] = mapped_column(Integer)
    year_max: Mapped[int | None] = mapped_column(Integer)
    precision: Mapped[str | None] = mapped_column(String(16))  # day, month, year, circa, range
    confidence: Mapped[float] = mapped_column(Float, default=0.0)  # 0..1 that `year` is right
    source: Mapped[str | None] = mapped_column(String(32))  # title, description, tags, date_taken, exif...
    rule: Mapped[str | None] = mapped_column(String(64))
    words: Mapped[str | None] = mapped_column(SiteText)  # the very words
    reason: Mapped[str | None] = mapped_column(SiteText)  # why there is no year
    version: Mapped[str] = mapped_column(String(32))  # of the extractor
    edtf: Mapped[str | None] = mapped_column(String(64))  # the answer as EDTF: 1984~, 198X, 1984/1986


class DateEvidence(Base):
    """A date found in one of a photo's fields, what it is the date of, and why it was taken or left."""

    __tablename__ = "date_evidence"

    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)  # from 0, in the order of the fields
    source: Mapped[str] = mapped_column(String(32))  # the field: title, description, exif...
    span_start: Mapped[int] = mapped_column(Integer)  # of `words` in the field; END is a word of SQL
    span_end: Mapped[int] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(SiteText)  # the very words
    role: Mapped[str] = mapped_column(String(16))  # taken, caption, birth_death, identifier...
    rule: Mapped[str] = mapped_column(String(64))
    year_min: Mapped[int] = mapped_column(Integer)
    year_max: Mapped[int] = mapped_column(Integer)
    precision: Mapped[str] = mapped_column(String(16))  # day, month, year, circa, range
    confidence: Mapped[float] = mapped_column(Float)  # of the rule, before the other evidence is looked at
    is_chosen: Mapped[bool] = mapped_column()  # the answer stands on it
    why: Mapped[str | None] = mapped_column(SiteText)  # why it was left; null when chosen
    version: Mapped[str] = mapped_column(String(32))  # of the extractor


class FaceScan(Base):
    """That a photo has been looked at for faces, by which recipe, and why nothing came of it if so."""

    __tablename__ = "face_scan"

    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True)
    recipe: Mapped[str] = mapped_column(String(64))  # detector, crop template and their version
    face_count: Mapped[int] = mapped_column(Integer)
    drop_reason: Mapped[str | None] = mapped_column(String(32), index=True)  # of the whole photo
    scanned_at: Mapped[datetime] = mapped_column(UtcTime)


class Face(Base):
    """A detected face, kept or dropped with its reason."""

    __tablename__ = "face"
    __table_args__ = (
        CheckConstraint("status in ('kept', 'dropped')", name="status"),
        CheckConstraint("(status = 'kept') = (drop_reason is null)", name="drop_reason"),
        Index(None, "photo_id"),
        Index(None, "subject_id", "status"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"))
    detector: Mapped[str] = mapped_column(String(32))
    detection_score: Mapped[float] = mapped_column(Float)  # 0..1
    box_x: Mapped[float] = mapped_column(Float)  # pixels of the photo after EXIF rotation
    box_y: Mapped[float] = mapped_column(Float)
    box_width: Mapped[float] = mapped_column(Float)
    box_height: Mapped[float] = mapped_column(Float)
    landmarks: Mapped[list[list[float]]] = mapped_column(JSON)  # 5 points x, y: eyes, nose tip, mouth corners
    eye_distance: Mapped[float] = mapped_column(Float)  # pixels of the photo
    blur: Mapped[float | None] = mapped_column(Float)  # variance of the Laplacian of the crop
    brightness: Mapped[float | None] = mapped_column(Float)  # mean grey of the crop, 0..255
    is_grey: Mapped[bool | None] = mapped_column()
    yaw: Mapped[float | None] = mapped_column(Float)  # degrees, from the five points
    roll: Mapped[float | None] = mapped_column(Float)  # degrees, of the eye line
    pitch: Mapped[float | None] = mapped_column(Float)  # degrees, down is positive
    dark_share: Mapped[float | None] = mapped_column(Float)  # 0..1 of the crop's pixels that are black
    bright_share: Mapped[float | None] = mapped_column(Float)  # 0..1 of the crop's pixels that are white
    landmark_score: Mapped[float | None] = mapped_column(Float)  # 0..1 least of the points' scores: low is hidden
    crop_template: Mapped[str | None] = mapped_column(String(16))  # age, tight
    crop_path: Mapped[str | None] = mapped_column(Text)  # below the data folder
    crop_sha256: Mapped[str | None] = mapped_column(String(64))  # of the aligned pixels
    order_key: Mapped[int | None] = mapped_column(Integer)  # 31 bits of crop_sha256: seeds the pair order
    perceptual_hash: Mapped[int | None] = mapped_column(BigInteger)  # 64-bit pHash, two's complement
    status: Mapped[str] = mapped_column(String(16))
    drop_reason: Mapped[str | None] = mapped_column(String(32), index=True)
    age: Mapped[float | None] = mapped_column(Float)  # label of a public set, never guessed


class PairSet(Base):
    """One run of build-pairs: its recipe, seed and fingerprint."""

    __tablename__ = "pair_set"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    recipe: Mapped[dict[str, Any]] = mapped_column(JSON)
    seed: Mapped[int] = mapped_column(Integer)
    code_version: Mapped[str] = mapped_column(String(64))
    pair_count: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))  # of the sorted list of (younger, older, K)
    storage: Mapped[str] = mapped_column(String(16), default="rows")  # rows, parquet, or virtual: the recipe only
    path: Mapped[str | None] = mapped_column(Text)  # of the Parquet file, below the data folder
    counts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # pairs by K, by split, left out
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class Pair(Base):
    """Two faces of one subject, the younger first, and the years K between their taken years."""

    __tablename__ = "pair"
    __table_args__ = (
        CheckConstraint("gap_years >= 0", name="gap_years"),
        CheckConstraint("younger_face_id <> older_face_id", name="two_faces"),
        CheckConstraint("confidence between 0 and 1", name="confidence"),
        Index(None, "pair_set_id", "gap_years"),
        # Deleting a face (a re-scan) or a subject must not read the whole table.
        Index(None, "younger_face_id"),
        Index(None, "older_face_id"),
        Index(None, "subject_id"),
    )

    pair_set_id: Mapped[int] = mapped_column(ForeignKey("pair_set.id", ondelete="CASCADE"), primary_key=True)
    younger_face_id: Mapped[int] = mapped_column(ForeignKey("face.id", ondelete="CASCADE"), primary_key=True)
    older_face_id: Mapped[int] = mapped_column(ForeignKey("face.id", ondelete="CASCADE"), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"))
    gap_years: Mapped[int] = mapped_column(Integer)
    confidence: Mapped[float] = mapped_column(Float)  # product of the two years' confidences
    gap_min: Mapped[int | None] = mapped_column(Integer)  # K where a taken year is an interval; null: as gap_years
    gap_max: Mapped[int | None] = mapped_column(Integer)


class NegativePair(Base):
    """Two faces of two subjects, for tasks that need strangers; K as if they were one."""

    __tablename__ = "negative_pair"
    __table_args__ = (
        CheckConstraint("gap_years >= 0", name="gap_years"),
        Index(None, "younger_face_id"),
        Index(None, "older_face_id"),
    )

    pair_set_id: Mapped[int] = mapped_column(ForeignKey("pair_set.id", ondelete="CASCADE"), primary_key=True)
    younger_face_id: Mapped[int] = mapped_column(ForeignKey("face.id", ondelete="CASCADE"), primary_key=True)
    older_face_id: Mapped[int] = mapped_column(ForeignKey("face.id", ondelete="CASCADE"), primary_key=True)
    gap_years: Mapped[int] = mapped_column(Integer)


class DatasetExport(Base):
    """A dataset folder that was written, so that a takedown finds it."""

    __tablename__ = "dataset_export"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    path: Mapped[str] = mapped_column(Text, unique=True)  # absolute
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    face_count: Mapped[int] = mapped_column(Integer)
    is_stale: Mapped[bool] = mapped_column(default=False)  # it may hold what was taken down since, or is gone
    created_at: Mapped[datetime] = mapped_column(UtcTime)
