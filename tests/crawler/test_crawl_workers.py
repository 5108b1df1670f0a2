"""Several workers on one catalog: nothing is done twice, and what a killed worker held is taken over."""

import itertools
import os
import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, select, update

from db.models import ApiCall, CrawlWorker, Photo, Query, SearchWindow
from db.session import open_catalog
from tests.crawler.crawling import Workplace, ended
from tests.crawler.fake_site import FakeSite, SitePhoto, drawn_image
from tests.postgres import fresh_database

NAMES = [f"Person {letter}" for letter in "ABCDEFGHIJKL"]
PHOTOS = 360


def _site_photos(count: int = PHOTOS) -> list[SitePhoto]:
    return [SitePhoto(str(10_000 + n), (NAMES[n % len(NAMES)],), drawn_image(n)) for n in range(count)]


def _assert_all_is_done_once(catalog: Engine, workplace: Workplace, site: FakeSite) -> None:
    with catalog.connect() as connection:
        photos = connection.execute(select(Photo.__table__)).all()
        queries = connection.execute(select(Query.__table__)).all()
        windows = connection.execute(select(SearchWindow.__table__)).all()
        workers = connection.execute(select(CrawlWorker.__table__)).all()
    assert sorted(photo.site_id for photo in photos) == sorted(site.photos)
    assert {photo.state for photo in photos} == {"done"}
    assert {query.state for query in queries} == {window.state for window in windows} == {"done"}
    assert sum(query.photos_seen for query in queries) == len(site.photos)
    assert {row.leased_by for row in (*photos, *windows)} == {None}
    assert all(worker.ended_at is not None for worker in workers)
    assert workplace.files() == {photo.path: site.photos[photo.site_id].content for photo in photos}


@pytest.mark.slow
def test_of_three_workers_two_are_killed_and_the_third_ends_the_crawl(tmp_path: Path, postgres: URL) -> None:
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")  # noqa: T201  to run a failure again
    chance = random.Random(seed)
    with fresh_database(postgres, "test_three_workers") as url, FakeSite(_site_photos(), latency_s=0.1) as site:
        open_catalog(url).dispose()
        workplace = Workplace(tmp_path, url)
        workplace.write_names(*NAMES)
        workers = [
            workplace.start_crawl(site.api, "-a", "per_page=8", "-a", "image_concurrency=3", "--json") for _ in range(3)
        ]
        for worker in workers[:2]:
            served = site.images_served
            while site.images_served <= served + 5:
                assert all(other.poll() is None for other in workers[1:]), "a worker ended before it was killed"
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.8))
            worker.send_signal(signal.SIGKILL)
            worker.communicate(timeout=60)
        site.latency_s = 0.01
        result = ended(workers[2])
        assert result.returncode == 0, result.stderr
        catalog = open_catalog(url)
        _assert_all_is_done_once(catalog, workplace, site)
        catalog.dispose()
        begun = Counter(site.begun)
    # What a worker had under way when it was killed was begun again: at most its images at once, each twice.
    assert sum(begun.values()) <= PHOTOS + 2 * (3 + 200)
    assert max(begun.values()) <= 3


@pytest.mark.slow
def test_two_workers_share_the_work_and_both_end(tmp_path: Path, catalog_url: str) -> None:
    open_catalog(catalog_url).dispose()
    workplace = Workplace(tmp_path, catalog_url)
    workplace.write_names(*NAMES)
    with FakeSite(_site_photos(), latency_s=0.03) as site:
        arguments = ("-a", "per_page=8", "-a", "image_concurrency=3", "--json")
        workers = [workplace.start_crawl(site.api, *arguments) for _ in range(2)]
        results = [ended(worker) for worker in workers]
        assert [result.returncode for result in results] == [0, 0], results[0].stderr + results[1].stderr
        catalog = open_catalog(catalog_url)
        _assert_all_is_done_once(catalog, workplace, site)
        catalog.dispose()
        assert max(Counter(site.begun).values()) == 1


def test_the_hours_budget_is_shared_by_workers_and_outlives_them(tmp_path: Path, catalog_url: str) -> None:
    open_catalog(catalog_url).dispose()
    workplace = Workplace(tmp_path, catalog_url)
    workplace.write_names(*NAMES[:4])
    arguments = ("-a", "api_calls_per_hour=3600", "-a", "api_delay_s=0.2", "-a", "images=false")
    with FakeSite(_site_photos(12)) as site:
        workers = [workplace.start_crawl(site.api, *arguments) for _ in range(2)]
        results = [ended(worker) for worker in workers]
        results.append(ended(workplace.start_crawl(site.api, *arguments)))
        called_at = sorted(site.called_at)
    assert [result.returncode for result in results] == [0, 0, 0], "".join(result.stderr for result in results)
    catalog = open_catalog(catalog_url)
    with catalog.connect() as connection:
        reserved = sorted(connection.scalars(select(ApiCall.used_at)))
    catalog.dispose()
    assert len(reserved) == len(called_at) == 3 + 4  # each worker asks for the licences
    gaps = [later - earlier for earlier, later in itertools.pairwise(reserved)]
    assert min(gaps) >= 0.2 - 1e-6
    # A call leaves when its turn has come, not before: the clocks are one.
    assert all(call >= turn - 0.005 for call, turn in zip(called_at, reserved, strict=True))


def test_work_of_another_machine_is_taken_over_when_that_falls_silent(tmp_path: Path) -> None:
    """A worker elsewhere holds a window and a photo, was not seen for two minutes, and does not come back."""
    workplace = Workplace(tmp_path, f"sqlite:///{tmp_path / 'catalog.db'}")
    workplace.write_names(*NAMES[:2])
    with FakeSite(_site_photos(24)) as site:
        assert ended(workplace.start_crawl(site.api, "-a", "images=false")).returncode == 0
        catalog = open_catalog(workplace.catalog_url)
        with catalog.begin() as connection:
            worker_id = connection.scalar(select(CrawlWorker.id))
            long_ago = datetime.now(UTC) - timedelta(minutes=2)
            connection.execute(update(CrawlWorker).values(host="elsewhere", ended_at=None, seen_at=long_ago))
            connection.execute(update(Photo).values(state="leased", leased_by=worker_id))
        assert ended(workplace.start_crawl(site.api)).returncode == 0
        site.photos = {key: photo for key, photo in site.photos.items() if set(photo.names) & set(NAMES[:2])}
        _assert_all_is_done_once(catalog, workplace, site)
        catalog.dispose()
