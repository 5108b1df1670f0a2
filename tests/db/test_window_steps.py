"""An answer of a site is stored whole, once, and nothing that lies on disk is forgotten by it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, func, select

from db.image_frontier import PhotoOutcome, count_photos, lease_photos, settle_photos
from db.models import Photo, PhotoQuery, PhotoSubject, Query, SearchWindow
from db.tombstones import Kind, bury
from db.windows import NewWindow, WantedQuery, add_queries, refresh_queries, store_step
from tests.db.crawling import LIST, MARTA, SITE, TOM, answer, begin, lease, store, store_all


def test_an_answer_is_stored_with_its_photos_links_and_sums(catalog: Engine) -> None:
    worker = begin(catalog)
    (window,) = lease(catalog, worker)
    rows = answer("12", "11", refused={"licence": 2, "not_a_photo": 1}, cursor={"from": 5}, total=9, query_total=40)
    stored = store(catalog, window, rows, worker_id=worker)
    assert (stored.new_photos, stored.known_photos, stored.buried) == (2, 0, 0)
    assert (stored.is_window_done, stored.is_query_done) == (False, False)
    assert stored.window == replace(window, cursor={"from": 5}, steps=1, total=9)
    with catalog.connect() as connection:
        query = connection.execute(select(Query.__table__)).one()
        assert (query.state, query.total, query.photos_seen, query.photos_refused) == ("pending", 40, 5, 3)
        assert query.refused == {"licence": 2, "not_a_photo": 1}
        row = connection.execute(select(SearchWindow.__table__)).one()
        assert (row.state, row.leased_by, row.steps, row.total, row.photos_seen, row.photos_refused) == (
            *("leased", worker, 1, 9),
            *(5, 3),
        )
        links = connection.execute(
            select(Photo.site_id, PhotoQuery.query_id, PhotoQuery.rank, PhotoSubject.subject_id)
            .join(PhotoQuery, PhotoQuery.photo_id == Photo.id)
            .join(PhotoSubject, PhotoSubject.photo_id == Photo.id)
            .order_by(PhotoQuery.rank)
        ).all()
        subject = window.subject_id
        assert [tuple(link) for link in links] == [("12", window.query_id, 0, subject), ("11", query.id, 1, subject)]
        photo = connection.execute(select(Photo.title, Photo.licence_at, Photo.found_at)).first()
        assert photo is not None
        assert photo.title == "an  odd title"
        assert photo.licence_at == photo.found_at


def test_reasons_add_up_over_the_answers(catalog: Engine) -> None:
    worker = begin(catalog)
    (window,) = lease(catalog, worker)
    answers = [
        answer("11", refused={"licence": 2}, cursor={"n": 1}),
        answer("12", refused={"licence": 1, "malformed": 4}, cursor={"n": 2}, total=50),
        answer("13", query_total=11, total=60, note="the end", unreachable=3),
    ]
    last = store_all(catalog, window, answers, worker_id=worker)
    assert last.is_query_done
    assert last.window is None
    with catalog.connect() as connection:
        query = connection.execute(select(Query.__table__)).one()
        assert (query.state, query.total, query.photos_seen, query.photos_refused) == ("done", 11, 10, 7)
        assert (query.refused, query.error) == ({"licence": 3, "malformed": 4}, "the end")
        row = connection.execute(select(SearchWindow.__table__)).one()
        assert (row.total, row.steps, row.photos_unreachable) == (50, 3, 3)
        assert (row.state, row.leased_by, row.cursor) == ("done", None, {"n": 2})


def test_an_answer_that_comes_twice_counts_once(catalog: Engine) -> None:
    worker = begin(catalog)
    (window,) = lease(catalog, worker)
    store(catalog, window, answer("11", "12", cursor={"n": 1}), worker_id=worker)
    with catalog.begin() as connection:
        assert store_step(connection, window, answer("11", "12", cursor={"n": 1}), worker_id=worker) is None
        assert connection.scalar(select(Query.photos_seen)) == 2
        assert count_photos(connection, SITE) == {"pending": 2}


def test_a_photo_of_two_names_is_one_row_with_two_links_and_keeps_its_first_place(catalog: Engine) -> None:
    worker = begin(catalog, MARTA, TOM)
    marta, tom = lease(catalog, worker, limit=2)
    store(catalog, marta, answer("11"), worker_id=worker)
    stored = store(catalog, tom, answer("11", "12", changes={"path": "photos/Tom_Berg/x.jpg"}), worker_id=worker)
    assert (stored.new_photos, stored.known_photos) == (1, 1)
    with catalog.connect() as connection:
        paths = {row.site_id: row.path for row in connection.execute(select(Photo.site_id, Photo.path))}
        assert paths == {"11": "photos/Marta_Quillon/11.jpg", "12": "photos/Tom_Berg/x.jpg"}
        photo_id = connection.scalar(select(Photo.id).where(Photo.site_id == "11"))
        of_photo = select(PhotoSubject.subject_id).where(PhotoSubject.photo_id == photo_id)
        assert set(connection.scalars(of_photo)) == {marta.subject_id, tom.subject_id}


def test_a_known_photo_gets_what_the_site_says_now_and_keeps_its_file(catalog: Engine) -> None:
    worker = begin(catalog, MARTA, TOM)
    marta, tom = lease(catalog, worker, limit=2)
    store(catalog, marta, answer("done", "open"), worker_id=worker)
    with catalog.begin() as connection:
        photos = {photo.site_id: photo for photo in lease_photos(connection, SITE, worker, limit=1)}
        done = photos["done"]
        settle_photos(connection, [PhotoOutcome(done.id, "done", done.path, sha256="a" * 64)], worker_id=worker)
        first = {row.site_id: row for row in connection.execute(select(Photo.__table__))}
    now = {
        "licence": "9",
        "licence_at": datetime(2030, 1, 1, tzinfo=UTC),
        "title": "new \x00 title",
        "raw": {"v": 2},
        "image_url": "http://host/larger.jpg",
        "image_size": "l",
        "path": "elsewhere",
        "state": "gone",
    }
    store(catalog, tom, answer("done", "open", changes=now), worker_id=worker)
    with catalog.connect() as connection:
        rows = {row.site_id: row for row in connection.execute(select(Photo.__table__))}
    for site_id, row in rows.items():
        assert (row.licence, row.licence_at, row.title, row.raw) == ("9", now["licence_at"], "new  title", {"v": 2})
        assert (row.path, row.state) == (first[site_id].path, first[site_id].state)
        assert row.found_at == first[site_id].found_at
    assert (rows["done"].image_url, rows["done"].image_size) == ("http://host/done.jpg", None)
    assert (rows["open"].image_url, rows["open"].image_size) == ("http://host/larger.jpg", "l")
    assert rows["done"].sha256 == "a" * 64


@pytest.mark.parametrize("seen", [1, 2, 3])
def test_a_photo_given_twice_in_an_answer_or_found_twice_by_a_query_counts_once(catalog: Engine, seen: int) -> None:
    worker = begin(catalog)
    (window,) = lease(catalog, worker)
    stored = store(catalog, window, answer("11", "12", children=[NewWindow(licences="4")]), worker_id=worker)
    (child,) = lease(catalog, worker)
    rows = answer("12", "13", "13")
    # Whether the site module knew that 12 is not new makes no difference.
    stored = store(catalog, child, replace(rows, seen=seen), worker_id=worker)
    assert (stored.new_photos, stored.known_photos) == (1, 1)
    with catalog.connect() as connection:
        assert connection.scalar(select(Query.photos_seen)) == 3
        assert connection.execute(select(SearchWindow.photos_seen).order_by(SearchWindow.id)).scalars().all() == [2, 1]


def test_a_storing_that_breaks_leaves_nothing(catalog: Engine) -> None:
    worker = begin(catalog)
    (window,) = lease(catalog, worker)
    with pytest.raises(ValueError, match="zip"), catalog.begin() as connection:
        store_step(connection, window, replace(answer("11", "12"), ranks=[0]), worker_id=worker)
    with catalog.connect() as connection:
        assert count_photos(connection, SITE) == {}
        assert connection.scalar(select(SearchWindow.steps)) == 0


def test_children_are_read_with_their_own_bounds(catalog: Engine) -> None:
    worker = begin(catalog)
    (window,) = lease(catalog, worker)
    child = NewWindow(licences="1,2", min_upload=5, max_upload=6, sort="date-posted-desc", cursor={"seen": ["11"]})
    store(catalog, window, answer("11", children=[child]), worker_id=worker)
    (found,) = lease(catalog, worker)
    assert NewWindow(found.licences, found.min_upload, found.max_upload, found.sort, found.cursor) == child
    assert (found.query_id, found.text) == (window.query_id, window.text)


def test_follow_ups_are_queries_of_the_same_subject_made_once(catalog: Engine) -> None:
    worker = begin(catalog)
    (window,) = lease(catalog, worker)
    fallback = WantedQuery("Marta_Quillon", "Marta Quillon", "marta quillon", "transliterated")
    stored = store(catalog, window, answer(cursor={"n": 1}, queries=[fallback]), worker_id=worker)
    assert stored.window is not None
    store(catalog, stored.window, answer(queries=[fallback]), worker_id=worker)
    (found,) = lease(catalog, worker, limit=9)
    assert (found.subject_id, found.text, found.kind) == (window.subject_id, "marta quillon", "transliterated")
    assert found.query_id != window.query_id


@pytest.mark.parametrize(
    ("kind", "site", "value"),
    [
        ("photo", SITE, "12"),
        ("owner", SITE, "bad@N00"),
        ("url", None, "http://host/page/12"),
        ("url", None, "http://host/12.jpg"),
    ],
)
def test_what_is_under_a_tombstone_is_not_stored(catalog: Engine, kind: Kind, site: str | None, value: str) -> None:
    worker = begin(catalog)
    (window,) = lease(catalog, worker)
    with catalog.begin() as connection:
        bury(connection, kind, site, [value], reason="asked")
        # The same words about another site, or of another kind, bury nothing here.
        bury(connection, "photo", "commons", ["11"], reason="asked")
        bury(connection, "owner", SITE, ["11"], reason="asked")
    rows = answer("11", "12", "13")
    owners = {"12": "bad@N00"}
    rows = replace(rows, photos=[{**row, "owner_id": owners.get(row["site_id"], "7@N00")} for row in rows.photos])
    stored = store(catalog, window, rows, worker_id=worker)
    assert (stored.new_photos, stored.buried) == (2, 1)
    with catalog.connect() as connection:
        assert connection.execute(select(Photo.site_id).order_by(Photo.id)).scalars().all() == ["11", "13"]
        assert connection.execute(select(Query.photos_seen, Query.photos_refused)).one() == (3, 1)
        assert connection.scalar(select(Query.refused)) == {"buried": 1}


def test_a_buried_subject_is_not_asked_for(catalog: Engine) -> None:
    with catalog.begin() as connection:
        bury(connection, "subject", None, ["Marta_Quillon"], reason="asked")
    worker = begin(catalog, MARTA, TOM)
    assert [window.name for window in lease(catalog, worker, limit=9)] == ["Tom_Berg"]


def test_an_answer_for_a_subject_that_was_taken_down_meanwhile_is_not_stored(catalog: Engine) -> None:
    worker = begin(catalog)
    (window,) = lease(catalog, worker)
    with catalog.begin() as connection:
        connection.exec_driver_sql("delete from subject")
        assert store_step(connection, window, answer("11"), worker_id=worker) is None
        assert count_photos(connection, SITE) == {}


def test_a_query_that_is_read_again_keeps_what_it_found_and_counts_it_once(catalog: Engine) -> None:
    worker = begin(catalog, MARTA, TOM)
    marta, tom = lease(catalog, worker, limit=2)
    store(catalog, marta, answer("11", "12", refused={"licence": 5}, query_total=7), worker_id=worker)
    with catalog.begin() as connection:
        assert refresh_queries(connection, SITE, [MARTA, TOM]) == 1  # Tom's is not done
        assert refresh_queries(connection, SITE, [MARTA, TOM]) == 0
    (again,) = lease(catalog, worker, limit=9)
    assert (again.name, again.steps, again.cursor) == ("Marta_Quillon", 0, None)
    stored = store(catalog, again, answer("12", "14", refused={"licence": 4}), worker_id=worker)
    assert (stored.new_photos, stored.known_photos, stored.is_query_done) == (1, 1, True)
    with catalog.begin() as connection:
        row = connection.execute(select(Query.__table__).where(Query.id == marta.query_id)).one()
        assert (row.photos_seen, row.photos_refused, row.refused) == (7, 4, {"licence": 4})  # 11, 12, 14 and four
        assert connection.scalar(select(func.count()).select_from(PhotoQuery)) == 3
        add_queries(connection, SITE, [MARTA], asked_by=LIST)
        assert connection.scalar(select(func.count()).select_from(SearchWindow)) == 2
    store(catalog, tom, answer(), worker_id=worker)
