"""How fast images are fetched, beside the tools people use: loopback, one core a client, every byte checked.

    python -m benchmarks.image_speed --out DIR --peers-python PATH [--images N] [--rounds N]

`PATH` is the Python of an environment with the other tools:

    python -m venv PEERS && PEERS/bin/pip install img2dataset==1.47.0 scrapy aiohttp pillow

The server (`image_server.py`) has a core of its own, each client the other one. Rounds are interleaved, so that what
else the machine does meets all alike; the table has their medians:

    images/s     by the server's clock, from the first request to the last answer: start-up is not counted
    to end/s     the same, to the end of the client: with what it still had to write, or to draw anew
    CPU ms       user and system time of the client and its children, less those of a run with 500 images
    whole s      wall seconds of the process, start-up included
    RSS MB       the most memory that the client's process and its children had
    bytes        every image's sha256 is among the files, and no other: else the row says how many are not

Give --out a folder in memory (/dev/shm): on ext4 a file costs up to 1 ms of CPU to make, whoever makes it, while many
were removed within the last minutes (seen November 2026: its allocator passes over inodes that were freed recently),
and a run removes what the one before it left.

"server alone" is a client that reads and throws away, from as many connections: what the server can do, at least.
"""

import json
import os
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from agegap.files import write_json, write_text
from benchmarks.image_clients.agegap_fetching import fill_catalog
from benchmarks.image_run import Client, Measured, Run, image_server, measure
from benchmarks.image_search import PHOTOS_A_NAME, names_file
from benchmarks.image_server import DrawnImages
from benchmarks.steps import BIN, ROOT, click_help, say

FEW_IMAGES = PHOTOS_A_NAME
"""Images of the run whose CPU time is taken off: start-up, and what is compiled or grows only once."""

OURS = "agegap: scrapy crawl"
IMG2DATASET = "img2dataset 1.47"

_CLIENTS = ROOT / "benchmarks" / "image_clients"
_DIRECTORY = click.Path(path_type=Path)


def clients_of(peers_python: Path | None) -> list[Client]:
    """Return the clients that can run: ours always, the others with the Python that has them."""
    python = sys.executable

    def script(name: str, interpreter: str, *more: str) -> Callable[[Run], Sequence[str]]:
        return lambda run: [interpreter, str(_CLIENTS / name), run.host, str(run.count), str(run.out), *more]

    def crawl(run: Run) -> Sequence[str]:
        typed = [f"names={run.out / 'names.txt'}", f"api={run.host}/services/rest/", "image_concurrency=16"]
        return [
            str(BIN / "scrapy"),
            "crawl",
            "flickr_names",
            *(word for one in typed for word in ("-a", one)),
            "--json",
        ]

    def fill(run: Run) -> None:
        fill_catalog(run.catalog_url, run.host, run.count)

    ours = [
        Client(OURS, crawl, lambda run: write_text(run.out / "names.txt", names_file(run.count))),
        Client("agegap: fetching alone", script("agegap_fetching.py", python, "asyncio"), fill),
        Client("aiohttp floor", script("aiohttp_floor.py", python)),
        Client("server alone", script("drain.py", python), has_files=False),
    ]
    if peers_python is None:
        return ours
    peer = str(peers_python)
    return [
        *ours,
        Client(IMG2DATASET, script("img2dataset_files.py", peer)),
        Client("Scrapy FilesPipeline", script("scrapy_files.py", peer, "FilesPipeline")),
        # It writes every picture anew, so there are no served bytes to find.
        Client("Scrapy ImagesPipeline", script("scrapy_files.py", peer, "ImagesPipeline"), has_files=False),
    ]


def row_of(client: Client, runs: Sequence[Measured], few: Measured, count: int) -> dict[str, Any]:
    """Return the medians of a client's rounds."""

    def median(of: Callable[[Measured], float], digits: int) -> float:
        return round(statistics.median(map(of, runs)), digits)

    return {
        "client": client.name,
        "images_per_s": median(lambda run: run.images_per_s, 0),
        "to_end_per_s": median(lambda run: run.to_end_per_s, 0),
        "cpu_ms_an_image": median(lambda run: 1000 * (run.cpu_s - few.cpu_s) / (count - FEW_IMAGES), 3),
        "cpu_ms_with_start": median(lambda run: 1000 * run.cpu_s / count, 3),
        "whole_s": median(lambda run: run.whole_s, 2),
        "rss_mb": median(lambda run: run.rss_mb, 0),
        "wrong_files": max(run.wrong_files for run in runs) if client.has_files else None,
        "rounds": [asdict(run) for run in runs],
    }


def table_of(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as a table for people."""
    lines = [f"{'client':<24} {'images/s':>9} {'to end/s':>9} {'CPU ms':>7} {'whole s':>8} {'RSS MB':>7}  bytes"]
    for row in rows:
        wrong = row["wrong_files"]
        state = "not looked at" if wrong is None else "all right" if not wrong else f"{wrong} WRONG"
        lines.append(
            f"{row['client']:<24} {row['images_per_s']:>9,.0f} {row['to_end_per_s']:>9,.0f}"
            f" {row['cpu_ms_an_image']:>7.2f} {row['whole_s']:>8.1f} {row['rss_mb']:>7,.0f}  {state}"
        )
    return "\n".join(lines)


def compare(clients: Sequence[Client], out: Path, *, images: int, rounds: int) -> dict[str, Any]:
    """Run each client in each of `rounds`, interleaved; return what was measured and write it to `out`."""
    drawn = DrawnImages()
    truth = frozenset(drawn.sha256(number) for number in range(images))
    few: dict[str, Measured] = {}
    runs: dict[str, list[Measured]] = {client.name: [] for client in clients}
    with image_server() as host:
        for client in clients:
            few[client.name] = measure(client, Run(host, FEW_IMAGES, out.resolve() / "run"), truth)
        for number in range(rounds):
            for client in clients:
                measured = measure(client, Run(host, images, out.resolve() / "run"), truth)
                runs[client.name].append(measured)
                say(f"round {number + 1}: {client.name}: {measured.images_per_s:.0f} images/s")
    rows = [row_of(client, runs[client.name], few[client.name], images) for client in clients]
    result = {"images": images, "image_bytes": drawn.byte_count, "load": os.getloadavg(), "rows": rows}
    write_json(out / "image_speed.json", result)
    return result


@click.command(help=click_help(__doc__))
@click.option("--out", type=_DIRECTORY, required=True, help="folder for the images; emptied before each run")
@click.option("--peers-python", type=_DIRECTORY, default=None, help="Python of the environment with the other tools")
@click.option("--images", default=6_000, show_default=True, help=f"images a run, a multiple of {PHOTOS_A_NAME}")
@click.option("--rounds", default=3, show_default=True)
@click.option("--only", multiple=True, help="clients to run, by the start of their names; default all")
def main(out: Path, peers_python: Path | None, images: int, rounds: int, only: tuple[str, ...]) -> None:
    """Measure, and print a table and a line of JSON."""
    if images % PHOTOS_A_NAME:
        raise click.BadParameter(f"not a multiple of {PHOTOS_A_NAME}", param_hint="--images")
    chosen = [client for client in clients_of(peers_python) if not only or client.name.startswith(only)]
    result = compare(chosen, out, images=images, rounds=rounds)
    print(table_of(result["rows"]))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
