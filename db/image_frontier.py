"""The images still to be fetched, as rows of `photo`, and what became of each.

A row turns `done` only when its file is whole and in its place; until then its image is fetched again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast

from sqlalchemy import Connection, Table, bindparam, func, select, update

from db.models import Photo

State = Literal["pending", "leased", "done", "gone", "failed"]

_photo = cast(Table, Photo.__table__)


@dataclass(frozen=True)
class PendingPhoto:
    """A photo whose image is still to be fetched to `path` below the data folder."""

    id: int
    site_id: str
    image_url: str
    path: str


@dataclass(frozen=True)
class PhotoOutcome:
    """What became of one image; `path` is None where there will never be a file."""

    photo_id: int
    state: State
    path: str | None
    error: str | None = None
    sha256: str | None = None
    byte_count: int | None = None
    width: int | None = None
    height: int | None = None


def count_photos(connection: Connection, site: str) -> dict[str, int]:
    """Return how many photos of `site` are in which state."""
    rows = connection.execute(
        select(_photo.c.state, func.count()).where(_photo.c.site == site).group_by(_photo.c.state)
    )
    return {state: count for state, count in rows}  # noqa: C416  a Row is no pair to mypy


def pending_photos(connection: Connection, site: str, *, after_id: int, limit: int) -> list[PendingPhoto]:
    """Return up to `limit` photos of `site` whose image is to be fetched and whose id is above `after_id`."""
    rows = connection.execute(
        select(_photo.c.id, _photo.c.site_id, _photo.c.image_url, _photo.c.path)
        .where(_photo.c.site == site, _photo.c.state == "pending", _photo.c.id > after_id)
        .where(_photo.c.image_url.is_not(None), _photo.c.path.is_not(None))
        .order_by(_photo.c.id)
        .limit(limit)
    )
    return [PendingPhoto(*row) for row in rows]


def settle_photos(connection: Connection, outcomes: Sequence[PhotoOutcome]) -> None:
    """Write what became of a batch of images."""
    if not outcomes:
        return
    columns = ("state", "path", "error", "sha256", "byte_count", "width", "height")
    statement = (
        update(_photo)
        .where(_photo.c.id == bindparam("b_id"))
        .values({name: bindparam(f"b_{name}") for name in columns})
        .values(attempts=_photo.c.attempts + 1, fetched_at=bindparam("b_fetched_at"))
    )
    now = datetime.now(UTC)
    # In the order of their ids, so that two workers never wait for each other's rows in a circle.
    connection.execute(
        statement,
        [
            {
                "b_id": outcome.photo_id,
                "b_fetched_at": now if outcome.state == "done" else None,
                **{f"b_{name}": getattr(outcome, name) for name in columns},
            }
            for outcome in sorted(outcomes, key=lambda outcome: outcome.photo_id)
        ],
    )
