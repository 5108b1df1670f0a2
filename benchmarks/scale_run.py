"""The stages of `benchmarks/scale.py`, one after another, each recorded when it has ended."""

import json
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agegap.errors import WrongUse
from agegap.files import write_json
from benchmarks.scale_figures import growth_of
from benchmarks.scale_site import draw_site, files_of
from benchmarks.scale_watch import watch
from benchmarks.steps import BIN, Workbench, last_json, say
from dataset.tables import CROP_SIZE

_CROP_BYTES = CROP_SIZE * CROP_SIZE * 3
_LOOKS = 400
"""About how often a stage is looked at: a hundredth of a tenth is too coarse to matter."""

Done = Callable[[], int]


@dataclass(frozen=True)
class Stage:
    """A command and the table that says how far it is; without one it is measured as a whole."""

    name: str
    command: tuple[str, ...]
    progress: str | None = None  # SQL that counts
    counts_crops: bool = False  # by the size of the export's array


@dataclass(frozen=True)
class Run:
    """One run in a folder."""

    folder: Path
    people: int
    photos_each: int
    workers: int

    @property
    def file(self) -> Path:
        """Where the figures are."""
        return self.folder / "scale.json"

    @property
    def bench(self) -> Workbench:
        """The catalog and the data of the commands."""
        return Workbench(self.folder)

    def all_stages(self) -> None:
        """Draw, then run every stage that is not recorded; raise WrongUse for a folder of another run."""
        plan = {"people": self.people, "photos": self.people * self.photos_each, "workers": self.workers}
        self.folder.mkdir(parents=True, exist_ok=True)
        known = json.loads(self.file.read_text(encoding="utf-8")) if self.file.exists() else {"plan": plan}
        if known["plan"] != plan:
            raise WrongUse(f"{self.folder} holds a run of {known['plan']}; name another folder with --out")
        site = draw_site(self.folder / "site", people=self.people, photos=self.photos_each, workers=os.cpu_count() or 1)
        if "crawl" not in known.setdefault("stages", {}):
            with self.bench.photo_site("--folder", site) as api:
                self._record(known, self._crawl(site, api))
        for stage in self._later():
            if stage.name not in known["stages"]:
                self._record(known, stage)

    def _crawl(self, site: Path, api: str) -> Stage:
        command = ("scrapy", "crawl", "flickr_names", "-a", f"names={site / 'names.txt'}", "-a", f"api={api}", "--json")
        return Stage("crawl", command, "select count(*) from photo where state = 'done'")

    def _later(self) -> tuple[Stage, ...]:
        workers = ("--workers", str(self.workers), "--json")
        return (
            Stage("years", ("scrapy", "extract-years", "--json"), "select count(*) from taken_year"),
            Stage("faces", ("curate", "faces", *workers), "select count(*) from face_scan"),
            Stage("dedupe", ("curate", "dedupe", "--apply", "--json")),
            # Of so many drawn people some look like others to the last bit of a hash.
            Stage("pairs", ("curate", "build-pairs", "--leaks", "drop", "--json")),
            Stage(
                "export",
                ("curate", "export", str(self.folder / "set"), "--leaks", "drop", "--json"),
                counts_crops=True,
            ),
            Stage("stats", ("curate", "stats", "--json")),
        )

    def _record(self, known: dict[str, Any], stage: Stage) -> None:
        """Run one stage and write down what was seen."""
        say(f"{stage.name}: {' '.join(stage.command)}")
        photos = self.people * self.photos_each
        load = os.getloadavg()[0]
        watched = watch(
            [str(BIN / stage.command[0]), *stage.command[1:]],
            environment=self.bench.environment(),
            folder=self.folder,
            done=self._counter(stage),
            every_s=min(2.0, max(0.1, photos * 0.01 / _LOOKS)),
        )
        last = watched.samples[-1]
        known["stages"][stage.name] = {
            "cpu_s": round(last.cpu_s, 2),
            "wall_s": round(last.wall_s, 2),
            "peak_mb": round(max(sample.memory_mb for sample in watched.samples), 1),
            "rows": last.done,
            **asdict(growth_of(watched.samples)),
            "load_before_and_after": [round(load, 1), round(os.getloadavg()[0], 1)],
            "ended": time.strftime("%Y-%m-%d %H:%M"),
            "disk_bytes": self._disk(),
            "said": last_json(watched.said),
            "samples": [
                [round(s.wall_s, 2), round(s.cpu_s, 2), round(s.memory_mb, 1), s.done] for s in watched.samples
            ],
        }
        write_json(self.file, known)

    def _counter(self, stage: Stage) -> Done:
        if stage.counts_crops:
            return self._crops_written
        if stage.progress is None:
            return lambda: 0
        sql = stage.progress
        return lambda: self._count(sql)

    def _count(self, sql: str) -> int:
        """Return what the catalog counts; 0 before there is one."""
        try:
            url = f"file:{self.folder / 'catalog.db'}?mode=ro"
            with closing(sqlite3.connect(url, uri=True, timeout=5)) as connection:
                return int(connection.execute(sql).fetchone()[0])
        except sqlite3.OperationalError:
            return 0

    def _crops_written(self) -> int:
        """Return how many faces the array of the export holds, under its own or its temporary name."""
        sizes = [path.stat().st_size for path in self.folder.glob("*set*/faces.npy") if path.exists()]
        return max(sizes, default=0) // _CROP_BYTES

    def _disk(self) -> dict[str, int]:
        """Return what the run takes on disk so far, less the site."""
        places = {"photos": self.bench.data / "photos", "faces": self.bench.data / "faces", "set": self.folder / "set"}
        sizes = {
            name: sum(path.stat().st_size for path in files_of(place)) if place.is_dir() else 0
            for name, place in places.items()
        }
        sizes["catalog"] = sum(path.stat().st_size for path in self.folder.glob("catalog.db*"))
        return sizes
