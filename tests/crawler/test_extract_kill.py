"""`kill -9` of `scrapy extract-years`: its workers end with it, whole ranges are stored, and the next run goes on."""

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select

from crawler.extract import BATCH_PHOTOS
from db.models import DateEvidence, Photo, TakenYear
from db.session import open_catalog
from tests.crawler.crawling import Workplace, ended

PHOTOS = 20 * BATCH_PHOTOS
_PATIENCE_S = 60


def _await(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        pytest.skip("needs /proc to see the children of a process")


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _counts(catalog: Engine) -> tuple[int, int]:
    """Return photos with a year, and those of them whose evidence is stored."""
    dated, proven = TakenYear.__table__, DateEvidence.__table__
    with catalog.connect() as connection:
        years = connection.execute(select(func.count()).select_from(dated)).scalar_one()
        return years, connection.execute(select(func.count(func.distinct(proven.c.photo_id)))).scalar_one()


@pytest.mark.slow
def test_a_killed_run_leaves_whole_ranges_and_no_process(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path, f"sqlite:///{tmp_path / 'catalog.db'}")
    catalog = open_catalog(workplace.catalog_url)
    row = {"site": "flickr", "state": "pending", "attempts": 0, "found_at": datetime(2026, 1, 2, tzinfo=UTC)}
    with catalog.begin() as connection:
        connection.execute(
            insert(Photo),
            [{**row, "id": n, "site_id": str(n), "title": f"Marta, {1900 + n % 99}"} for n in range(1, PHOTOS + 1)],
        )
    process = workplace.start("extract-years", "--workers", "2")
    _await(lambda: _counts(catalog)[0] > 0)
    children = _children(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    ended(process)
    assert len(children) >= 2
    _await(lambda: not any(_runs(child) for child in children))
    years, proven = _counts(catalog)
    assert 0 < years < PHOTOS, "killed too late to show anything"
    assert years % BATCH_PHOTOS == 0
    assert proven == years
    rest = ended(workplace.start("extract-years", "--workers", "2", "--json"))
    assert rest.returncode == 0, rest.stderr
    assert f'"photos": {PHOTOS - years}' in rest.stdout
    assert _counts(catalog) == (PHOTOS, PHOTOS)
    catalog.dispose()
