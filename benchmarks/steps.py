"""Running the product's own commands, one after another, as a user would type them.

The demo and the benchmarks are made of these steps: nothing here reaches into a package when a command exists.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agegap.errors import DataFailed

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parent.parent
LOCAL_KEY = "loopback-needs-no-real-key"
"""FLICKR_API_KEY of crawls against our own photo site: never that of the user, which no benchmark may spend."""


@dataclass
class Workbench:
    """One benchmark's folder: its own catalog and data, the seconds of each stage, a line a stage on stderr."""

    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The data folder of the commands."""
        return self.folder / "data"

    @property
    def catalog_url(self) -> str:
        """The SQLite catalog of this workbench."""
        return f"sqlite:///{self.folder / 'catalog.db'}"

    def environment(self) -> dict[str, str]:
        """Return the environment of the commands: ours on top of the user's."""
        ours = {
            "AGEGAP_CATALOG": self.catalog_url,
            "AGEGAP_DATA": str(self.data),
            "FLICKR_API_KEY": LOCAL_KEY,
            "SCRAPY_SETTINGS_MODULE": "crawler.settings",
            "PYTHONUNBUFFERED": "1",
        }
        return {**os.environ, **ours}

    def run(self, stage: str, *arguments: str | Path) -> dict[str, Any]:
        """Run one command and return the last line of its standard output, which must be JSON.

        Raises DataFailed with the command and its exit code; what it said stands on standard error already.
        """
        command = [str(BIN / str(arguments[0])), *map(str, arguments[1:])]
        say(f"{stage}: {' '.join(map(str, arguments))}")
        with self.timed(stage):
            done = subprocess.run(command, stdout=subprocess.PIPE, env=self.environment(), cwd=self.folder, check=False)
        if done.returncode != 0:
            raise DataFailed(f"{stage}: `{' '.join(map(str, arguments))}` ended with exit code {done.returncode}")
        return last_json(done.stdout.decode())

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the wall seconds of the block to `seconds[stage]`."""
        started = time.monotonic()
        yield
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.monotonic() - started, 1)

    @contextmanager
    def photo_site(self, *arguments: str | Path) -> Iterator[str]:
        """Serve a local photo site while the block runs; yield the URL of its API."""
        command = [sys.executable, "-m", "crawler.photosite", *map(str, arguments)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=self.environment(), cwd=self.folder) as site:
            try:
                assert site.stdout is not None
                ready = site.stdout.readline().decode()
                if not ready:
                    raise DataFailed("the local photo site did not start; its reason stands above")
                yield str(json.loads(ready)["api"])
            finally:
                site.terminate()

    def crawl_folder(self, site: Path) -> None:
        """Serve the photo folder `site`, crawl the names it lists, and date the photos from their texts."""
        names = f"names={site / 'names.txt'}"
        with self.photo_site("--folder", site) as api:
            self.run("crawl", "scrapy", "crawl", "flickr_names", "-a", names, "-a", f"api={api}", "--json")
        self.run("taken years", "scrapy", "extract-years", "--json")


def click_help(docstring: str | None) -> str:
    """Return a module's docstring as click's help: its indented blocks are to keep their lines."""
    return (docstring or "").replace("\n\n    ", "\n\n\b\n    ")


def say(line: str) -> None:
    """Write a line of progress to standard error."""
    sys.stderr.write(f"== {line}\n")
    sys.stderr.flush()


def last_json(text: str) -> dict[str, Any]:
    """Return the last non-empty line of `text` as JSON, {} where there is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    result: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return result


def table(rows: Sequence[tuple[str, object]], *, title: str) -> str:
    """Return a two-column text table; a row with an empty value is a heading."""
    width = max(len(name) for name, _ in rows)
    lines = [title, "-" * (width + 14)]
    lines += [f"{name:<{width}}  {_text(value):>12}".rstrip() for name, value in rows]
    return "\n".join(lines)


def _text(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
