"""Storing one answer of a site: photos, their links, and where the window goes on, in one transaction.

This is the hot path of a crawl's metadata. The statements are short and run once a row by the driver, so that
SQLAlchemy builds each of them once in the life of a process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, select, update

from db.models import PhotoQuery, PhotoSubject, Query, SearchWindow
from db.photo_rows import save_found
from db.tombstones import buried_among
from db.upserts import insert_each
from db.wanted_queries import add_for_subjects, window_row
from db.window_queue import close_query
from db.window_rows import StepRows, StoredStep, Window

_query, _window = cast(Table, Query.__table__), cast(Table, SearchWindow.__table__)

BURIED = "buried"
"""Reason of results that were not stored because they are under a tombstone."""


def store_step(connection: Connection, window: Window, rows: StepRows, *, worker_id: int) -> StoredStep | None:
    """Store an answer; return what came of it, or None when the window has moved on already or is in other hands.

    Photos known already get what the site says now, but keep file, path and state. A photo that this query found
    before is not counted again.
    """
    now = datetime.now(UTC)
    site = _move_on(connection, window, rows, worker_id, now)
    if site is None:
        return None
    buried = buried_among(connection, site, rows.photos)
    ranks: dict[str, int | None] = {}
    photos: list[Mapping[str, Any]] = []
    for photo, rank in zip(rows.photos, rows.ranks, strict=True):
        if photo["site_id"] not in buried and photo["site_id"] not in ranks:
            ranks[photo["site_id"]] = rank
            photos.append(photo)
    saved = save_found(connection, site, photos, now)
    # In the order of their ids, so that no two workers wait for each other in a circle.
    placed = sorted((saved.ids[site_id], rank) for site_id, rank in ranks.items())
    links = [{"photo_id": photo_id, "query_id": window.query_id, "rank": rank} for photo_id, rank in placed]
    linked = insert_each(connection, PhotoQuery.__table__, links)
    subjects = [{"photo_id": photo_id, "subject_id": window.subject_id} for photo_id, _ in placed]
    insert_each(connection, PhotoSubject.__table__, subjects)
    # What a query found before is linked already and adds nothing, whether the site module knew or not.
    refused = {**rows.refused, BURIED: len(buried)} if buried else rows.refused
    sums = _Sums(seen=linked + sum(refused.values()), refused=refused)
    _add_follow_ups(connection, site, window, rows, now)
    _count_in_window(connection, window, sums)
    is_query_done = _count_in_query(connection, window, rows, sums)
    is_done = rows.cursor is None
    return StoredStep(
        new_photos=saved.new,
        known_photos=len(photos) - saved.new,
        buried=len(buried),
        is_window_done=is_done,
        is_query_done=is_query_done,
        window=None if is_done else _next_step(window, rows),
    )


@dataclass(frozen=True)
class _Sums:
    seen: int
    refused: Mapping[str, int]


def _move_on(connection: Connection, window: Window, rows: StepRows, worker_id: int, now: datetime) -> str | None:
    """Write where the window goes on and return its site; None when it is not this worker's or at another step.

    The first statement of the transaction writes, so that a second writer waits here and not half-way.
    """
    is_done = rows.cursor is None
    values: dict[str, Any] = {
        "steps": window.steps + 1,
        "photos_unreachable": _window.c.photos_unreachable + rows.unreachable,
        "state": "done" if is_done else "leased",
        "leased_by": None if is_done else worker_id,
        "attempts": 0,
        "error": rows.note,
        "updated_at": now,
    }
    if rows.cursor is not None:
        values["cursor"] = dict(rows.cursor)  # a done window keeps its last one
    if window.total is None:
        values["total"] = rows.total
    moved = connection.execute(
        update(_window)
        .where(_window.c.id == window.id, _window.c.steps == window.steps)
        .where(_window.c.leased_by == worker_id, _window.c.state == "leased")
        .values(**values)
        .returning(_window.c.site)
    )
    site: str | None = moved.scalar()
    return site


def _add_follow_ups(connection: Connection, site: str, window: Window, rows: StepRows, now: datetime) -> None:
    children = [window_row(site, window.query_id, child, now, parent_id=window.id) for child in rows.children]
    insert_each(connection, _window, children)
    if rows.queries:
        asked_by = connection.scalar(select(_query.c.asked_by).where(_query.c.id == window.query_id))
        # Whatever name a follow-up carries, it is of the subject whose answer asked for it.
        subject_ids = {want.name: window.subject_id for want in rows.queries}
        add_for_subjects(connection, site, rows.queries, subject_ids, asked_by=asked_by, now=now)


def _count_in_window(connection: Connection, window: Window, sums: _Sums) -> None:
    connection.execute(
        update(_window)
        .where(_window.c.id == window.id)
        .values(
            photos_seen=_window.c.photos_seen + sums.seen,
            photos_refused=_window.c.photos_refused + sum(sums.refused.values()),
        )
    )


def _count_in_query(connection: Connection, window: Window, rows: StepRows, sums: _Sums) -> bool:
    # Locked before its reasons are read; SQLite has one writer anyway and knows no such clause. Not plain FOR UPDATE:
    # the links above hold a KEY SHARE of this row, and two answers of one query would wait for each other's for ever.
    of_query = select(_query.c.refused).where(_query.c.id == window.query_id).with_for_update(key_share=True)
    refused: Mapping[str, int] = connection.scalar(of_query) or {}
    values: dict[str, Any] = {
        "photos_seen": _query.c.photos_seen + sums.seen,
        "photos_refused": _query.c.photos_refused + sum(sums.refused.values()),
    }
    if any(sums.refused.values()):
        reasons = {str(reason): count for reason, count in sums.refused.items() if count}
        values["refused"] = {
            reason: refused.get(reason, 0) + reasons.get(reason, 0) for reason in sorted({*refused, *reasons})
        }
    if rows.query_total is not None:
        values["total"] = rows.query_total
    if rows.note is not None:
        values["error"] = rows.note
    return close_query(connection, window.query_id, **values)


def _next_step(window: Window, rows: StepRows) -> Window:
    total = rows.total if window.total is None else window.total
    return replace(window, cursor=rows.cursor, steps=window.steps + 1, total=total, attempts=0)
