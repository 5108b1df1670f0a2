"""Images: handed out in order, to one worker, until they are settled."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from db.image_frontier import (
    PendingPhoto,
    PhotoOutcome,
    count_photos,
    lease_photos,
    photos_by_sha256,
    retry_failed,
    settle_photos,
)
from db.models import Photo
from tests.db.crawling import MARTA, SITE, answer, begin, enter, lease, store

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def _found(catalog: Engine, *site_ids: str, **changes: object) -> int:
    """Find photos, return a worker."""
    worker = begin(catalog, MARTA)
    (window,) = lease(catalog, worker)
    store(catalog, window, answer(*site_ids, changes=changes), worker_id=worker)
    return worker


def _lease(catalog: Engine, worker: int, *, limit: int = 100, now: datetime | None = None) -> list[PendingPhoto]:
    with catalog.begin() as connection:
        return lease_photos(connection, SITE, worker, limit=limit, now=now)


def _settle(catalog: Engine, worker: int, *outcomes: PhotoOutcome) -> int:
    with catalog.begin() as connection:
        return settle_photos(connection, outcomes, worker_id=worker)


def test_photos_come_in_order_each_once_and_only_those_with_an_image(catalog: Engine) -> None:
    worker = _found(catalog, *(str(number) for number in range(20, 30)))
    with catalog.begin() as connection:
        (window,) = [begin(catalog, MARTA)]
        assert window
        connection.execute(Photo.__table__.update().where(Photo.site_id == "22").values(image_url=None))  # type: ignore[attr-defined]
        connection.execute(Photo.__table__.update().where(Photo.site_id == "23").values(state="gone"))  # type: ignore[attr-defined]
    first = _lease(catalog, worker, limit=4)
    assert [photo.site_id for photo in first] == ["20", "21", "24", "25"]
    assert (first[0].image_url, first[0].path, first[0].attempts) == (
        "http://host/20.jpg",
        "photos/Marta_Quillon/20.jpg",
        0,
    )
    assert [photo.site_id for photo in _lease(catalog, enter(catalog))] == ["26", "27", "28", "29"]
    assert _lease(catalog, worker) == []


def test_a_settled_photo_is_not_handed_out_again(catalog: Engine) -> None:
    worker = _found(catalog, "11", "12", "13", "14")
    done, gone, failed, _ = _lease(catalog, worker)
    written = _settle(
        catalog,
        worker,
        PhotoOutcome(failed.id, "failed", failed.path, error="HTTP 500"),
        PhotoOutcome(gone.id, "gone", None, error="HTTP 404"),
        PhotoOutcome(done.id, "done", done.path, sha256="ab" * 32, byte_count=5, width=3, height=4),
    )
    assert written == 3
    assert _settle(catalog, worker) == 0
    assert _lease(catalog, worker) == []
    with catalog.connect() as connection:
        row = connection.execute(select(Photo.__table__).where(Photo.id == done.id)).one()
        assert (row.state, row.path, row.sha256, row.byte_count, row.width, row.height, row.attempts) == (
            *("done", "photos/Marta_Quillon/11.jpg", "ab" * 32),
            *(5, 3, 4, 1),
        )
        assert row.fetched_at is not None
        assert row.leased_by is None
        row = connection.execute(select(Photo.__table__).where(Photo.id == gone.id)).one()
        assert (row.state, row.path, row.error, row.fetched_at) == ("gone", None, "HTTP 404", None)
        assert count_photos(connection, SITE) == {"done": 1, "gone": 1, "failed": 1, "leased": 1}


def test_only_who_has_a_photo_settles_it(catalog: Engine) -> None:
    worker = _found(catalog, "11", "12")
    first, second = _lease(catalog, worker)
    other = enter(catalog)
    done = [PhotoOutcome(photo.id, "done", photo.path) for photo in (first, second)]
    assert _settle(catalog, other, *done) == 0
    with catalog.begin() as connection:
        assert count_photos(connection, SITE) == {"leased": 2}
    assert _settle(catalog, worker, *done) == 2
    assert _settle(catalog, worker, *done) == 0


def test_a_photo_put_back_waits_for_its_time(catalog: Engine) -> None:
    worker = _found(catalog, "11", "12")
    first, second = _lease(catalog, worker)
    later = NOW + timedelta(minutes=3)
    _settle(
        catalog,
        worker,
        PhotoOutcome(first.id, "pending", first.path, error="HTTP 429", next_try=later),
        PhotoOutcome(second.id, "done", second.path),
    )
    assert _lease(catalog, worker, now=NOW) == []
    (again,) = _lease(catalog, worker, now=later)
    assert (again.id, again.attempts) == (first.id, 0)  # it was not asked for


def test_failed_photos_are_tried_again_when_asked(catalog: Engine) -> None:
    worker = _found(catalog, "11")
    for attempt in (1, 2):
        (photo,) = _lease(catalog, worker)
        _settle(catalog, worker, PhotoOutcome(photo.id, "failed", photo.path, error=f"try {attempt}"))
        with catalog.begin() as connection:
            assert retry_failed(connection, "commons") == 0
            assert retry_failed(connection, SITE, max_attempts=2) == (1 if attempt == 1 else 0)
    assert _lease(catalog, worker) == []
    with catalog.begin() as connection:
        assert retry_failed(connection, SITE) == 1
    (photo,) = _lease(catalog, worker)
    assert photo.attempts == 0


def test_a_content_is_known_by_the_first_photo_that_has_it(catalog: Engine) -> None:
    worker = _found(catalog, "11", "12", "13", "14")
    first, copy, other, failed = _lease(catalog, worker)
    _settle(
        catalog,
        worker,
        PhotoOutcome(first.id, "done", first.path, sha256="a" * 64),
        PhotoOutcome(copy.id, "done", first.path, sha256="a" * 64, duplicate_of=first.id),
        PhotoOutcome(other.id, "done", other.path, sha256="b" * 64),
        PhotoOutcome(failed.id, "failed", failed.path, sha256="c" * 64),
    )
    with catalog.connect() as connection:
        found = photos_by_sha256(connection, ["a" * 64, "b" * 64, "c" * 64, "d" * 64])
    assert found == {"a" * 64: (first.id, first.path), "b" * 64: (other.id, other.path)}


def test_a_copy_outlives_the_photo_it_is_a_copy_of(catalog: Engine) -> None:
    worker = _found(catalog, "11", "12")
    first, copy = _lease(catalog, worker)
    _settle(
        catalog,
        worker,
        PhotoOutcome(first.id, "done", first.path, sha256="a" * 64),
        PhotoOutcome(copy.id, "done", first.path, sha256="a" * 64, duplicate_of=first.id),
    )
    with catalog.begin() as connection:
        connection.exec_driver_sql(f"delete from photo where id = {first.id}")
        assert connection.execute(select(Photo.id, Photo.duplicate_of)).all() == [(copy.id, None)]


def test_a_copy_of_nothing_is_refused(catalog: Engine) -> None:
    worker = _found(catalog, "11")
    (photo,) = _lease(catalog, worker)
    with pytest.raises(IntegrityError):
        _settle(catalog, worker, PhotoOutcome(photo.id, "done", photo.path, duplicate_of=99))
