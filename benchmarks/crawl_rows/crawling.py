"""Crawls as a user types them, in a folder of their own, as processes that can be watched and killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agegap.errors import DataFailed
from benchmarks.steps import LOCAL_KEY, ROOT, last_json

PATIENCE_S = 3_600.0
"""Longest that a crawl which is not killed may take."""


@dataclass
class Worker:
    """One process of `scrapy crawl`; `key` is its API key, by which the site tells it from others."""

    process: subprocess.Popen[bytes]
    key: str
    said: Path
    started: float

    def kill(self) -> None:
        """Kill -9 and bury."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=60)

    @property
    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return self.process.poll() is not None

    def wait(self) -> dict[str, Any]:
        """Wait for its end and return its tally; raise DataFailed where it failed."""
        code = self.process.wait(timeout=PATIENCE_S)
        if code:
            raise DataFailed(f"the crawl ended with exit code {code}; see {self.said.with_suffix('.err')}")
        return last_json(self.said.read_text())

    def cpu_s(self) -> float:
        """Return the processor seconds it has used."""
        return cpu_of(self.process.pid)


@dataclass
class Place:
    """A folder with a names file, a data folder and a catalog, which crawls work on."""

    folder: Path
    catalog_url: str
    starts: int = 0

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def write_names(self, names: Iterable[str]) -> None:
        """Write the list of names."""
        (self.folder / "names.txt").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")

    def environment(self, key: str = LOCAL_KEY) -> dict[str, str]:
        """Return what a command needs; nothing of the user's own settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AGEGAP_")}
        return {
            **kept,
            "AGEGAP_CATALOG": self.catalog_url,
            "AGEGAP_DATA": str(self.data),
            "FLICKR_API_KEY": key,
            "PYTHONPATH": str(ROOT),
        }

    def start(self, api: str, *arguments: str) -> Worker:
        """Start one more worker of the crawl of the names at `api`, with a key that no other has."""
        self.starts += 1
        key = f"{LOCAL_KEY}-{self.starts}"
        said = self.folder / "said" / f"{self.starts}.out"
        said.parent.mkdir(exist_ok=True)
        names = f"names={self.folder / 'names.txt'}"
        command = ["crawl", "flickr_names", "-a", names, "-a", f"api={api}", "--json"]
        for argument in arguments:
            command += ["-a", argument]
        with said.open("wb") as out, said.with_suffix(".err").open("wb") as faults:
            process = subprocess.Popen(
                [sys.executable, "-m", "scrapy", *command],
                stdout=out,
                stderr=faults,
                cwd=ROOT,
                env=self.environment(key),
            )
        return Worker(process, key, said, time.monotonic())

    def coverage(self) -> dict[str, Any]:
        """Return the sums of `scrapy coverage`, whose exit code 1 only says that photos are missing."""
        command = [sys.executable, "-m", "scrapy", "coverage", "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, cwd=ROOT, env=self.environment(), check=False)
        if done.returncode not in (0, 1):
            raise DataFailed(f"scrapy coverage ended with exit code {done.returncode}")
        return last_json(done.stdout.decode())


def fresh_place(folder: Path, catalog_url: str | None = None) -> Place:
    """Return an empty place in `folder`; its catalog is an SQLite file there, unless another one is given."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return place_in(folder, catalog_url)


def place_in(folder: Path, catalog_url: str | None = None) -> Place:
    """Return the place in `folder` as it is."""
    return Place(folder, catalog_url or f"sqlite:///{folder / 'catalog.db'}")


def cpu_of(pid: int) -> float:
    """Return the processor seconds of a process that runs."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process, 0 when it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
