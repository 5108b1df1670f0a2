"""The processes that crawl: their leases go back when they leave, and are taken back when they die."""

import os
import socket
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Row, Table, func, or_, select, update

from db.models import CrawlWorker, Photo, SearchWindow
from db.upserts import slices

_worker = cast(Table, CrawlWorker.__table__)
_LEASED = (cast(Table, SearchWindow.__table__), cast(Table, Photo.__table__))

SILENT_S = 60.0
"""Seconds without a sign of life after which a worker of another machine counts as dead; beats come every 10 s."""


def enter_crawl(connection: Connection) -> int:
    """Write a row for this process and return its id, in whose name it takes leases."""
    now = datetime.now(UTC)
    pid = os.getpid()
    row = {"host": socket.gethostname(), "pid": pid, "born": birth_of(pid) or 0.0, "started_at": now, "seen_at": now}
    return int(connection.execute(_worker.insert().values(row).returning(_worker.c.id)).scalar_one())


def beat(connection: Connection, worker_id: int) -> None:
    """Say that this worker is alive; also when another had taken it for dead."""
    connection.execute(
        update(_worker).where(_worker.c.id == worker_id).values(seen_at=datetime.now(UTC), ended_at=None)
    )


def leave_crawl(connection: Connection, worker_id: int) -> None:
    """Give back what this worker still has, and say that it ended."""
    _give_back(connection, [worker_id])
    now = datetime.now(UTC)
    connection.execute(update(_worker).where(_worker.c.id == worker_id).values(seen_at=now, ended_at=now))


def reclaim_dead(connection: Connection, *, silent_s: float = SILENT_S, now: datetime | None = None) -> int:
    """Give back the leases of workers that are no more; return how many windows and photos that were.

    A worker of this machine is dead as soon as its process is gone, so a killed crawl goes on at its next start
    without waiting. One of another machine is dead when it was not seen for `silent_s`.
    """
    now = now or datetime.now(UTC)
    # Also those that ended and have leases: a worker that was taken for dead, went on, and died after all.
    owners = {owner for table in _LEASED for owner in _owners(connection, table)}
    rows = connection.execute(
        select(_worker).where(or_(_worker.c.ended_at.is_(None), _worker.c.id.in_(owners))).order_by(_worker.c.id)
    )
    host = socket.gethostname()
    silent_since = now - timedelta(seconds=silent_s)
    dead = [
        row.id
        for row in rows
        if not _is_alive(row, is_of_this_host=row.host == host, was_seen_lately=row.seen_at > silent_since)
    ]
    given_back = _give_back(connection, dead)
    for some in slices(dead):
        ended = update(_worker).where(_worker.c.id.in_(some), _worker.c.ended_at.is_(None))
        connection.execute(ended.values(ended_at=now))
    return given_back


def birth_of(pid: int) -> float | None:
    """Return when the process `pid` of this machine started, in seconds since it was switched on.

    None when there is no such process, it is dead and only not yet waited for, or the system has no /proc.
    """
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name of the program stands in brackets and may hold anything. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    fields = line.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19]) / os.sysconf("SC_CLK_TCK")


def is_running(pid: int, born: float, *, was_seen_lately: bool) -> bool:
    """Return whether the process `pid` of this machine, started at `born`, is still there.

    Where there is no /proc a process of that number counts as the one meant only when it was seen lately.
    """
    if Path("/proc/self/stat").exists():
        return birth_of(pid) == born
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        pass
    return was_seen_lately


def _is_alive(worker: Row[Any], *, is_of_this_host: bool, was_seen_lately: bool) -> bool:
    if is_of_this_host:
        return is_running(worker.pid, worker.born, was_seen_lately=was_seen_lately)
    return was_seen_lately


def _owners(connection: Connection, table: Table) -> Iterator[int]:
    """Yield who has leases in `table`: from one to the next by its index, however many rows there are.

    `select distinct` reads the whole table in Postgres while its statistics are young (0.5 s for 1,000,000 photos).
    """
    last = -1
    while (found := connection.scalar(select(func.min(table.c.leased_by)).where(table.c.leased_by > last))) is not None:
        last = found
        yield last


def _give_back(connection: Connection, worker_ids: Iterable[int]) -> int:
    count = 0
    for some in slices(worker_ids):
        for table in _LEASED:
            leased = update(table).where(table.c.leased_by.in_(some), table.c.state == "leased")
            count += connection.execute(leased.values(state="pending", leased_by=None)).rowcount
    return count
