"""Workers: their leases outlive none of them."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

from db.image_frontier import lease_photos
from db.models import CrawlWorker, Photo, SearchWindow
from db.workers import beat, birth_of, enter_crawl, is_running, leave_crawl, reclaim_dead
from tests.db.crawling import MARTA, SITE, TOM, answer, begin, enter, lease, store

LATER = timedelta(seconds=61)


def _pretend(catalog: Engine, worker_id: int, **values: object) -> None:
    with catalog.begin() as connection:
        connection.execute(update(CrawlWorker).where(CrawlWorker.id == worker_id).values(**values))


def _with_leases(catalog: Engine) -> int:
    """Return a worker with one window and one photo."""
    worker = begin(catalog, MARTA, TOM)
    first, _ = lease(catalog, worker, limit=2)
    store(catalog, first, answer("11", "12"), worker_id=worker)
    with catalog.begin() as connection:
        assert len(lease_photos(connection, SITE, worker, limit=1)) == 1
    return worker


def test_who_enters_is_this_very_process(catalog: Engine) -> None:
    worker = enter(catalog)
    with catalog.connect() as connection:
        row = connection.execute(select(CrawlWorker.__table__)).one()
    assert (row.id, row.host, row.pid, row.ended_at) == (worker, socket.gethostname(), os.getpid(), None)
    assert is_running(row.pid, row.born, was_seen_lately=False)


def test_who_leaves_gives_everything_back(catalog: Engine) -> None:
    worker = _with_leases(catalog)
    with catalog.begin() as connection:
        leave_crawl(connection, worker)
        states = connection.execute(select(Photo.state, Photo.leased_by).order_by(Photo.id)).all()
        assert [tuple(row) for row in states] == [("pending", None), ("pending", None)]
        states = connection.execute(select(SearchWindow.state, SearchWindow.leased_by).order_by(SearchWindow.id)).all()
        assert [tuple(row) for row in states] == [("done", None), ("pending", None)]
        assert connection.scalar(select(CrawlWorker.ended_at)) is not None


def test_a_worker_of_this_machine_keeps_its_leases_however_long_it_is_silent(catalog: Engine) -> None:
    worker = _with_leases(catalog)
    _pretend(catalog, worker, seen_at=datetime(2001, 1, 1, tzinfo=UTC))
    with catalog.begin() as connection:
        assert reclaim_dead(connection) == 0


def test_a_process_that_was_given_the_number_of_a_dead_one_is_not_taken_for_it(catalog: Engine) -> None:
    worker = _with_leases(catalog)
    with catalog.connect() as connection:
        born = connection.scalar(select(CrawlWorker.born))
    assert born is not None
    _pretend(catalog, worker, born=born - 1)
    with catalog.begin() as connection:
        assert reclaim_dead(connection) == 2


def test_a_worker_of_another_machine_is_given_up_after_its_silence(catalog: Engine) -> None:
    worker = _with_leases(catalog)
    _pretend(catalog, worker, host="elsewhere", pid=1)
    now = datetime.now(UTC)
    with catalog.begin() as connection:
        assert reclaim_dead(connection, now=now) == 0
        assert reclaim_dead(connection, silent_s=3600, now=now + LATER) == 0
        assert reclaim_dead(connection, now=now + LATER) == 2
        assert reclaim_dead(connection, now=now + LATER) == 0


def test_a_worker_taken_for_dead_that_goes_on_can_lose_its_leases_again(catalog: Engine) -> None:
    worker = _with_leases(catalog)
    _pretend(catalog, worker, host="elsewhere")
    now = datetime.now(UTC)
    with catalog.begin() as connection:
        assert reclaim_dead(connection, now=now + LATER) == 2
        assert len(lease_photos(connection, SITE, worker, limit=9)) == 2
        beat(connection, worker)
        assert connection.scalar(select(CrawlWorker.ended_at)) is None
        assert reclaim_dead(connection) == 0
        assert reclaim_dead(connection, now=now + 2 * LATER) == 2
        assert len(lease_photos(connection, SITE, worker, limit=9)) == 2  # and dies before its next beat
        assert reclaim_dead(connection, now=now + 3 * LATER) == 2


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")  # noqa: PTH110  of a decorator
def test_a_process_is_known_by_when_it_began_and_gone_even_when_nobody_waited_for_it() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    born, mine = birth_of(process.pid), birth_of(os.getpid())
    assert born is not None
    assert mine is not None
    assert born >= mine
    assert is_running(process.pid, born, was_seen_lately=True)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, and left as a zombie
    assert birth_of(process.pid) is None
    assert not is_running(process.pid, born, was_seen_lately=True)
    process.communicate()
    assert birth_of(process.pid) is None


def test_a_second_crawl_of_this_process_is_another_worker(catalog: Engine) -> None:
    with catalog.begin() as connection:
        assert enter_crawl(connection) != enter_crawl(connection)
