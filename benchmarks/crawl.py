"""What the crawl reaches: the whole table of figures that it is held against, each with its goal.

    python -m benchmarks.crawl --out /dev/shm/bench [--only ROW ...] [--quick] [--peers-python PATH] [--json]

| row | what is measured |
|---|---|
| images | images a second and CPU an image, beside img2dataset and Scrapy's own pipelines |
| recovered | photos of a site of 2,000 names that are found, calls it takes; gallery-dl on one name |
| kills | `kill -9` at 200 random moments of one crawl: what is lost, twice, partial |
| kills_workers | the same with three workers on Postgres, a random one killed each time |
| memory | resident memory of a crawl of 1,000,000 photo rows, and how it grows |
| budget | calls of four workers with one key in any window of time, as the site counts them; three simulated hours |
| resume | seconds to the first request of a crawl that is taken up again, with 1,000,000 rows |

A row alone: `python -m benchmarks.crawl_rows.kills --out DIR --kills 20 --seed 5`. Results go to OUT/crawl.json too,
after each row. Exit code 1 where a goal is missed. All together take about an hour and a half on two cores; give
--out a folder in memory with 4 GB free, on a machine that does nothing else.

`PATH` is the Python of an environment with the other tools (see benchmarks/image_speed.py). Rows on Postgres need
the dev extra, which brings a server.
"""

import importlib
import sys

import click

from agegap.errors import UnknownName
from benchmarks.crawl_rows.figures import Bench, bench_options, run_rows
from benchmarks.steps import click_help

ROWS = ("images", "recovered", "kills", "kills_workers", "memory", "budget", "resume")
"""Every row, a module of crawl_rows, in the order in which they run: `resume` uses the catalog that `memory` made."""


@click.command(help=click_help(__doc__))
@click.option("--only", multiple=True, metavar="ROW", help="a row to run, again and again; default all")
@bench_options
def main(bench: Bench, *, as_json_line: bool, only: tuple[str, ...]) -> int:
    """Run rows and print their table."""
    for name in only:
        if name not in ROWS:
            raise UnknownName("row", name, ROWS)
    chosen = {
        name: importlib.import_module(f"benchmarks.crawl_rows.{name}").measure
        for name in ROWS
        if not only or name in only
    }
    missed = run_rows(chosen, bench, as_json_line=as_json_line)
    for what in missed:
        print(f"missed: {what}", file=sys.stderr)
    return int(bool(missed))


if __name__ == "__main__":
    from agegap.cli import run_command

    run_command(main, "python -m benchmarks.crawl")
