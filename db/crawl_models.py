"""How far a crawl is: its searches, who works on them, and what it owes the sites and the people it met."""

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
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import RowId, SiteText, UtcTime


class Query(Base):
    """One search at one site for one subject, as the sum of its windows."""

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
    state: Mapped[str] = mapped_column(String(16), default="pending")  # done: no window of it is open
    total: Mapped[int | None] = mapped_column(Integer)  # of the whole query without a filter, as the site said last
    photos_seen: Mapped[int] = mapped_column(Integer, default=0)  # results read, refused ones included
    photos_refused: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(SiteText)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)
    # phrase | no-initial | transliterated | search | depicts | category
    kind: Mapped[str] = mapped_column(String(32), default="phrase", server_default="phrase")
    refused: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))  # reason -> results
    asked_by: Mapped[str | None] = mapped_column(String(64))  # digest of the names list that asked for it last


class SearchWindow(Base):
    """A part of a query that is read from its start to its end: the crawl's frontier."""

    __tablename__ = "search_window"
    __table_args__ = (
        CheckConstraint("state in ('pending', 'leased', 'done', 'failed')", name="state"),
        Index(None, "site", "state", "id"),
        Index(None, "query_id"),
        Index(None, "parent_id"),
        Index(None, "leased_by"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site: Mapped[str] = mapped_column(String(32))
    query_id: Mapped[int] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("search_window.id", ondelete="CASCADE"))
    licences: Mapped[str | None] = mapped_column(Text)  # comma list sent to the site; null: no filter
    min_upload: Mapped[int | None] = mapped_column(BigInteger)  # Unix seconds, inclusive
    max_upload: Mapped[int | None] = mapped_column(BigInteger)
    sort: Mapped[str] = mapped_column(String(32))
    cursor: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # the site module's business
    steps: Mapped[int] = mapped_column(Integer, default=0)  # answers stored
    total: Mapped[int | None] = mapped_column(Integer)  # of this window, as the site said first
    photos_seen: Mapped[int] = mapped_column(Integer, default=0)  # each result once
    photos_refused: Mapped[int] = mapped_column(Integer, default=0)
    photos_unreachable: Mapped[int] = mapped_column(Integer, default=0)  # the site says they are there, shows them not
    state: Mapped[str] = mapped_column(String(16), default="pending")
    leased_by: Mapped[int | None] = mapped_column(ForeignKey("crawl_worker.id", ondelete="SET NULL"))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_try: Mapped[datetime | None] = mapped_column(UtcTime)
    error: Mapped[str | None] = mapped_column(SiteText)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)


class CrawlWorker(Base):
    """One process that crawls, or crawled; leases of windows and photos are in its name."""

    __tablename__ = "crawl_worker"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column(Integer)
    born: Mapped[float] = mapped_column(Float)  # when the process started: a reused pid is not taken for it
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ApiCall(Base):
    """One slot of the ring of calls that a key may make in an hour."""

    __tablename__ = "api_call"
    __table_args__ = (Index(None, "key_digest", "used_at"),)

    key_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    slot: Mapped[int] = mapped_column(Integer, primary_key=True)
    used_at: Mapped[float] = mapped_column(Float)  # Unix seconds, of the last call in this slot


class ApiPace(Base):
    """When the next call with a key may go out, so that calls are not bunched."""

    __tablename__ = "api_pace"

    key_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    next_at: Mapped[float] = mapped_column(Float)  # Unix seconds


class HostPace(Base):
    """The rate a host was found to bear, kept for the next crawl."""

    __tablename__ = "host_pace"

    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    rate: Mapped[float] = mapped_column(Float)  # requests a second
    updated_at: Mapped[datetime] = mapped_column(UtcTime)


class Licence(Base):
    """A licence as the site lists it."""

    __tablename__ = "licence"

    site: Mapped[str] = mapped_column(String(32), primary_key=True)
    licence_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    name: Mapped[str] = mapped_column(SiteText)
    url: Mapped[str | None] = mapped_column(SiteText)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)


class Tombstone(Base):
    """What was taken down and must not come back; only a digest of it is kept."""

    __tablename__ = "tombstone"
    __table_args__ = (
        UniqueConstraint("kind", "digest"),
        CheckConstraint("kind in ('photo', 'owner', 'subject', 'url', 'sha256')", name="kind"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
