"""The tables of the catalog. docs/catalog.md says the same in words; a test holds the two together.

Times are UTC. Years are the one unit of ageing. JSON columns hold evidence as it came, never what a query needs.
"""

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
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from db.types import RowId, SiteText, UtcTime

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Parent of all tables; constraint names follow one convention so that migrations can name them."""

    metadata = MetaData(naming_convention=CONVENTION)


class Subject(Base):
    """A person asked for."""

    __tablename__ = "subject"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)  # Aaron_Eckhart; fgnet/001 in a public set
    display_name: Mapped[str] = mapped_column(String(255))  # Aaron Eckhart
    birth_date: Mapped[str | None] = mapped_column(String(32))  # ISO, as much of it as is known
    birth_precision: Mapped[str | None] = mapped_column(String(16))  # day, month, year
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class Query(Base):
    """One search at one site for one subject: the crawl's frontier and its memory."""

    __tablename__ = "query"
    __table_args__ = (
        UniqueConstraint("site", "subject_id", "text"),
        CheckConstraint("state in ('pending', 'leased', 'done', 'gone', 'failed')", name="state"),
        Index(None, "site", "state", "id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)  # what was typed into the search, quotes included
    state: Mapped[str] = mapped_column(String(16), default="pending")
    next_page: Mapped[int] = mapped_column(Integer, default=1)  # first page not yet stored
    pages: Mapped[int | None] = mapped_column(Integer)  # as the site said last
    total: Mapped[int | None] = mapped_column(Integer)  # as the site said last
    photos_seen: Mapped[int] = mapped_column(Integer, default=0)  # results read, refused ones included
    photos_refused: Mapped[int] = mapped_column(Integer, default=0)  # licence not allowed, or not a photo
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(SiteText)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)


class Photo(Base):
    """One image at one site, with every text the site gave and the raw answer."""

    __tablename__ = "photo"
    __table_args__ = (
        UniqueConstraint("site", "site_id"),
        CheckConstraint("state in ('pending', 'leased', 'done', 'gone', 'failed')", name="state"),
        Index(None, "site", "state", "id"),
        Index(None, "sha256"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site: Mapped[str] = mapped_column(String(32))  # flickr; the name of the set for public sets
    site_id: Mapped[str] = mapped_column(String(255))
    page_url: Mapped[str | None] = mapped_column(SiteText)
    image_url: Mapped[str | None] = mapped_column(SiteText)  # of the size that is fetched; carries no key
    licence: Mapped[str | None] = mapped_column(String(255))  # the site's own id
    owner_id: Mapped[str | None] = mapped_column(String(255))
    owner_name: Mapped[str | None] = mapped_column(SiteText)
    title: Mapped[str | None] = mapped_column(SiteText)
    description: Mapped[str | None] = mapped_column(SiteText)
    tags: Mapped[str | None] = mapped_column(SiteText)
    machine_tags: Mapped[str | None] = mapped_column(SiteText)
    file_name: Mapped[str | None] = mapped_column(SiteText)  # the owner's, where the site tells it
    date_taken: Mapped[str | None] = mapped_column(SiteText)  # as the site wrote it
    date_taken_granularity: Mapped[int | None] = mapped_column(Integer)  # 0 second, 4 month, 6 year, 8 circa
    date_taken_unknown: Mapped[bool | None] = mapped_column()  # true: date_taken is the upload time
    uploaded: Mapped[datetime | None] = mapped_column(UtcTime)
    age_label: Mapped[float | None] = mapped_column(Float)  # of the person, where a public set says it
    raw: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # the site's answer for this photo
    state: Mapped[str] = mapped_column(String(16), default="pending")  # of the image file
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(SiteText)
    path: Mapped[str | None] = mapped_column(Text)  # below the data folder, or absolute for imported sets
    sha256: Mapped[str | None] = mapped_column(String(64))
    byte_count: Mapped[int | None] = mapped_column(BigInteger)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    found_at: Mapped[datetime] = mapped_column(UtcTime)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcTime)


class PhotoQuery(Base):
    """Which search found which photo; a photo found under two names has two rows."""

    __tablename__ = "photo_query"
    __table_args__ = (Index(None, "query_id", "rank"),)

    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True)
    query_id: Mapped[int] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), primary_key=True)
    rank: Mapped[int | None] = mapped_column(Integer)  # place in the results, from 0


class PhotoSubject(Base):
    """Whom a photo may show: the subjects of its queries, or the subject a public set names."""

    __tablename__ = "photo_subject"
    __table_args__ = (Index(None, "subject_id", "photo_id"),)

    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True)


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
