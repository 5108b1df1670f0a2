"""Four processes share one key: the calls in any window as the site counts them, and how much of the budget is used.

An hour is 20 seconds here and 3,600 calls are 600. The processes call as fast as they may, once evenly spaced as a
crawl does it and once as many at once as there are; one is killed twice and starts again. The site counts by itself,
over every window that ends at a call. Then three real hours, simulated.

How much is used is held against the goal where calls are evenly spaced: bursts at the start of each window would
count as all of the budget even if long pauses followed.
"""

import random
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass

from agegap.errors import DataFailed
from benchmarks.big_site import BigSite, big_site
from benchmarks.crawl_rows.budget_hours import HOURS, PER_HOUR, simulate
from benchmarks.crawl_rows.crawling import Place, fresh_place, place_in
from benchmarks.crawl_rows.databases import catalog_on
from benchmarks.crawl_rows.figures import Bench, Figure, at_least, at_most, run_alone
from benchmarks.steps import ROOT
from db.session import open_catalog

CALLS, WINDOW_S = 600, 20.0
MARGIN_S = 0.3
"""1.5 % of the window. Of an hour it is 2 s: there a call may leave later, and less of the budget is lost by it."""

WINDOWS, QUICK_WINDOWS = 4, 2
WORKERS = 4
KILLS = 2
LEAST_USED = 97.0  # percent
_SAID = "said.txt"


@dataclass(frozen=True)
class Counted:
    """What the site counted: the most calls in a window, and how many in all whole windows together."""

    largest: int
    calls: int


def measure(bench: Bench) -> list[Figure]:
    """Measure real processes and simulated hours, on SQLite and on Postgres."""
    figures = []
    windows = QUICK_WINDOWS if bench.quick else WINDOWS
    for database in ("sqlite", "postgres"):
        folder = bench.folder("budget") / database
        for delay_s in (WINDOW_S / CALLS, 0.0):
            with catalog_on(database, fresh_place(folder).folder) as url, _site() as site:
                open_catalog(url).dispose()
                place = place_in(folder, url)
                counted = call_together(place, site, windows=windows, delay_s=delay_s, seed=bench.seed)
                figures += _real(database, counted, windows, delay_s)
                figures += _simulated(database, url, seed=bench.seed, interval_s=float(delay_s > 0))
    return figures


def _site() -> AbstractContextManager[BigSite]:
    return big_site(2, 0, 1, "--fault", f"api_window_s={WINDOW_S}")


def call_together(place: Place, site: BigSite, *, windows: int, delay_s: float, seed: int) -> Counted:
    """Let workers call for some windows from the first call on, with two kills; return what the site counted."""
    chance = random.Random(seed)
    duration_s = windows * WINDOW_S
    kills_at = sorted(chance.uniform(0.1, 0.9) * duration_s for _ in range(KILLS))
    workers = [_start(place, site.api, delay_s) for _ in range(WORKERS)]
    try:
        while not site.control("stats")["calls"]:
            if any(worker.poll() is not None for worker in workers):
                raise DataFailed(f"a worker ended before it called; see {place.folder / _SAID}")
            time.sleep(0.005)
        began = time.monotonic()
        for kill_at in kills_at:
            _sleep_until(began + kill_at)
            _kill(workers[0])
            workers[0] = _start(place, site.api, delay_s)
        _sleep_until(began + duration_s)
        stats = site.control("stats")
    finally:
        for worker in workers:
            _kill(worker)
    return Counted(stats["largest_calls_in_a_window"], stats["calls"])


def _real(database: str, counted: Counted, windows: int, delay_s: float) -> list[Figure]:
    used = 100 * counted.calls / (windows * CALLS)
    spacing = "evenly" if delay_s else "in bursts"
    what = f"{database}: {WORKERS} workers, {KILLS} kills, {CALLS} calls in {WINDOW_S:g} s {spacing}"
    share, note = f"{what}: used, %", f"{counted.calls:,} calls in {windows} windows"
    return [
        at_most(f"{what}: most", counted.largest, CALLS),
        at_least(share, used, LEAST_USED, note=note) if delay_s else Figure(share, used, note=note),
    ]


def _simulated(database: str, url: str, *, seed: int, interval_s: float) -> list[Figure]:
    catalog = open_catalog(url)
    hours = simulate(catalog, seed=seed, interval_s=interval_s)
    catalog.dispose()
    what = f"{database}: {HOURS} simulated hours, calls {interval_s:g} s apart"
    return [
        at_most(f"{what}: most in one", hours.largest, PER_HOUR),
        at_least(f"{what}: used, %", hours.used_percent, LEAST_USED),
    ]


def _start(place: Place, api: str, delay_s: float) -> subprocess.Popen[bytes]:
    numbers = [str(number) for number in (CALLS, WINDOW_S, MARGIN_S, delay_s)]
    command = [sys.executable, "-m", "benchmarks.crawl_rows.budget_worker", api, *numbers]
    with (place.folder / _SAID).open("ab") as said:
        return subprocess.Popen(command, stdout=said, stderr=said, cwd=ROOT, env=place.environment())


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(timeout=60)


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


if __name__ == "__main__":
    run_alone("budget", measure, __doc__)
