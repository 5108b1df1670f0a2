"""The images still to be fetched, as rows of `photo`, and what became of each.

A row turns `done` only when its file is whole and in its place; until then its image is fetched again. Rows are
leased to one worker at a time (`db/workers.py` takes them back from the dead).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast

from sqlalchemy import Connection, Table, bindparam, func, select, update

from db.leases import is_due, take
from db.models import Photo
from db.upserts import slices

State = Literal["pending", "leased", "done", "gone", "failed"]

_photo = cast(Table, Photo.__table__)

_SETTLED = ("state", "path", "error", "sha256", "byte_count", "width", "height", "next_try", "duplicate_of")


@dataclass(frozen=True)
class PendingPhoto:
    """A photo whose image is still to be fetched to `path` below the data folder; `attempts` have failed."""

    id: int
    site_id: str
    image_url: str
    path: str
    attempts: int = 0


@dataclass(frozen=True)
class PhotoOutcome:
    """What became of one image; `path` is None where there will never be a file.

    "pending" with `next_try` puts it back until then. `duplicate_of` is the photo that had these bytes first;
    `path` is then that photo's.
    """

    photo_id: int
    state: State
    path: str | None
    error: str | None = None
    sha256: str | None = None
    byte_count: int | None = None
    width: int | None = None
    height: int | None = None
    next_try: datetime | None = None
    duplicate_of: int | None = None


def lease_photos(
    connection: Connection, site: str, worker_id: int, *, limit: int, now: datetime | None = None
) -> list[PendingPhoto]:
    """Give up to `limit` pending photos of `site` to a worker, the oldest first; those that wait are passed over."""
    wanted = (
        select(_photo.c.id)
        .where(_photo.c.site == site, _photo.c.state == "pending", is_due(_photo, now or datetime.now(UTC)))
        .where(_photo.c.image_url.is_not(None), _photo.c.path.is_not(None))
        .order_by(_photo.c.id)
        .limit(limit)
    )
    statement = select(_photo.c.id, _photo.c.site_id, _photo.c.image_url, _photo.c.path, _photo.c.attempts).order_by(
        _photo.c.id
    )
    return [
        PendingPhoto(*row)
        for some in slices(take(connection, _photo, wanted, worker_id))
        for row in connection.execute(statement.where(_photo.c.id.in_(some)))
    ]


def settle_photos(connection: Connection, outcomes: Sequence[PhotoOutcome], *, worker_id: int) -> int:
    """Write what became of a batch of images; return how many rows were written.

    A photo that is in other hands by now, or is no more (a takedown), is left alone. Raises IntegrityError when
    `duplicate_of` was taken down meanwhile; see `photos_by_sha256`.
    """
    if not outcomes:
        return 0
    statement = (
        update(_photo)
        .where(_photo.c.id == bindparam("b_id"), _photo.c.leased_by == bindparam("b_worker"))
        .where(_photo.c.state == "leased")
        .values({name: bindparam(f"b_{name}") for name in _SETTLED})
        .values(attempts=_photo.c.attempts + bindparam("b_tries"), fetched_at=bindparam("b_fetched_at"), leased_by=None)
    )
    now = datetime.now(UTC)
    # In the order of their ids, so that two workers never wait for each other's rows in a circle.
    written: int = connection.execute(
        statement,
        [
            {
                "b_id": outcome.photo_id,
                "b_worker": worker_id,
                # One put back was not asked for: its host must wait.
                "b_tries": int(outcome.state != "pending"),
                "b_fetched_at": now if outcome.state == "done" else None,
                **{f"b_{name}": getattr(outcome, name) for name in _SETTLED},
            }
            for outcome in sorted(outcomes, key=lambda outcome: outcome.photo_id)
        ],
        execution_options={"preserve_rowcount": True},
    ).rowcount
    return written


def photos_by_sha256(connection: Connection, digests: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return (photo id, path) of who has these contents already: of several photos the one whose own file it is."""
    found: dict[str, tuple[int, str]] = {}
    for some in slices(digests):
        rows = connection.execute(
            select(_photo.c.sha256, _photo.c.id, _photo.c.path)
            .where(_photo.c.sha256.in_(some), _photo.c.state == "done", _photo.c.duplicate_of.is_(None))
            .where(_photo.c.path.is_not(None))
            .order_by(_photo.c.id.desc())
        )
        found.update({row.sha256: (row.id, row.path) for row in rows})
    return found


def existing_photos(connection: Connection, photo_ids: Iterable[int]) -> set[int]:
    """Return which of these photos there still are."""
    return {
        photo_id
        for some in slices(sorted(photo_ids))
        for photo_id in connection.scalars(select(_photo.c.id).where(_photo.c.id.in_(some)))
    }


def paths_in_use(connection: Connection, paths: Iterable[str]) -> set[str]:
    """Return which of these paths a photo's row holds; reads the whole table, so only for rare repairs."""
    return {
        path
        for some in slices(sorted(paths))
        for path in connection.scalars(select(_photo.c.path).where(_photo.c.path.in_(some)))
    }


def retry_failed(connection: Connection, site: str, *, max_attempts: int | None = None) -> int:
    """Make failed photos of `site` pending again and return how many; None: all of them, attempts forgotten.

    Else only those that failed fewer than `max_attempts` times.
    """
    statement = update(_photo).where(_photo.c.site == site, _photo.c.state == "failed")
    if max_attempts is None:
        statement = statement.values(state="pending", next_try=None, attempts=0)
    else:
        statement = statement.where(_photo.c.attempts < max_attempts).values(state="pending", next_try=None)
    return connection.execute(statement).rowcount


def count_photos(connection: Connection, site: str) -> dict[str, int]:
    """Return how many photos of `site` are in which state; reads the whole index (1,000,000 photos: up to 1 s)."""
    rows = connection.execute(
        select(_photo.c.state, func.count()).where(_photo.c.site == site).group_by(_photo.c.state)
    )
    return {state: count for state, count in rows}  # noqa: C416  a Row is no pair to mypy
