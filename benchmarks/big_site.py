"""How fast the synthetic photo site itself is: a benchmark of a crawler must not measure the site.

    python -m benchmarks.big_site [--names 2000] [--large 30] [--each 20000] [--images 4000]

Serves a site and asks it as quickly as one plain client can: pages of 500 results with all extras of a crawl, then
images, each compared with the bytes it has to have. Prints what a crawl can at most reach against it.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from agegap.errors import DataFailed
from benchmarks.steps import click_help, table

EXTRAS = (
    "description,license,date_upload,date_taken,owner_name,path_alias,realname,tags,machine_tags,geo,views,media,"
    "original_format,o_dims,last_update,content_type,safety_level,url_n,url_z,url_c,url_l"
)
AT_ONCE = 16  # requests of images in flight
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class BigSite:
    """A running synthetic site."""

    api: str
    truth: dict[str, Any]
    pid: int

    def control(self, what: str, faults: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the control endpoint (docs/photosite.md); `faults` makes it a POST."""
        url = self.api.replace("/services/rest/", f"/_control/{what}")
        body = None if faults is None else json.dumps(faults).encode()
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=60) as response:
            told: dict[str, Any] = json.load(response)
        return told

    def cpu_s(self) -> float:
        """Return the processor seconds the site has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_bytes(self) -> int:
        """Return the memory the site holds."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def big_site(names: int, large: int, each: int, *options: str, log: Path | None = None) -> Iterator[BigSite]:
    """Serve a synthetic site while the block runs; `options` are further ones of `python -m crawler.photosite`.

    What it says on standard error goes to the file `log`: a site whose clients are killed complains of each.
    """
    with TemporaryDirectory() as folder, ExitStack() as stack:
        truth = Path(folder) / "truth.json"
        plan = ["--big", f"{names},{large},{each}", "--truth", str(truth)]
        command = [sys.executable, "-m", "crawler.photosite", *plan, *options]
        said = None if log is None else stack.enter_context(log.open("wb"))
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as site:
            try:
                assert site.stdout is not None
                ready = site.stdout.readline()
                if not ready:
                    raise DataFailed("the synthetic photo site did not start; its reason stands above")
                told = json.loads(truth.read_text(encoding="utf-8"))
                yield BigSite(str(json.loads(ready)["api"]), told, site.pid)
            finally:
                site.terminate()


async def measure(site: BigSite, images: int) -> list[tuple[str, object]]:
    """Ask for pages and images; return the rows of the table."""
    import aiohttp

    async with aiohttp.ClientSession() as session:
        pages: list[dict[str, Any]] = []
        milliseconds = []
        started_cpu = site.cpu_s()
        for params in _searches(site.truth["names"], -(-images // 500) + 20):
            started = time.perf_counter()
            async with session.get(site.api, params=params) as response:
                pages.append(await response.json())
            milliseconds.append((time.perf_counter() - started) * 1000)
        page_cpu = (site.cpu_s() - started_cpu) * 1000 / len(pages)
        photos = [photo for page in pages for photo in page["photos"]["photo"]][:images]
        started, started_cpu = time.perf_counter(), site.cpu_s()
        received = await _fetch(session, photos)
        seconds, image_cpu = time.perf_counter() - started, (site.cpu_s() - started_cpu) * 1000
    return [
        ("photos of the site", site.truth["photos"]),
        ("answers asked for", len(pages)),
        ("ms an answer of 500, median", sorted(milliseconds)[len(milliseconds) // 2]),
        ("processor ms of the site an answer", page_cpu),
        ("images fetched and compared", len(photos)),
        ("images a second", len(photos) / seconds),
        ("MB a second", received / seconds / MEGABYTE),
        ("processor ms of the site an image", image_cpu / len(photos)),
        ("memory of the site, MB", site.memory_bytes() / MEGABYTE),
    ]


def _searches(names: Sequence[dict[str, Any]], count: int) -> Iterator[dict[str, str]]:
    """Yield `count` searches whose pages are full."""
    pages = ((name, page) for name in names for page in range(1, min(name["found"], 4000) // 500 + 1))
    for (name, page), _ in zip(pages, range(count), strict=False):
        yield {
            "method": "flickr.photos.search",
            "api_key": "loopback",
            "format": "json",
            "nojsoncallback": "1",
            "text": f'"{name["name"].replace("_", " ")}"',
            "sort": "date-posted-asc",
            "extras": EXTRAS,
            "per_page": "500",
            "page": str(page),
        }


async def _fetch(session: Any, photos: Sequence[dict[str, Any]]) -> int:
    """Fetch the images, some at once; return the bytes. Raises DataFailed where one is not what it has to be."""
    from crawler.photosite.big import expected_bytes

    waiting = iter(photos)
    received = 0

    async def worker() -> None:
        nonlocal received
        for photo in waiting:
            async with session.get(photo["url_c"]) as response:
                content = await response.read()
            if content != expected_bytes(photo["id"]):
                raise DataFailed(f"image {photo['id']}: not the bytes that photo has to have")
            received += len(content)

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return received


@click.command(help=click_help(__doc__))
@click.option("--names", default=2000, show_default=True)
@click.option("--large", default=30, show_default=True)
@click.option("--each", default=20_000, show_default=True)
@click.option("--images", default=4000, show_default=True)
def main(names: int, large: int, each: int, images: int) -> None:
    """Serve, measure, print."""
    with big_site(names, large, each) as site:
        print(table(asyncio.run(measure(site, images)), title="synthetic photo site"))


if __name__ == "__main__":
    main()
