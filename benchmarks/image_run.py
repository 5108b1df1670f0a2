"""One run of a client that fetches images: on a core of its own, its time, memory and files measured."""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from agegap.errors import DataFailed
from agegap.files import sha256_of_file
from benchmarks.steps import LOCAL_KEY, ROOT

CLIENT_CORE, SERVER_CORE = 0, 1


@dataclass(frozen=True)
class Client:
    """A way to fetch the images: its command, what is made before it starts, and whether it keeps files."""

    name: str
    command: Callable[["Run"], Sequence[str]]
    prepare: Callable[["Run"], None] = lambda _run: None
    has_files: bool = True


@dataclass(frozen=True)
class Run:
    """One run of a client: `count` images from `host` to below the empty folder `out`."""

    host: str
    count: int
    out: Path

    @property
    def catalog_url(self) -> str:
        """The catalog of clients that need one."""
        return f"sqlite:///{self.out / 'catalog.db'}"


@dataclass(frozen=True)
class Measured:
    """What one run cost."""

    images_per_s: float
    to_end_per_s: float
    cpu_s: float
    whole_s: float
    rss_mb: float
    wrong_files: int


@contextmanager
def image_server() -> Iterator[str]:
    """Serve drawn images on a core of its own while the block runs; yield http://host:port."""
    command = [sys.executable, "-m", "benchmarks.image_server", "--core", str(SERVER_CORE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{json.loads(server.stdout.readline())['port']}"
        finally:
            server.terminate()


def measure(client: Client, run: Run, truth: frozenset[str]) -> Measured:
    """Run a client to its end on its core; raise DataFailed when it fails."""
    shutil.rmtree(run.out, ignore_errors=True)
    run.out.mkdir(parents=True)
    client.prepare(run)
    _timing(run.host)
    environment = {
        **os.environ,
        "AGEGAP_CATALOG": run.catalog_url,
        "AGEGAP_DATA": str(run.out),
        "FLICKR_API_KEY": LOCAL_KEY,
        "SCRAPY_SETTINGS_MODULE": "crawler.settings",
        "PYTHONPATH": str(ROOT),
        "NO_ALBUMENTATIONS_UPDATE": "1",
    }
    with (run.out / "said.txt").open("wb") as said:
        started = monotonic()
        process = subprocess.Popen(
            ["taskset", "--cpu-list", str(CLIENT_CORE), *client.command(run)],
            stdout=said,
            stderr=said,
            env=environment,
            cwd=run.out,
        )
        peak_kb = 0
        while True:
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            # Looked at while it runs: ru_maxrss begins at what this process, which forked it, had.
            peak_kb = max(peak_kb, _peak_kb(process.pid))
            sleep(0.1)
        process.returncode = os.waitstatus_to_exitcode(status)
        ended = monotonic()  # the same clock as the server's: it is one for the whole machine
        whole_s = ended - started
    if process.returncode:
        raise DataFailed(f"{client.name} ended with exit code {process.returncode}; see {run.out / 'said.txt'}")
    timing = _timing(run.host)
    return Measured(
        images_per_s=timing["count"] / max(1e-9, timing["last"] - timing["first"]),
        to_end_per_s=timing["count"] / max(1e-9, ended - timing["first"]),
        cpu_s=used.ru_utime + used.ru_stime,
        whole_s=whole_s,
        rss_mb=peak_kb / 1024,
        wrong_files=_wrong_files(run, truth) if client.has_files else 0,
    )


def _peak_kb(pid: int) -> int:
    """Return the highest resident memory of a process and its children that still run, each at its own worst."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has just ended
        return 0
    own = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
    return own + sum(_peak_kb(int(child)) for child in children)


def _timing(host: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{host}/timing") as answer:  # asking also sets it back
        timing: dict[str, Any] = json.load(answer)
    return timing


def _wrong_files(run: Run, truth: frozenset[str]) -> int:
    found = [sha256_of_file(path) for path in run.out.rglob("*.jpg")]
    return len(truth.symmetric_difference(found)) + len(found) - len(set(found))
