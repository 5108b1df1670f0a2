"""What a crawl finds: subjects, photos, and which is which."""

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
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import RowId, SiteText, UtcTime


def _where(condition: str) -> dict[str, Any]:
    """Return the options of an index over the rows of `condition` only."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Subject(Base):
    """A person asked for."""

    __tablename__ = "subject"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)  # Aaron_Eckhart; fgnet/001 in a public set
    display_name: Mapped[str] = mapped_column(String(255))  # Aaron Eckhart
    birth_date: Mapped[str | None] = mapped_column(String(32))  # ISO, as much of it as is known
    birth_precision: Mapped[str | None] = mapped_column(String(16))  # day, month, year
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    birth_calendar: Mapped[str | None] = mapped_column(String(16))  # of birth_date: gregorian, julian
    birth_year_min: Mapped[int | None] = mapped_column(Integer)  # Gregorian, as the two below
    birth_year_max: Mapped[int | None] = mapped_column(Integer)
    death_date: Mapped[str | None] = mapped_column(String(32))
    death_precision: Mapped[str | None] = mapped_column(String(16))
    death_calendar: Mapped[str | None] = mapped_column(String(16))
    death_year_min: Mapped[int | None] = mapped_column(Integer)
    death_year_max: Mapped[int | None] = mapped_column(Integer)
    wikidata_id: Mapped[str | None] = mapped_column(String(32))  # Q42
    commons_category: Mapped[str | None] = mapped_column(Text)  # less "Category:"


class SubjectCandidate(Base):
    """Somebody of a subject's name, whom the subject may be; the dates are as those of `Subject`."""

    __tablename__ = "subject_candidate"
    __table_args__ = (UniqueConstraint("subject_id", "entity_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"))
    entity_id: Mapped[str] = mapped_column(String(32))  # Q42
    place: Mapped[int] = mapped_column(Integer)  # 0: the best score
    score: Mapped[float] = mapped_column(Float)
    label: Mapped[str | None] = mapped_column(SiteText)
    description: Mapped[str | None] = mapped_column(SiteText)
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # all statements that were read
    birth_date: Mapped[str | None] = mapped_column(String(32))
    birth_precision: Mapped[str | None] = mapped_column(String(16))
    birth_calendar: Mapped[str | None] = mapped_column(String(16))
    birth_year_min: Mapped[int | None] = mapped_column(Integer)
    birth_year_max: Mapped[int | None] = mapped_column(Integer)
    death_date: Mapped[str | None] = mapped_column(String(32))
    death_precision: Mapped[str | None] = mapped_column(String(16))
    death_calendar: Mapped[str | None] = mapped_column(String(16))
    death_year_min: Mapped[int | None] = mapped_column(Integer)
    death_year_max: Mapped[int | None] = mapped_column(Integer)
    sitelinks: Mapped[int] = mapped_column(Integer, default=0)
    is_accepted: Mapped[bool] = mapped_column(default=False)
    found_at: Mapped[datetime] = mapped_column(UtcTime)


class Photo(Base):
    """One image at one site, with every text the site gave and the raw answer."""

    __tablename__ = "photo"
    __table_args__ = (
        UniqueConstraint("site", "site_id"),
        CheckConstraint("state in ('pending', 'leased', 'done', 'gone', 'failed')", name="state"),
        Index(None, "site", "state", "id"),
        # The order in which `scrapy sync` goes through a site.
        Index("ix_photo_site_checked_at", "site", "checked_at", "id"),
        Index(None, "sha256"),
        # Few rows are leased and few are duplicates: a full index would cost every row of a large crawl.
        Index(None, "leased_by", **_where("leased_by is not null")),
        Index(None, "duplicate_of", **_where("duplicate_of is not null")),
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
    licence_at: Mapped[datetime | None] = mapped_column(UtcTime)  # when the licence was seen
    image_size: Mapped[str | None] = mapped_column(String(16))  # the site's word for the size of image_url
    date_text: Mapped[str | None] = mapped_column(SiteText)  # a date in free text or HTML
    exif_taken: Mapped[str | None] = mapped_column(SiteText)  # the original's EXIF date, as the site tells it
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("photo.id", ondelete="SET NULL"))  # same sha256
    leased_by: Mapped[int | None] = mapped_column(ForeignKey("crawl_worker.id", ondelete="SET NULL"))
    next_try: Mapped[datetime | None] = mapped_column(UtcTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcTime)  # last `scrapy sync`


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
