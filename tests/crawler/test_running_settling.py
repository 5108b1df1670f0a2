"""Settling images: the same bytes are kept once, whichever worker brings them, and a kill leaves nothing behind."""

import hashlib
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from crawler.running.settling import BURIED, settle, without_lost_files
from db.image_frontier import PhotoOutcome, lease_photos
from db.models import Photo
from db.tombstones import bury
from db.workers import enter_crawl

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def _photos(catalog: Engine, count: int) -> list[int]:
    rows = [
        {
            "site": "flickr",
            "site_id": str(number),
            "image_url": f"http://host/{number}.jpg",
            "path": f"photos/A/{number}.jpg",
            "state": "pending",
            "found_at": NOW,
        }
        for number in range(count)
    ]
    with catalog.begin() as connection:
        connection.execute(insert(Photo), rows)
        return list(connection.scalars(select(Photo.id).order_by(Photo.id)))


def _fetched(data: Path, photo_id: int, number: int, content: bytes) -> PhotoOutcome:
    path = f"photos/A/{number}.jpg"
    (data / path).parent.mkdir(parents=True, exist_ok=True)
    (data / path).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return PhotoOutcome(photo_id=photo_id, state="done", path=path, sha256=digest, byte_count=len(content))


def _worker(catalog: Engine, limit: int) -> int:
    with catalog.begin() as connection:
        worker_id = enter_crawl(connection)
        lease_photos(connection, "flickr", worker_id, limit=limit)
    return worker_id


def _rows(catalog: Engine) -> dict[int, tuple[str, str | None, int | None]]:
    with catalog.connect() as connection:
        columns = (Photo.id, Photo.state, Photo.path, Photo.duplicate_of)
        return {row.id: (row.state, row.path, row.duplicate_of) for row in connection.execute(select(*columns))}


def _files(data: Path) -> set[str]:
    return {path.name for path in (data / "photos" / "A").iterdir()}


def test_copies_in_one_batch_share_the_file_of_the_oldest_photo(catalog: Engine, tmp_path: Path) -> None:
    ids = _photos(catalog, 3)
    worker = _worker(catalog, 3)
    outcomes = [_fetched(tmp_path, ids[n], n, content) for n, content in ((2, b"same"), (0, b"same"), (1, b"other"))]
    with catalog.begin() as connection:
        settle(connection, outcomes, worker_id=worker, data=tmp_path)
    assert _rows(catalog) == {
        ids[0]: ("done", "photos/A/0.jpg", None),
        ids[1]: ("done", "photos/A/1.jpg", None),
        ids[2]: ("done", "photos/A/0.jpg", ids[0]),
    }
    assert _files(tmp_path) == {"0.jpg", "1.jpg"}


def test_a_copy_of_what_was_kept_before_points_there_even_when_it_is_older(catalog: Engine, tmp_path: Path) -> None:
    ids = _photos(catalog, 2)
    worker = _worker(catalog, 2)
    for number in (1, 0):
        with catalog.begin() as connection:
            settle(connection, [_fetched(tmp_path, ids[number], number, b"x")], worker_id=worker, data=tmp_path)
    assert _rows(catalog) == {ids[1]: ("done", "photos/A/1.jpg", None), ids[0]: ("done", "photos/A/1.jpg", ids[1])}
    assert _files(tmp_path) == {"1.jpg"}


def test_two_workers_that_settle_the_same_bytes_at_once_keep_one_file(catalog: Engine, tmp_path: Path) -> None:
    ids = _photos(catalog, 40)
    workers = [_worker(catalog, 20), _worker(catalog, 20)]
    start = threading.Barrier(2)

    def settle_half(half: int) -> None:
        for number in range(20):
            outcome = _fetched(tmp_path, ids[half * 20 + number], half * 20 + number, b"image %d" % number)
            start.wait(20)
            with catalog.begin() as connection:
                settle(connection, [outcome], worker_id=workers[half], data=tmp_path)

    threads = [threading.Thread(target=settle_half, args=(half,)) for half in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    rows = _rows(catalog)
    assert {state for state, _, _ in rows.values()} == {"done"}
    assert sum(duplicate_of is not None for _, _, duplicate_of in rows.values()) == 20
    assert _files(tmp_path) == {Path(str(path)).name for _, path, _ in rows.values()}
    assert len(_files(tmp_path)) == 20


def test_content_that_was_taken_down_does_not_come_back(catalog: Engine, tmp_path: Path) -> None:
    (photo_id,) = _photos(catalog, 1)
    worker = _worker(catalog, 1)
    with catalog.begin() as connection:
        bury(connection, "sha256", None, [hashlib.sha256(b"x").hexdigest()], reason="asked for")
        (written,) = settle(connection, [_fetched(tmp_path, photo_id, 0, b"x")], worker_id=worker, data=tmp_path)
    assert (written.state, written.error) == ("gone", BURIED)
    assert _rows(catalog) == {photo_id: ("gone", None, None)}
    assert _files(tmp_path) == set()


def test_a_batch_that_is_rolled_back_leaves_its_photos_to_be_fetched_again(catalog: Engine, tmp_path: Path) -> None:
    ids = _photos(catalog, 2)
    worker = _worker(catalog, 2)
    outcomes = [_fetched(tmp_path, ids[number], number, b"same") for number in (0, 1)]
    with pytest.raises(KeyboardInterrupt), catalog.begin() as connection:
        settle(connection, outcomes, worker_id=worker, data=tmp_path)
        raise KeyboardInterrupt
    assert {state for state, _, _ in _rows(catalog).values()} == {"leased"}
    assert [outcome.state for outcome in without_lost_files(outcomes, tmp_path)] == ["done", "pending"]


def test_the_file_of_a_photo_taken_down_on_the_way_goes_and_a_shared_one_stays(catalog: Engine, tmp_path: Path) -> None:
    ids = _photos(catalog, 3)
    worker = _worker(catalog, 3)
    outcomes = [_fetched(tmp_path, ids[n], n, f"content {n}".encode()) for n in range(2)]
    with catalog.begin() as connection:
        connection.execute(delete(Photo).where(Photo.id.in_(ids[:2])))
        connection.execute(update(Photo).where(Photo.id == ids[2]).values(path="photos/A/1.jpg"))
    with catalog.begin() as connection:
        settle(connection, outcomes, worker_id=worker, data=tmp_path)
    assert _files(tmp_path) == {"1.jpg"}


def test_a_photo_put_back_because_its_host_waits_has_not_been_tried(catalog: Engine, tmp_path: Path) -> None:
    ids = _photos(catalog, 2)
    worker = _worker(catalog, 2)
    outcomes = [
        PhotoOutcome(photo_id=ids[0], state="pending", path="photos/A/0.jpg", next_try=NOW),
        PhotoOutcome(photo_id=ids[1], state="failed", path="photos/A/1.jpg", error="HTTP 500"),
    ]
    with catalog.begin() as connection:
        settle(connection, outcomes, worker_id=worker, data=tmp_path)
        tried = connection.execute(select(Photo.id, Photo.attempts).order_by(Photo.id)).all()
    assert [tuple(row) for row in tried] == [(ids[0], 0), (ids[1], 1)]
