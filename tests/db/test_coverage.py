"""The certificate of a crawl adds up: every result the site has is catalogued or has its reason."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Engine

from db.models import Photo, PhotoQuery, Query, SearchWindow, Subject
from db.windows import Coverage, NewWindow, StepRows, add_queries, coverage
from tests.db.crawling import LIST, MARTA, SITE, TOM, answer, begin, lease, store, store_all
from tests.db.rows import NOW, insert, photo_row, query_row, subject_row


def _covered(catalog: Engine) -> Coverage:
    with catalog.connect() as connection:
        (found,) = coverage(connection, SITE)
    return found


def _sum(found: Coverage) -> int:
    parts = (found.catalogued, *found.refused.values(), found.filtered_out, found.unreachable, found.missing)
    return sum(parts)


def _window(window_id: int, **values: Any) -> dict[str, Any]:
    row = {"id": window_id, "site": SITE, "query_id": 1, "sort": "x", "state": "done", "updated_at": NOW}
    return {**row, **values}


def _insert(catalog: Engine, query: dict[str, Any], windows: Sequence[dict[str, Any]], catalogued: int) -> None:
    with catalog.begin() as connection:
        insert(connection, Subject, subject_row(id=1))
        insert(connection, Query, query_row(1, id=1, **query))
        for window in windows:
            insert(connection, SearchWindow, window)
        photos = [photo_row(str(number), id=number + 1) for number in range(catalogued)]
        if photos:
            insert(connection, Photo, photos)
            insert(connection, PhotoQuery, [{"photo_id": photo["id"], "query_id": 1} for photo in photos])


@pytest.mark.parametrize(
    ("query", "windows", "catalogued", "expected"),
    [
        pytest.param(
            {"state": "done", "total": 9, "photos_seen": 9, "photos_refused": 2, "refused": {"licence": 2}},
            [_window(1, total=9, photos_seen=9, photos_refused=2)],
            7,
            {"site_total": 9, "catalogued": 7, "refused": {"licence": 2}},
            id="one window, all explained",
        ),
        pytest.param(
            {"state": "done", "total": 12, "photos_seen": 9, "photos_refused": 2, "refused": {"licence": 2}},
            [_window(1, total=12, photos_seen=9, photos_refused=2)],
            7,
            {"site_total": 12, "catalogued": 7, "refused": {"licence": 2}, "missing": 3},
            id="the site showed fewer than it said",
        ),
        pytest.param(
            {"state": "done", "total": 100, "photos_seen": 35, "photos_refused": 5, "refused": {"licence": 5}},
            [
                _window(1, total=100, photos_seen=10, photos_refused=5),
                _window(2, parent_id=1, licences="4,5", total=25, photos_seen=25),
            ],
            30,
            {"site_total": 100, "catalogued": 30, "refused": {"licence": 5}, "filtered_out": 65},
            id="a filter kept out what the child did not promise",
        ),
        pytest.param(
            {"state": "done", "total": 100, "photos_seen": 33, "photos_refused": 5, "refused": {"licence": 5}},
            [
                _window(1, total=100, photos_seen=10, photos_refused=5),
                _window(2, parent_id=1, licences="4,5", total=25, photos_seen=13),
                _window(3, parent_id=2, licences="4", total=99, photos_seen=7),
                _window(4, parent_id=2, licences="5", total=99, photos_seen=3, photos_unreachable=1),
            ],
            28,
            {
                "site_total": 100,
                "catalogued": 28,
                "refused": {"licence": 5},
                "filtered_out": 65,
                "unreachable": 1,
                "missing": 1,
            },
            id="only the outermost filtered windows promise, all of them give",
        ),
        pytest.param(
            {"state": "pending", "total": 100, "photos_seen": 10},
            [
                _window(1, total=100, photos_seen=10),
                _window(2, parent_id=1, licences="4,5", state="pending"),
            ],
            10,
            {"site_total": 100, "catalogued": 10, "missing": 90, "state": "pending"},
            id="before the filtered window was asked nobody knows what it keeps out",
        ),
        pytest.param(
            {"state": "pending", "total": 100, "photos_seen": 20},
            [
                _window(1, total=100, photos_seen=10),
                _window(2, parent_id=1, licences="4,5", state="leased", total=30, photos_seen=10),
            ],
            20,
            {"site_total": 100, "catalogued": 20, "filtered_out": 60, "missing": 20, "state": "pending"},
            id="a filtered window half read",
        ),
        pytest.param(
            {"state": "done", "total": 5, "photos_seen": 8},
            [_window(1, total=5, photos_seen=8)],
            6,
            {"site_total": 8, "catalogued": 6, "refused": {"removed": 2}},
            id="photos added meanwhile, and two taken down since",
        ),
        pytest.param(
            {"state": "failed", "error": "code 3"},
            [_window(1, state="failed")],
            0,
            {"site_total": None, "state": "failed", "note": "code 3"},
            id="never answered",
        ),
    ],
)
def test_the_numbers_add_up(
    catalog: Engine,
    query: dict[str, Any],
    windows: Sequence[dict[str, Any]],
    catalogued: int,
    expected: dict[str, Any],
) -> None:
    _insert(catalog, query, windows, catalogued)
    found = _covered(catalog)
    nothing = {"catalogued": 0, "refused": {}, "filtered_out": 0, "unreachable": 0, "missing": 0, "note": None}
    told = {name: getattr(found, name) for name in ("site_total", "state", *nothing)}
    assert told == {"state": "done", **nothing, **expected}
    assert _sum(found) == (found.site_total or 0)


def test_a_crawl_as_it_runs_gives_numbers_that_add_up(catalog: Engine) -> None:
    """700 results, 500 in the first answer; the rest through a filter that lets 60 through, one of them known."""
    worker = begin(catalog)
    (root,) = lease(catalog, worker)
    first = answer(
        *(str(number) for number in range(120)),
        refused={"licence": 380},
        total=700,
        query_total=700,
        children=[NewWindow(licences="4")],
    )
    store(catalog, root, first, worker_id=worker)
    (child,) = lease(catalog, worker)
    parts: list[StepRows] = [
        answer(*(str(number) for number in range(200, 240)), total=60, cursor={"n": 1}),
        answer(*(str(number) for number in range(240, 258)), refused={"malformed": 2}),
    ]
    store_all(catalog, child, parts, worker_id=worker)
    found = _covered(catalog)
    assert found == Coverage(
        name="Marta_Quillon",
        query_text='"Marta Quillon"',
        kind="phrase",
        state="done",
        site_total=700,
        catalogued=178,
        refused={"licence": 380, "malformed": 2},
        filtered_out=140,
        unreachable=0,
        missing=0,
        note=None,
    )
    assert _sum(found) == 700
    with catalog.begin() as connection:
        connection.exec_driver_sql("delete from photo where site_id in ('1', '201', '202')")
    after = _covered(catalog)
    assert (after.catalogued, after.refused) == (175, {"licence": 380, "malformed": 2, "removed": 3})
    assert _sum(after) == 700


def test_queries_come_in_their_order_and_only_those_asked_for(catalog: Engine) -> None:
    begin(catalog, MARTA, TOM)
    with catalog.begin() as connection:
        add_queries(connection, SITE, [TOM], asked_by="2" * 64)
        assert [found.name for found in coverage(connection, SITE)] == ["Marta_Quillon", "Tom_Berg"]
        assert [found.name for found in coverage(connection, SITE, asked_by="2" * 64)] == ["Tom_Berg"]
        assert [found.name for found in coverage(connection, SITE, asked_by=LIST)] == ["Marta_Quillon"]
        assert list(coverage(connection, "commons")) == []


def test_more_queries_than_are_read_at_once_come_each_once(catalog: Engine) -> None:
    with catalog.begin() as connection:
        insert(connection, Subject, [subject_row(f"P_{number:04}", id=number) for number in range(1, 1103)])
        insert(connection, Query, [query_row(number, text="x") for number in range(1, 1103)])
        names = [found.name for found in coverage(connection, SITE)]
    assert names == [f"P_{number:04}" for number in range(1, 1103)]
