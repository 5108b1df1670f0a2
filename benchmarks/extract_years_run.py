"""What `benchmarks/extract_years.py` runs: a catalog of repeated texts, dated anew with some numbers of processes."""

import json
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert

from benchmarks.steps import say
from crawler.extract import extract_years
from crawler.extract_photo import evidence_rows, read_text, year_row
from crawler.taken_year import PhotoText
from db.models import Photo
from db.session import open_catalog
from db.taken_years import save_taken_years
from db.upserts import slices

_IMAGE = "drawn.jpg"


@dataclass(frozen=True)
class Run:
    """One run over all photos."""

    workers: int
    photos: int
    evidence: int
    wall_s: float
    writer_cpu_s: float
    reader_cpu_s: float
    peak_mb: float
    """Memory of the process that writes, the most there was."""


def run(dates: Path, *, photos: int, images: float, workers: str) -> None:
    """Fill, run, print."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        catalog = open_catalog(f"sqlite:///{data / 'catalog.db'}")
        _draw(data / _IMAGE)
        fill(catalog, islice(photo_rows(dates, images), photos))
        for count in (int(word) for word in workers.split(",")):
            one = measure(catalog, data, workers=count)
            say(f"{count} workers: {one.photos / one.wall_s:,.0f} photos/s")
            print(json.dumps(asdict(one)))
        print(json.dumps({"rows_written_per_s": writing_speed(catalog)}))


def photo_rows(dates: Path, images: float) -> Iterator[dict[str, Any]]:
    """Yield rows of `photo` without an end; every `1 / images`-th one has a file."""
    records = [json.loads(line) for line in (dates / "flickr_records.jsonl").read_text("utf-8").splitlines()]
    stored = 0.0
    for number, record in enumerate(cycle(records), start=1):
        stored += images
        has_file, stored = stored >= 1, stored % 1
        yield {
            "id": number,
            "site": "flickr",
            "site_id": str(number),
            "title": record["title"],
            "description": record["description"],
            "tags": " ".join(record["tags"]),
            "date_taken": record["date_taken"],
            "date_taken_granularity": 0,
            "date_taken_unknown": False,
            "uploaded": datetime.fromtimestamp(int(record["pub_date"]), UTC) if record["pub_date"] else None,
            "state": "done" if has_file else "pending",
            "path": _IMAGE if has_file else None,
            "attempts": 0,
            "found_at": datetime.now(UTC),
        }


def fill(catalog: Engine, rows: Iterator[dict[str, Any]]) -> None:
    """Write rows of `photo`."""
    for some in slices(rows, 2000):
        with catalog.begin() as connection:
            connection.execute(insert(Photo), some)


def measure(catalog: Engine, data: Path, *, workers: int) -> Run:
    """Date all photos anew."""
    before, wall = _cpu(), time.monotonic()
    tally = extract_years(catalog, data, again=True, workers=workers)
    wall, after = time.monotonic() - wall, _cpu()
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Run(workers, tally.photos, tally.evidence, wall, after[0] - before[0], after[1] - before[1], peak_kb / 1024)


def writing_speed(catalog: Engine, *, photos: int = 20_000) -> float:
    """Return how many rows of both tables are replaced in a CPU second, by the writer alone."""
    reading = read_text(PhotoText(title="Marta (born 1931), 3 May 1968", tags="1968", date_taken="2004-05-06 07:08:09"))
    rows, started = 0, time.process_time()
    for numbers in slices(range(1, photos + 1)):
        years = [year_row(number, reading.taken) for number in numbers]
        evidence = [row for number in numbers for row in evidence_rows(number, reading)]
        with catalog.begin() as connection:
            save_taken_years(connection, years, evidence)
        rows += len(years) + len(evidence)
    return rows / (time.process_time() - started)


def _cpu() -> tuple[float, float]:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time(), children.ru_utime + children.ru_stime


def _draw(path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2004:05:06 07:08:09"
    Image.frombytes("RGB", (640, 480), os.urandom(640 * 480 * 3)).save(path, "JPEG", exif=exif)
