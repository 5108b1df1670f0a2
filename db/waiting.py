"""What a crawl that found nothing to do asks: is there work it may still get, and when.

Work another worker holds comes back when that worker dies; work the site asked to leave alone comes back by the clock.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Select, Table, func, or_, select, text, update

from db.models import CrawlWorker, Photo, Query, SearchWindow

_photo, _query = cast(Table, Photo.__table__), cast(Table, Query.__table__)
_window, _worker = cast(Table, SearchWindow.__table__), cast(Table, CrawlWorker.__table__)

_SETTLING = 7_241_590_021
"""Number of the Postgres advisory lock under which images are settled; any number nobody else uses would do."""


@dataclass(frozen=True)
class Waiting:
    """Whether work is ready, whether a worker holds some, and when the earliest of the rest may be tried again."""

    ready: bool
    leased: bool
    next_try: datetime | None = None


def waiting_windows(connection: Connection, site: str, *, asked_by: str, now: datetime | None = None) -> Waiting:
    """Return what is open of the windows of the list `asked_by`."""
    now = now or datetime.now(UTC)
    of_list = (
        select(_window.c.id)
        .join(_query, _query.c.id == _window.c.query_id)
        .where(_window.c.site == site, _query.c.asked_by == asked_by)
    )
    pending = of_list.where(_window.c.state == "pending")
    later = (
        select(func.min(_window.c.next_try))
        .join(_query, _query.c.id == _window.c.query_id)
        .where(_window.c.site == site, _query.c.asked_by == asked_by)
        .where(_window.c.state == "pending", _window.c.next_try > now)
    )
    return Waiting(
        ready=_any(connection, pending.where(or_(_window.c.next_try.is_(None), _window.c.next_try <= now))),
        leased=_any(connection, of_list.where(_window.c.state == "leased")),
        next_try=connection.scalar(later),
    )


def waiting_photos(connection: Connection, site: str, *, now: datetime | None = None) -> Waiting:
    """Return what is open of the photos of `site`."""
    now = now or datetime.now(UTC)
    of_site = select(_photo.c.id).where(_photo.c.site == site)
    pending = of_site.where(_photo.c.state == "pending")
    later = select(func.min(_photo.c.next_try)).where(
        _photo.c.site == site, _photo.c.state == "pending", _photo.c.next_try > now
    )
    ready = _any(connection, pending.where(or_(_photo.c.next_try.is_(None), _photo.c.next_try <= now)))
    return Waiting(
        ready=ready,
        leased=_any(connection, of_site.where(_photo.c.state == "leased")),
        next_try=None if ready else connection.scalar(later),
    )


def settle_in_turn(connection: Connection, worker_id: int) -> None:
    """Hold other workers' settling back until this transaction ends, so that each sees the files of the one before.

    Writing first makes SQLite do it (it has one writer); on Postgres an advisory lock does.
    """
    connection.execute(update(_worker).where(_worker.c.id == worker_id).values(seen_at=datetime.now(UTC)))
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:number)"), {"number": _SETTLING})


def _any(connection: Connection, rows: Select[Any]) -> bool:
    return connection.execute(rows.limit(1)).first() is not None


def asked_sites(connection: Connection) -> list[str]:
    """Return the sites that have queries, in the order of their names."""
    return list(connection.scalars(select(_query.c.site).distinct().order_by(_query.c.site)))
