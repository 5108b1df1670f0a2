"""`curate faces`: the photos of the catalog become aligned, judged faces."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.errors import NothingToDo, UnknownName
from agegap.files import remove_parts
from agegap.progress import track
from curation.executors import Executor, make_executor
from curation.face_judgements import judge_again, scan_rows
from curation.face_lock import only_one as only_one  # takedown waits for it too
from curation.face_paths import FOLDER, crop_folder
from curation.face_scan import ScanResult, ScanTask, crashed, start_worker
from dataset.face.detectors import load_detector
from dataset.face.recipes import RECIPES, Thresholds, recipe_mark
from dataset.face.settings import FaceSettings
from db.faces import (
    PhotoToScan,
    count_faces,
    count_photos,
    count_to_scan,
    fetched_sites,
    photos_to_scan,
    save_scans,
)

BATCH = 200
"""Photos whose rows are written in one transaction: a few seconds of work, lost when the power goes."""
PAGE = 2_000
"""Photos read from the catalog at once."""


def scan_faces(
    engine: Engine,
    *,
    data: Path,
    settings: FaceSettings,
    thresholds: Thresholds | None = None,
    site: str | None = None,
    workers: int | None = 1,
    executor: str = "process",
) -> dict[str, Any]:
    """Find the faces of all photos that were not looked at by this recipe yet; return the tally of the catalog.

    Crops are written below `data`/faces, rows in transactions of BATCH photos. Faces of other thresholds, and of photos
    that were since found under another name, are judged again. With `workers` 0 no process is started; None is one a
    core. Raises UnknownName for a site without photos or an unknown executor, NothingToDo for a catalog without photos.
    """
    started = time.monotonic()
    thresholds = thresholds or RECIPES["default"]
    data = data.absolute()  # workers may be elsewhere
    # Tells what is wrong before a worker dies of it.
    load_detector(settings.detector, settings.detection_side, settings.weights)
    with engine.connect() as connection:
        _check_site(fetched_sites(connection), site)
        total = count_to_scan(connection, scan_recipe=settings.scan_recipe, site=site)
    count = workers if workers is None else min(workers, total)
    crew = make_executor(executor, start_worker, (data, settings), count=count)
    with only_one(data / FOLDER):
        scanned = 0
        if total:
            remove_parts(data / FOLDER)
            run = _Run(engine, data, settings, thresholds)
            scanned = run.scan(crew, site=site, total=total)
        judged = judge_again(engine, settings, thresholds)
    return {
        "scanned": scanned,
        "judged_again": judged,
        "seconds": round(time.monotonic() - started, 2),
        "recipe": recipe_mark(settings, thresholds),
        **tally(engine, site=site),
    }


def tally(engine: Engine, *, site: str | None = None) -> dict[str, Any]:
    """Return how many scanned photos and found faces the catalog holds, kept and dropped by reason."""
    with engine.connect() as connection:
        photos, faces = count_photos(connection, site=site), count_faces(connection, site=site)
    return {
        "photos": sum(photos.values()),
        "photos_with_face": photos.get(None, 0),
        "photos_dropped": _by_reason(photos),
        "faces": sum(faces.values()),
        "faces_kept": faces.get(None, 0),
        "faces_dropped": _by_reason(faces),
    }


def _by_reason(counts: dict[str | None, int]) -> dict[str, int]:
    return dict(sorted((reason, count) for reason, count in counts.items() if reason is not None))


def _check_site(sites: Sequence[str], site: str | None) -> None:
    if not sites:
        raise NothingToDo("catalog", "holds no photos", "run `scrapy crawl` or `curate import` first")
    if site is not None and site not in sites:
        raise UnknownName("site", site, sites)


@dataclass(frozen=True)
class _Run:
    engine: Engine
    data: Path
    settings: FaceSettings
    thresholds: Thresholds

    def scan(self, crew: Executor, *, site: str | None, total: int) -> int:
        """Look at the photos with `crew` and write what it sees; return of how many."""
        handed_out: dict[int, PhotoToScan] = {}

        def tasks() -> Iterator[ScanTask]:
            for photo in self._pages(site):
                handed_out[photo.id] = photo
                folder = crop_folder(photo.site, photo.subjects.values())
                yield ScanTask(photo.id, self.data / photo.path, folder)  # an absolute path stays itself

        results: Iterator[ScanResult] = track(
            crew.map(tasks(), crashed=crashed), label="faces", total=total, unit="photo"
        )
        count = 0
        batch: list[tuple[PhotoToScan, ScanResult]] = []
        try:
            for result in results:
                batch.append((handed_out.pop(result.photo_id), result))
                if len(batch) >= BATCH:
                    count += self._save(batch)
                    batch = []
        finally:  # also when Ctrl-C or a full disk stopped it: what is done is kept
            count += self._save(batch)
        return count

    def _pages(self, site: str | None) -> Iterator[PhotoToScan]:
        after_id = 0
        while True:
            with self.engine.connect() as connection:
                page = photos_to_scan(
                    connection, scan_recipe=self.settings.scan_recipe, site=site, after_id=after_id, limit=PAGE
                )
            if not page:
                return
            yield from page
            after_id = page[-1].id

    def _save(self, batch: Iterable[tuple[PhotoToScan, ScanResult]]) -> int:
        rows = [scan_rows(photo, result, self.settings, self.thresholds) for photo, result in batch]
        if not rows:
            return 0
        with self.engine.begin() as connection:
            orphans = save_scans(connection, [scan for scan, _ in rows], [face for _, faces in rows for face in faces])
        for path in orphans:
            (self.data / path).unlink(missing_ok=True)
        return len(rows)
