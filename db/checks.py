"""Photos as `scrapy sync` goes through them: those that were looked at longest ago first, each once a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Connection, Table, bindparam, func, or_, select, update

from db.models import Photo

_photo = cast(Table, Photo.__table__)


@dataclass(frozen=True)
class PhotoToCheck:
    """A catalogued photo and the licence it had when it was seen last."""

    id: int
    site_id: str
    licence: str | None


@dataclass(frozen=True)
class CheckedPhoto:
    """A photo that stays; `licence` is what the site says now, None where it says nothing of it."""

    photo_id: int
    licence: str | None


def sites_to_check(connection: Connection, sites: Sequence[str]) -> list[str]:
    """Return those of `sites` that the catalog has photos of."""
    return [
        site for site in sites if connection.execute(select(_photo.c.id).where(_photo.c.site == site).limit(1)).first()
    ]


def photos_to_check(connection: Connection, site: str, *, before: datetime, limit: int) -> list[PhotoToCheck]:
    """Return photos not looked at since `before`: those never looked at first, then the longest ago."""
    of_site = select(_photo.c.id, _photo.c.site_id, _photo.c.licence).where(_photo.c.site == site)
    # Two reads: databases disagree on where nulls stand in an index, and a rule of one's own makes them sort the site.
    never = of_site.where(_photo.c.checked_at.is_(None)).order_by(_photo.c.id)
    long_ago = of_site.where(_photo.c.checked_at < before).order_by(_photo.c.checked_at, _photo.c.id)
    found = [PhotoToCheck(*row) for row in connection.execute(never.limit(limit))]
    if len(found) < limit:
        found += [PhotoToCheck(*row) for row in connection.execute(long_ago.limit(limit - len(found)))]
    return found


def count_to_check(connection: Connection, site: str, *, before: datetime) -> int:
    """Return how many photos are not looked at since `before`."""
    due = or_(_photo.c.checked_at.is_(None), _photo.c.checked_at < before)
    return connection.scalar(select(func.count()).select_from(_photo).where(_photo.c.site == site, due)) or 0


def save_checked(connection: Connection, photos: Sequence[CheckedPhoto]) -> None:
    """Write that photos were looked at, and the licences they have now."""
    now = datetime.now(UTC)
    seen = update(_photo).where(_photo.c.id == bindparam("b_id")).values(checked_at=now)
    told = seen.values(licence=bindparam("b_licence"), licence_at=now)
    # In the order of their ids, so that no two processes wait for each other in a circle.
    ordered = sorted(photos, key=lambda photo: photo.photo_id)
    with_licence = [{"b_id": photo.photo_id, "b_licence": photo.licence} for photo in ordered if photo.licence]
    without = [{"b_id": photo.photo_id} for photo in ordered if not photo.licence]
    for statement, rows in ((told, with_licence), (seen, without)):
        if rows:
            connection.execute(statement, rows)
