"""`kill -9` at ten random moments of a crawl, then a restart: nothing lost, nothing twice, no partial file."""

import hashlib
import os
import random
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import CrawlWorker, Photo, PhotoQuery, PhotoSubject, Query, SearchWindow
from db.session import open_catalog
from tests.crawler.crawling import Workplace, ended
from tests.crawler.fake_site import FakeSite, SitePhoto, drawn_image

PHOTOS = 600
NAMES = [f"Person {letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]
KILLS = 10


def _site_photos() -> list[SitePhoto]:
    """Six hundred photos of twenty people; every tenth shows two of them."""
    photos = []
    for number in range(PHOTOS):
        names = [NAMES[number % len(NAMES)]]
        if number % 10 == 0:
            names.append(NAMES[(number + 7) % len(NAMES)])
        photos.append(SitePhoto(str(10_000 + number), tuple(names), drawn_image(number)))
    return photos


@pytest.mark.slow
def test_ten_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")  # noqa: T201  to run a failure again
    chance = random.Random(seed)
    workplace = Workplace(tmp_path, f"sqlite:///{tmp_path / 'catalog.db'}")
    workplace.write_names(*NAMES)
    arguments = ("-a", "per_page=8", "-a", "image_concurrency=4")
    with FakeSite(_site_photos(), latency_s=0.05) as site:
        for _ in range(KILLS):
            process = workplace.start_crawl(site.api, *arguments)
            # A moment of the crawl itself, not of Python's start: from the first request of this run on.
            requests = sum(site.hits.values())
            while sum(site.hits.values()) == requests:
                assert process.poll() is None, ended(process).stderr
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.7))
            assert process.poll() is None, "the crawl ended before it was killed"
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
        in_the_middle = len(workplace.files())
        site.latency_s = 0
        result = ended(workplace.start_crawl(site.api, *arguments))

    assert 0 < in_the_middle < PHOTOS, "the kills did not hit the crawl in its middle"
    assert result.returncode == 0, result.stderr
    truth = {photo.photo_id: photo for photo in site.photos.values()}
    catalog = open_catalog(workplace.catalog_url)
    with catalog.connect() as connection:
        photos = connection.execute(select(Photo.__table__)).all()
        queries = connection.execute(select(Query.__table__)).all()
        found = connection.execute(
            select(Photo.site_id, Query.text).join(PhotoQuery, PhotoQuery.photo_id == Photo.id).join(Query)
        ).all()
        subjects = connection.execute(select(PhotoSubject.__table__)).all()
        windows = connection.execute(select(SearchWindow.__table__)).all()
        workers = connection.execute(select(CrawlWorker.__table__)).all()
    catalog.dispose()

    assert sorted(photo.site_id for photo in photos) == sorted(truth)
    assert {photo.state for photo in photos} == {"done"}
    assert {query.state for query in queries} == {"done"}
    assert len(queries) == len(NAMES)
    assert {window.state for window in windows} == {"done"}
    assert {row.leased_by for row in (*photos, *windows)} == {None}
    assert len(workers) == KILLS + 1
    assert all(worker.ended_at is not None for worker in workers)
    pairs = sorted((photo.photo_id, f'"{name}"') for photo in truth.values() for name in photo.names)
    assert sorted((row.site_id, row.text) for row in found) == pairs
    assert len(subjects) == len(pairs)
    assert sum(query.photos_seen for query in queries) == len(pairs)
    assert workplace.files() == {photo.path: truth[photo.site_id].content for photo in photos}
    for photo in photos:
        assert photo.sha256 == hashlib.sha256(truth[photo.site_id].content).hexdigest()
