"""Windows: given to one worker at a time, in order, and open until they are read or have failed."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from db.models import Query, SearchWindow
from db.windows import (
    NewWindow,
    WantedQuery,
    add_queries,
    count_queries,
    count_windows,
    fail_window,
    lease_windows,
    revive_failed,
    store_step,
)
from db.workers import leave_crawl
from tests.db.crawling import LIST, MARTA, SITE, TOM, answer, begin, enter, lease, store

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def test_a_window_says_all_that_is_needed_to_ask(catalog: Engine) -> None:
    start = NewWindow(licences="4,5", min_upload=1076371200, max_upload=1767225600, sort="x", cursor={"page": 3})
    wanted = WantedQuery("Zoe_Ek", "Zoë Ek", "zoe ek", kind="transliterated", window=start)
    worker = begin(catalog, wanted)
    (window,) = lease(catalog, worker)
    assert (window.name, window.display_name, window.text, window.kind) == ("Zoe_Ek", "Zoë Ek", "zoe ek", wanted.kind)
    assert (window.licences, window.min_upload, window.max_upload) == ("4,5", 1076371200, 1767225600)
    assert (window.sort, window.cursor, window.steps, window.total, window.attempts) == ("x", {"page": 3}, 0, None, 0)


def test_windows_come_in_the_order_of_the_names_and_each_once(catalog: Engine) -> None:
    wanted = [WantedQuery(f"P_{number:04}", f"P {number:04}", f'"P {number:04}"') for number in (*range(9, 1200), 3)]
    worker = begin(catalog, *wanted)
    first = lease(catalog, worker, limit=1000)
    rest = lease(catalog, worker, limit=1000)
    assert [window.name for window in first + rest] == [want.name for want in wanted]
    assert lease(catalog, worker) == []


def test_names_of_another_list_are_left_to_its_crawl(catalog: Engine) -> None:
    begin(catalog, MARTA, asked_by="2" * 64)
    worker = begin(catalog, TOM)
    assert [window.name for window in lease(catalog, worker, limit=9)] == ["Tom_Berg"]
    assert [window.name for window in lease(catalog, worker, limit=9, asked_by=None)] == ["Marta_Quillon"]


def test_a_name_asked_for_again_brings_its_fallbacks_along(catalog: Engine) -> None:
    worker = begin(catalog, MARTA, asked_by="2" * 64)
    (window,) = lease(catalog, worker, asked_by=None)
    store(catalog, window, answer(queries=[WantedQuery("Marta_Quillon", "", "marta", "no-initial")]), worker_id=worker)
    begin(catalog, MARTA)
    assert [(window.text, window.kind) for window in lease(catalog, worker, limit=9)] == [("marta", "no-initial")]


def test_adding_names_twice_adds_them_once(catalog: Engine) -> None:
    for _ in range(2):
        worker = begin(catalog, MARTA, TOM, MARTA)
    assert [window.name for window in lease(catalog, worker, limit=9)] == ["Marta_Quillon", "Tom_Berg"]


def test_one_name_at_two_sites_is_one_subject_with_two_queries(catalog: Engine) -> None:
    begin(catalog, MARTA)
    begin(catalog, MARTA, site="commons")
    with catalog.connect() as connection:
        rows = connection.execute(select(Query.subject_id, Query.site).order_by(Query.site)).all()
    assert [row.site for row in rows] == ["commons", "flickr"]
    assert len({row.subject_id for row in rows}) == 1


def test_a_leased_window_is_nobody_elses(catalog: Engine) -> None:
    mine = begin(catalog, MARTA, TOM)
    theirs = enter(catalog)
    (first,) = lease(catalog, mine)
    (second,) = lease(catalog, theirs)
    assert (first.name, second.name) == ("Marta_Quillon", "Tom_Berg")
    with catalog.begin() as connection:
        assert store_step(connection, first, answer("11"), worker_id=theirs) is None
        fail_window(connection, first, "not mine", worker_id=theirs, next_try=None)
        assert count_windows(connection, SITE, asked_by=LIST) == {"leased": 2}


def test_a_window_of_a_worker_that_left_goes_on_where_it_was(catalog: Engine) -> None:
    worker = begin(catalog, MARTA)
    (window,) = lease(catalog, worker)
    moved = store(catalog, window, answer("11", cursor={"from": 7}, total=9), worker_id=worker).window
    assert moved is not None
    with catalog.begin() as connection:
        leave_crawl(connection, worker)
    (again,) = lease(catalog, enter(catalog))
    assert again == moved
    assert (again.cursor, again.steps, again.total) == ({"from": 7}, 1, 9)


def test_a_window_put_back_waits_for_its_time(catalog: Engine) -> None:
    worker = begin(catalog, MARTA)
    (window,) = lease(catalog, worker)
    with catalog.begin() as connection:
        fail_window(connection, window, "busy", worker_id=worker, next_try=NOW + timedelta(minutes=5))
    assert lease(catalog, worker, now=NOW) == []
    (again,) = lease(catalog, worker, now=NOW + timedelta(minutes=5))
    assert (again.id, again.attempts) == (window.id, 0)


def test_a_failed_query_gets_another_chance_as_often_as_is_allowed(catalog: Engine) -> None:
    worker = begin(catalog, MARTA, TOM)
    for attempt in (1, 2):
        (window,) = [window for window in lease(catalog, worker, limit=2) if window.name == "Marta_Quillon"]
        assert window.attempts == attempt - 1
        with catalog.begin() as connection:
            fail_window(connection, window, f"try {attempt}", worker_id=worker, next_try=None)
            counts = count_queries(connection, SITE, asked_by=LIST)
            assert counts == {"failed": 1, "pending": 1}
            revived = revive_failed(connection, SITE, asked_by=LIST, max_attempts=2)
            assert revived == (1 if attempt == 1 else 0)
    assert lease(catalog, worker) == []
    with catalog.connect() as connection:
        row = connection.execute(select(Query.error, Query.attempts, Query.state).where(Query.error.is_not(None))).one()
    assert tuple(row) == ("try 2", 2, "failed")


def test_a_query_is_done_when_none_of_its_windows_is_open_and_failed_when_one_failed(catalog: Engine) -> None:
    worker = begin(catalog, MARTA)
    (root,) = lease(catalog, worker)
    children = [NewWindow(licences=str(number)) for number in range(3)]
    stored = store(catalog, root, answer("11", children=children), worker_id=worker)
    assert (stored.is_window_done, stored.is_query_done) == (True, False)
    first, second, third = lease(catalog, worker, limit=9)
    assert not store(catalog, first, answer("12"), worker_id=worker).is_query_done
    with catalog.begin() as connection:
        fail_window(connection, second, "no", worker_id=worker, next_try=None)
        assert count_queries(connection, SITE, asked_by=LIST) == {"pending": 1}
    assert store(catalog, third, answer("13"), worker_id=worker).is_query_done
    with catalog.begin() as connection:
        assert count_queries(connection, SITE, asked_by=LIST) == {"failed": 1}
        revive_failed(connection, SITE, asked_by=LIST, max_attempts=3)
        assert count_queries(connection, SITE, asked_by=LIST) == {"pending": 1}
        (again,) = lease_windows(connection, SITE, worker, asked_by=LIST)
        stored_last = store_step(connection, again, answer("14"), worker_id=worker)
        assert stored_last is not None
        assert stored_last.is_query_done
        assert count_queries(connection, SITE, asked_by=None) == {"done": 1}
        parents = connection.execute(select(SearchWindow.parent_id).order_by(SearchWindow.id)).scalars().all()
    assert parents == [None, root.id, root.id, root.id]


def test_an_empty_list_asks_nothing(catalog: Engine) -> None:
    worker = enter(catalog)
    with catalog.begin() as connection:
        add_queries(connection, SITE, [], asked_by=LIST)
    assert lease(catalog, worker) == []
