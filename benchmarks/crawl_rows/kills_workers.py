"""The same kills with three workers on one Postgres catalog: a random one is killed each time, and starts again.

python -m benchmarks.crawl_rows.kills_workers --out DIR [--kills 200] [--seed N]
"""

from benchmarks.crawl_rows.crawling import fresh_place
from benchmarks.crawl_rows.databases import postgres_catalog
from benchmarks.crawl_rows.figures import Bench, Figure, run_alone
from benchmarks.crawl_rows.kills import measure_kills

WORKERS = 3


def measure(bench: Bench) -> list[Figure]:
    """Kill one of three workers again and again."""
    with postgres_catalog() as url:
        return measure_kills(bench, fresh_place(bench.folder("kills_workers"), url), workers=WORKERS)


if __name__ == "__main__":
    run_alone("kills_workers", measure, __doc__)
