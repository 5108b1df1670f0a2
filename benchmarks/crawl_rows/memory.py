"""Resident memory of a crawl of texts and dates until the catalog has 1,000,000 photo rows.

Every second the process is looked at in /proc, and the catalog for its newest row. The slope is the line of least
squares through the last 80 % of the rows: until then caches fill up, behind that nothing may grow.
"""

import json
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from agegap.files import write_json
from benchmarks.big_site import big_site
from benchmarks.crawl_rows.crawling import Place, Worker, fresh_place, place_in, resident_bytes
from benchmarks.crawl_rows.figures import Bench, Figure, at_least, at_most, run_alone
from benchmarks.crawl_rows.site_truth import truth_of
from benchmarks.steps import say

Plan = tuple[int, int, int]

SITE: Plan = (2_000, 57, 20_000)
"""1,268,000 photos, of which a crawl may store 1,014,000."""

QUICK_SITE: Plan = (200, 6, 20_000)
MOST_MEGABYTES = 300.0
FLAT_BYTES = 30.0
"""Bytes a photo that are still called flat: a twentieth of the 581 that Scrapy's media pipelines keep (scrapy#939)."""

_LOOK_EVERY_S = 1.0
_WARM_UP = 0.2
_MEGABYTE = 1e6
_FULL = "full.json"


@dataclass(frozen=True)
class Sample:
    """What was seen at one moment."""

    photos: int
    resident: int


def measure(bench: Bench) -> list[Figure]:
    """Crawl and watch; the catalog stays in its folder, where `resume` finds it."""
    plan = plan_of(bench)
    place = fresh_place(bench.folder("memory"))
    place.write_names(truth_of(*plan).site.names)
    with big_site(*plan) as site:
        worker = place.start(site.api, "images=false")
        samples = watch(worker, place.folder / "catalog.db")
        tally = worker.wait()
    write_json(place.folder / _FULL, {"plan": plan, "samples": [[one.photos, one.resident] for one in samples]})
    photos = tally["photos"]["total"]
    wanted = 100_000 if bench.quick else 1_000_000
    return [
        at_least("photo rows", photos, wanted),
        at_most("most resident memory, MB", max(one.resident for one in samples) / _MEGABYTE, MOST_MEGABYTES),
        _growth(slope(samples), is_long=not bench.quick),
        Figure("  resident memory at 20 % of the rows and at the end, MB", _ends(samples)),
        Figure("seconds", tally["this_run"]["seconds"]),
        Figure("photo rows a second", photos / tally["this_run"]["seconds"]),
    ]


def plan_of(bench: Bench) -> Plan:
    """Return the site of this row."""
    return QUICK_SITE if bench.quick else SITE


def full_place(bench: Bench) -> Place:
    """Return the place of this row with its catalog filled: as an earlier run left it, else crawled now."""
    folder = bench.folder("memory")
    full = folder / _FULL
    if not full.exists() or json.loads(full.read_text())["plan"] != list(plan_of(bench)):
        say("resume: the catalog has to be filled first (row memory)")
        measure(bench)
    return place_in(folder)


def watch(worker: Worker, catalog: Path) -> list[Sample]:
    """Sample a worker's memory and its catalog's rows until it ends."""
    samples = []
    while not worker.has_ended:
        time.sleep(_LOOK_EVERY_S)
        resident, photos = resident_bytes(worker.process.pid), _photos_in(catalog)
        if resident:  # it has not ended meanwhile
            samples.append(Sample(photos, resident))
    return samples


def slope(samples: Sequence[Sample]) -> float | None:
    """Return the bytes of memory a photo over the last 80 % of the photos, None with too few samples."""
    import numpy as np

    late = _late(samples)
    if len({one.photos for one in late}) < 3:
        return None
    return float(np.polyfit([one.photos for one in late], [one.resident for one in late], 1)[0])


def _growth(bytes_a_photo: float | None, *, is_long: bool) -> Figure:
    what = "growth over the last 80 % of the rows, bytes a photo"
    if is_long:
        return at_most(what, bytes_a_photo, FLAT_BYTES)
    return Figure(what, bytes_a_photo, note="no goal: in a short crawl caches still fill")


def _late(samples: Sequence[Sample]) -> list[Sample]:
    most = max((one.photos for one in samples), default=0)
    return [one for one in samples if one.photos >= _WARM_UP * most]


def _ends(samples: Sequence[Sample]) -> str:
    late = _late(samples)
    return f"{late[0].resident / _MEGABYTE:.0f} / {late[-1].resident / _MEGABYTE:.0f}" if late else "-"


def _photos_in(catalog: Path) -> int:
    """Return the newest row's number, which is their count as long as nothing is deleted; 0 before there is one."""
    try:
        with closing(sqlite3.connect(f"file:{catalog}?mode=ro", uri=True, timeout=5)) as connection:
            return int(connection.execute("select max(id) from photo").fetchone()[0] or 0)
    except sqlite3.OperationalError:
        return 0


if __name__ == "__main__":
    run_alone("memory", measure, __doc__)
