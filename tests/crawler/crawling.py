"""Running `scrapy` as a user does: its own process, its own catalog and data folder."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.crawler.fake_site import KEY

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Workplace:
    """A folder with a names file, a data folder and a catalog; `scrapy` commands run in it."""

    folder: Path
    catalog_url: str
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    @property
    def names(self) -> Path:
        """The names file."""
        return self.folder / "names.txt"

    def write_names(self, *names: str) -> None:
        """Write the names file, LFW's way."""
        self.names.write_text("".join(f"{name.replace(' ', '_')}\t1\n" for name in names))

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        """Start `scrapy` with `arguments`."""
        surroundings = {
            **{key: value for key, value in os.environ.items() if not key.startswith("AGEGAP_")},
            "AGEGAP_CATALOG": self.catalog_url,
            "AGEGAP_DATA": str(self.data),
            "FLICKR_API_KEY": KEY,
            **self.extra,
            **(environment or {}),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "scrapy", *arguments],
            cwd=ROOT,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start_crawl(self, api: str, *arguments: str) -> "subprocess.Popen[str]":
        """Start a crawl of the names file at `api`."""
        return self.start("crawl", "flickr_names", "-a", f"names={self.names}", "-a", f"api={api}", *arguments)

    def files(self) -> dict[str, bytes]:
        """Return every file below photos/ by its path below the data folder."""
        photos = self.data / "photos"
        return {str(path.relative_to(self.data)): path.read_bytes() for path in photos.rglob("*") if path.is_file()}


def ended(process: "subprocess.Popen[str]") -> "subprocess.CompletedProcess[str]":
    """Wait for a command and return what it said."""
    stdout, stderr = process.communicate(timeout=100)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
