"""Leases: whatever several processes do at once, each row is in one hand; and no lease reads a whole table."""

import re
import signal
from typing import Any

from sqlalchemy import Connection, Engine, event, select

from db.image_frontier import PhotoOutcome, lease_photos, photos_by_sha256, settle_photos
from db.models import CrawlWorker, Photo, SearchWindow
from db.session import open_catalog
from db.windows import NewWindow, WantedQuery, add_queries, fail_window, lease_windows, store_step
from db.workers import enter_crawl, leave_crawl, reclaim_dead
from tests.db.crawling import LIST, SITE, answer, begin, column, enter, lease, store
from tests.db.processes import run_together, say_go, start
from tests.db.rows import insert, photo_row

_LEASE_ALL = """
from db.image_frontier import lease_photos
from db.windows import lease_windows
from db.workers import enter_crawl
with engine.begin() as connection:
    worker = enter_crawl(connection)
for what in ("photo", "window"):
    while True:
        with engine.begin() as connection:
            if what == "photo":
                rows = lease_photos(connection, "flickr", worker, limit=7)
            else:
                rows = lease_windows(connection, "flickr", worker, asked_by=sys.argv[2], limit=3)
        if not rows:
            break
        for row in rows:
            print(what, row.id)
if len(sys.argv) > 3:
    print("leased", flush=True)
    sys.stdin.readline()
"""


def _fill(catalog: Engine, photos: int, windows: int) -> None:
    wanted = [WantedQuery(f"P_{number}", f"P {number}", str(number)) for number in range(windows)]
    rows = [
        photo_row(str(number), state="pending", image_url="http://host/x", path=f"photos/{number}.jpg")
        for number in range(photos)
    ]
    with catalog.begin() as connection:
        add_queries(connection, SITE, wanted, asked_by=LIST)
        insert(connection, Photo, rows)


def test_processes_that_lease_at_once_get_every_row_and_none_twice(catalog_url: str) -> None:
    catalog = open_catalog(catalog_url)
    _fill(catalog, photos=400, windows=60)
    lines = run_together([start(_LEASE_ALL, catalog_url, LIST) for _ in range(3)])
    leased = sorted(line for part in lines for line in part)
    with catalog.connect() as connection:
        expected = [f"photo {photo_id}" for photo_id in column(connection, "select id from photo")]
        expected += [f"window {window_id}" for window_id in column(connection, "select id from search_window")]
        owners = set(connection.scalars(select(Photo.leased_by)))
    assert leased == sorted(expected)
    assert None not in owners
    catalog.dispose()


def test_what_a_killed_worker_had_is_given_back_at_the_next_start_without_waiting(catalog_url: str) -> None:
    catalog = open_catalog(catalog_url)
    _fill(catalog, photos=30, windows=4)
    process = start(_LEASE_ALL, catalog_url, LIST, "and wait")
    say_go(process)
    assert process.stdout is not None
    while process.stdout.readline() not in ("leased\n", ""):
        pass
    mine = enter(catalog)
    with catalog.begin() as connection:
        assert reclaim_dead(connection) == 0
        assert lease_photos(connection, SITE, mine, limit=50) == []
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with catalog.begin() as connection:
        assert reclaim_dead(connection) == 34
        assert reclaim_dead(connection) == 0
        assert len(lease_photos(connection, SITE, mine, limit=50)) == 30
        assert len(lease_windows(connection, SITE, mine, asked_by=LIST, limit=50)) == 4
        ended = {row.id: row.ended_at for row in connection.execute(select(CrawlWorker.id, CrawlWorker.ended_at))}
    assert ended.pop(mine) is None
    assert [when is not None for when in ended.values()] == [True]
    catalog.dispose()


def test_no_statement_of_a_crawl_reads_a_whole_table(sqlite_catalog: Engine) -> None:
    """Of the tables that grow without end; what a planner does with a million rows is in SQLite's own words."""
    worker = begin(sqlite_catalog)
    said: list[tuple[str, Any]] = []

    def listen(_c: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        said.append((statement, parameters[0] if many else parameters))

    event.listen(sqlite_catalog, "before_cursor_execute", listen)
    (window,) = lease(sqlite_catalog, worker)
    stored = store(
        sqlite_catalog, window, answer("1", "2", cursor={}, children=[NewWindow()], refused={"x": 1}), worker_id=worker
    )
    assert stored.window is not None
    with sqlite_catalog.begin() as connection:
        assert store_step(connection, stored.window, answer("2", "3", cursor={}), worker_id=worker)
        first, *_ = lease_photos(connection, SITE, worker, limit=5)
        photos_by_sha256(connection, ["a" * 64])
        settle_photos(connection, [PhotoOutcome(first.id, "done", first.path, sha256="a" * 64)], worker_id=worker)
        (child,) = lease_windows(connection, SITE, worker, asked_by=LIST)
        fail_window(connection, child, "no", worker_id=worker, next_try=None)
        leave_crawl(connection, worker)
        reclaim_dead(connection)
        enter_crawl(connection)
    event.remove(sqlite_catalog, "before_cursor_execute", listen)
    plans = 0
    with sqlite_catalog.connect() as connection:
        for statement, parameters in said:
            if statement.startswith("PRAGMA"):
                continue
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            steps = [row[-1] for row in plan]
            plans += 1
            scans = [
                step for step in steps if re.match(r"SCAN (photo|photo_query|photo_subject|search_window)\b", step)
            ]
            assert scans == [], statement
            if statement.startswith("WITH chosen"):
                assert not any("ORDER BY" in step for step in steps), f"{statement}: {steps}"
    assert plans > 25


def test_a_window_and_a_photo_of_nobody_are_in_no_index_of_leases(sqlite_catalog: Engine) -> None:
    """A million pending photos must not make the question who has leases long."""
    _fill(sqlite_catalog, photos=50, windows=1)
    with sqlite_catalog.connect() as connection:
        sql = "select sql from sqlite_master where name = 'ix_photo_leased_by'"
        assert column(connection, sql)[0].endswith("WHERE leased_by is not null")
        assert connection.execute(select(SearchWindow.leased_by)).scalars().all() == [None]
