"""Seconds from the start of the process to the first request that the site sees, with 1,000,000 photo rows.

Half of the windows of the catalog that `memory` filled are open again, as after a kill half-way; a killed crawl's
leases are there too, from the round before. Images are on, as they are by default, so a million photos wait.
"""

import statistics
import time
from dataclasses import dataclass

from sqlalchemy import text

from agegap.errors import DataFailed
from benchmarks.big_site import BigSite, big_site
from benchmarks.crawl_rows.crawling import Place
from benchmarks.crawl_rows.figures import Bench, Figure, at_most, run_alone
from benchmarks.crawl_rows.memory import full_place, plan_of
from db.session import connect

ROUNDS = 5
MOST_S = 2.0
_LOOK_EVERY_S = 0.005
_PATIENCE_S = 120.0
_LIFE_S = 1.0
"""Seconds a process lives after its first request: long enough to hold leases when it is killed."""


@dataclass(frozen=True)
class Resumed:
    """One round: seconds and processor seconds to the first request."""

    wall_s: float
    cpu_s: float


def measure(bench: Bench) -> list[Figure]:
    """Take the crawl up again five times."""
    place = full_place(bench)
    photos, windows = _reopen(place)
    with big_site(*plan_of(bench)) as site:
        rounds = [_resume(place, site) for _ in range(ROUNDS)]
    walls = [one.wall_s for one in rounds]
    return [
        Figure("photo rows, open windows", f"{photos:,} / {windows:,}"),
        at_most(f"seconds to the first request, median of {ROUNDS}", statistics.median(walls), MOST_S),
        Figure("  fastest and slowest", f"{min(walls):.2f} / {max(walls):.2f}"),
        Figure("  processor seconds until then, median", statistics.median(one.cpu_s for one in rounds)),
    ]


def _reopen(place: Place) -> tuple[int, int]:
    """Open every second window again; return how many photos there are and how many windows are open."""
    engine = connect(place.catalog_url)
    with engine.begin() as connection:
        connection.execute(text("update search_window set state = 'pending', leased_by = null where id % 2 = 0"))
        connection.execute(
            text("update query set state = 'pending' where id in (select query_id from search_window where id % 2 = 0)")
        )
        photos = connection.execute(text("select count(*) from photo")).scalar_one()
        windows = connection.execute(text("select count(*) from search_window where state = 'pending'")).scalar_one()
    engine.dispose()
    return int(photos), int(windows)


def _resume(place: Place, site: BigSite) -> Resumed:
    site.control("reset", {})
    worker = place.start(site.api)
    while not site.control("stats")["calls"]:
        if worker.has_ended or time.monotonic() > worker.started + _PATIENCE_S:
            worker.kill()
            raise DataFailed(f"the crawl did not call the site; see {worker.said.with_suffix('.err')}")
        time.sleep(_LOOK_EVERY_S)
    resumed = Resumed(time.monotonic() - worker.started, worker.cpu_s())
    time.sleep(_LIFE_S)
    worker.kill()
    return resumed


if __name__ == "__main__":
    run_alone("resume", measure, __doc__)
