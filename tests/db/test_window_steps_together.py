"""Two workers store answers of one query at the same moment: both are stored, and neither waits for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, select

from db import window_steps
from db.models import Query
from db.windows import NewWindow, StepRows, StoredStep, Window, add_queries, lease_windows, store_step
from db.workers import enter_crawl
from tests.db.crawling import LIST, MARTA, SITE, answer

PATIENCE_S = 20


def test_answers_of_one_query_that_come_at_once_are_both_stored(
    catalog: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if catalog.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer: the second answer waits at its first statement")
    with catalog.begin() as connection:
        workers = [enter_crawl(connection) for _ in range(3)]
        add_queries(connection, SITE, [MARTA], asked_by=LIST)
    with catalog.begin() as connection:
        (first,) = lease_windows(connection, SITE, workers[0], asked_by=LIST)
    with catalog.begin() as connection:
        halves = (NewWindow(licences="4", max_upload=99), NewWindow(licences="4", min_upload=100))
        store_step(connection, first, answer("1", children=halves), worker_id=workers[0])
    windows = []
    for worker in workers[1:]:
        with catalog.begin() as connection:
            windows += lease_windows(connection, SITE, worker, asked_by=LIST)

    linked, count_in_query = threading.Barrier(2, timeout=PATIENCE_S), window_steps._count_in_query

    def when_both_have_their_links(*arguments: Any) -> bool:
        linked.wait()
        return count_in_query(*arguments)

    monkeypatch.setattr(window_steps, "_count_in_query", when_both_have_their_links)

    def store(window: Window, rows: StepRows, worker: int) -> StoredStep | None:
        with catalog.begin() as connection:
            return store_step(connection, window, rows, worker_id=worker)

    answers = [answer("2", "3", refused={"licence": 1}), answer("4", refused={"licence": 2})]
    with ThreadPoolExecutor(2) as threads:
        stored = list(threads.map(store, windows, answers, workers[1:]))

    assert [step.new_photos for step in stored if step is not None] == [2, 1]
    with catalog.connect() as connection:
        query = connection.execute(select(Query.__table__)).one()
    assert (query.photos_seen, query.photos_refused, query.refused) == (7, 3, {"licence": 3})
    assert query.state == "done"
