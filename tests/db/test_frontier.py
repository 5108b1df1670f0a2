"""The crawl's frontier: idempotent, whole pages, and nothing handed out that is settled."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select

from db.frontier import (
    OpenQuery,
    PageRows,
    WantedQuery,
    add_queries,
    count_queries,
    fail_query,
    open_queries,
    revive_failed,
    store_page,
)
from db.image_frontier import PendingPhoto, PhotoOutcome, count_photos, pending_photos, settle_photos
from db.models import Photo, PhotoQuery, PhotoSubject, Query, Subject

MARTA = WantedQuery("Marta_Quillon", "Marta Quillon", '"Marta Quillon"')
TOM = WantedQuery("Tom_Berg", "Tom Berg", '"Tom Berg"')


def _photo_row(site_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "site_id": site_id,
        "image_url": f"http://host/{site_id}.jpg",
        "title": "an \x00 odd title",
        "uploaded": datetime(2004, 5, 6, tzinfo=UTC),
        "raw": {"id": site_id},
        "state": "pending",
        "attempts": 0,
        "path": f"photos/Marta_Quillon/{site_id}.jpg",
        **changes,
    }


def _page(*site_ids: str, page: int = 1, is_last: bool = False, **changes: Any) -> PageRows:
    return PageRows(
        page=page,
        pages=3,
        total=5,
        seen=len(site_ids) + 1,
        refused=1,
        is_last=is_last,
        photos=[_photo_row(site_id, **changes) for site_id in site_ids],
        ranks=[(page - 1) * 2 + place for place in range(len(site_ids))],
    )


def _opened(catalog: Engine, *wanted: WantedQuery, site: str = "flickr") -> list[OpenQuery]:
    with catalog.begin() as connection:
        add_queries(connection, site, wanted)
        return open_queries(connection, site, wanted)


def _store(catalog: Engine, query: OpenQuery, rows: PageRows) -> int | None:
    with catalog.begin() as connection:
        return store_page(connection, "flickr", query, rows)


def _pending(catalog: Engine, *, after_id: int = 0, limit: int = 100) -> list[PendingPhoto]:
    with catalog.connect() as connection:
        return pending_photos(connection, "flickr", after_id=after_id, limit=limit)


def test_adding_names_twice_adds_them_once(catalog: Engine) -> None:
    first = _opened(catalog, MARTA, TOM)
    assert _opened(catalog, MARTA, TOM) == first
    assert [(query.name, query.text, query.next_page) for query in first] == [
        ("Marta_Quillon", '"Marta Quillon"', 1),
        ("Tom_Berg", '"Tom Berg"', 1),
    ]
    with catalog.connect() as connection:
        assert sorted(connection.scalars(select(Subject.display_name))) == ["Marta Quillon", "Tom Berg"]


def test_queries_come_in_the_order_of_the_names(catalog: Engine) -> None:
    wanted = [WantedQuery(f"P_{number:04}", f"P {number:04}", f'"P {number:04}"') for number in range(1200)]
    _opened(catalog, *wanted)
    assert [query.name for query in _opened(catalog, *reversed(wanted))] == [want.name for want in reversed(wanted)]
    with catalog.connect() as connection:
        assert count_queries(connection, "flickr", wanted) == {"pending": 1200}


def test_one_name_at_two_sites_is_one_subject_with_two_queries(catalog: Engine) -> None:
    (flickr,) = _opened(catalog, MARTA)
    (commons,) = _opened(catalog, MARTA, site="commons")
    assert flickr.subject_id == commons.subject_id
    assert flickr.id != commons.id


def test_a_page_is_stored_with_its_photos_and_links(catalog: Engine) -> None:
    (query,) = _opened(catalog, MARTA)
    assert _store(catalog, query, _page("11", "12")) == 2
    with catalog.connect() as connection:
        row = connection.execute(select(Query.__table__)).one()
        assert (row.state, row.next_page, row.pages, row.total) == ("pending", 2, 3, 5)
        assert (row.photos_seen, row.photos_refused) == (3, 1)
        links = connection.execute(
            select(Photo.site_id, PhotoQuery.query_id, PhotoQuery.rank, PhotoSubject.subject_id)
            .join(PhotoQuery, PhotoQuery.photo_id == Photo.id)
            .join(PhotoSubject, PhotoSubject.photo_id == Photo.id)
            .order_by(PhotoQuery.rank)
        ).all()
        assert [tuple(link) for link in links] == [
            ("11", query.id, 0, query.subject_id),
            ("12", query.id, 1, query.subject_id),
        ]
    (open_again,) = _opened(catalog, MARTA)
    assert open_again.next_page == 2


def test_the_last_page_closes_the_query(catalog: Engine) -> None:
    (query,) = _opened(catalog, MARTA)
    _store(catalog, query, _page("11", is_last=True))
    assert _opened(catalog, MARTA) == []
    with catalog.connect() as connection:
        assert count_queries(connection, "flickr", [MARTA]) == {"done": 1}


def test_a_page_that_comes_twice_counts_once(catalog: Engine) -> None:
    (query,) = _opened(catalog, MARTA)
    assert _store(catalog, query, _page("11", "12")) == 2
    assert _store(catalog, query, _page("11", "12")) is None
    with catalog.connect() as connection:
        assert connection.scalar(select(Query.photos_seen)) == 3
        assert count_photos(connection, "flickr") == {"pending": 2}


def test_a_photo_of_two_names_is_one_row_with_two_links_and_keeps_its_first_place(catalog: Engine) -> None:
    marta, tom = _opened(catalog, MARTA, TOM)
    _store(catalog, marta, _page("11"))
    assert _store(catalog, tom, _page("11", "12", path="photos/Tom_Berg/x.jpg")) == 1
    with catalog.connect() as connection:
        paths = {row.site_id: row.path for row in connection.execute(select(Photo.site_id, Photo.path))}
        assert paths == {
            "11": "photos/Marta_Quillon/11.jpg",
            "12": "photos/Tom_Berg/x.jpg",
        }
        photo_id = connection.scalar(select(Photo.id).where(Photo.site_id == "11"))
        of_photo = select(PhotoSubject.subject_id).where(PhotoSubject.photo_id == photo_id)
        assert set(connection.scalars(of_photo)) == {marta.subject_id, tom.subject_id}


def test_a_page_whose_storing_breaks_leaves_nothing(catalog: Engine) -> None:
    (query,) = _opened(catalog, MARTA)
    broken = _page("11", "12")
    rows = PageRows(**{**broken.__dict__, "ranks": [0]})
    with pytest.raises(ValueError, match="zip"):
        _store(catalog, query, rows)
    with catalog.connect() as connection:
        assert count_photos(connection, "flickr") == {}
    assert _opened(catalog, MARTA) == [query]


def test_pending_photos_come_in_order_and_only_those(catalog: Engine) -> None:
    (query,) = _opened(catalog, MARTA)
    _store(catalog, query, _page(*(str(number) for number in range(20, 30))))
    _store(catalog, query, _page("40", page=2, state="gone", path=None, image_url=None))
    first = _pending(catalog, limit=4)
    assert [photo.site_id for photo in first] == ["20", "21", "22", "23"]
    assert [photo.site_id for photo in _pending(catalog, after_id=first[-1].id)] == [str(n) for n in range(24, 30)]


def test_a_settled_photo_is_not_handed_out_again(catalog: Engine) -> None:
    (query,) = _opened(catalog, MARTA)
    _store(catalog, query, _page("11", "12", "13", "14"))
    done, gone, failed, _ = _pending(catalog)
    with catalog.begin() as connection:
        settle_photos(
            connection,
            [
                PhotoOutcome(failed.id, "failed", failed.path, error="HTTP 500"),
                PhotoOutcome(gone.id, "gone", None, error="HTTP 404"),
                PhotoOutcome(done.id, "done", done.path, sha256="ab" * 32, byte_count=5, width=3, height=4),
            ],
        )
        settle_photos(connection, [])
    assert [photo.site_id for photo in _pending(catalog)] == ["14"]
    with catalog.connect() as connection:
        row = connection.execute(select(Photo.__table__).where(Photo.id == done.id)).one()
        assert (row.state, row.path, row.sha256, row.byte_count, row.width, row.height, row.attempts) == (
            "done",
            "photos/Marta_Quillon/11.jpg",
            "ab" * 32,
            5,
            3,
            4,
            1,
        )
        assert row.fetched_at is not None
        row = connection.execute(select(Photo.__table__).where(Photo.id == gone.id)).one()
        assert (row.state, row.path, row.error, row.fetched_at) == ("gone", None, "HTTP 404", None)
        assert count_photos(connection, "flickr") == {"done": 1, "gone": 1, "failed": 1, "pending": 1}


def test_failed_work_gets_another_chance_as_often_as_is_allowed(catalog: Engine) -> None:
    (query,) = _opened(catalog, MARTA)
    _store(catalog, query, _page("11"))
    for attempt in (1, 2):
        with catalog.begin() as connection:
            revive_failed(connection, "flickr", max_attempts=2)
            (photo,) = pending_photos(connection, "flickr", after_id=0, limit=9)
            assert len(open_queries(connection, "flickr", [MARTA])) == 1
            settle_photos(connection, [PhotoOutcome(photo.id, "failed", photo.path, error=f"try {attempt}")])
            fail_query(connection, query.id, f"try {attempt}")
    with catalog.begin() as connection:
        revive_failed(connection, "flickr", max_attempts=2)
        assert pending_photos(connection, "flickr", after_id=0, limit=9) == []
        assert open_queries(connection, "flickr", [MARTA]) == []
        assert connection.scalar(select(Query.error)) == "try 2"
        assert connection.scalar(select(Photo.attempts)) == 2
