"""Images a second and CPU milliseconds an image of a whole `scrapy crawl`, beside the tools people use.

`benchmarks/image_speed.py` measures, and shows more; every byte is compared, and a client's files with it.
"""

from typing import Any

from benchmarks.crawl_rows.figures import Bench, Figure, at_least, at_most, none_of, run_alone
from benchmarks.image_speed import IMG2DATASET, OURS, clients_of, compare

LEAST_RATIO = 1.4
MOST_CPU_MS = 1.0
IMAGES, QUICK_IMAGES = 6_000, 2_000
ROUNDS, QUICK_ROUNDS = 5, 1

_CLIENTS = (OURS, IMG2DATASET, "Scrapy")


def measure(bench: Bench) -> list[Figure]:
    """Measure our crawl and the peers in turn."""
    images, rounds = (QUICK_IMAGES, QUICK_ROUNDS) if bench.quick else (IMAGES, ROUNDS)
    clients = [client for client in clients_of(bench.peers_python) if client.name.startswith(_CLIENTS)]
    measured = compare(clients, bench.folder("images"), images=images, rounds=rounds)
    rows = {row["client"]: row for row in measured["rows"]}
    return [*_ours(rows[OURS], rows.get(IMG2DATASET)), *_peers(rows, has_peers=bench.peers_python is not None)]


def _ours(ours: dict[str, Any], img2dataset: dict[str, Any] | None) -> list[Figure]:
    ratio = None if img2dataset is None else ours["images_per_s"] / img2dataset["images_per_s"]
    return [
        Figure("images a second, `scrapy crawl` with catalog", ours["images_per_s"]),
        at_least("  times img2dataset", ratio, LEAST_RATIO, note="" if ratio else "give --peers-python"),
        at_most("CPU ms an image", ours["cpu_ms_an_image"], MOST_CPU_MS, note="start-up taken off"),
        Figure("  with start-up", ours["cpu_ms_with_start"]),
        none_of("files that are missing, wrong or too many", ours["wrong_files"]),
        Figure("most resident memory, MB", ours["rss_mb"]),
    ]


def _peers(rows: dict[str, dict[str, Any]], *, has_peers: bool) -> list[Figure]:
    if not has_peers:
        return [Figure("img2dataset and Scrapy's pipelines", None, note="not measured: give --peers-python")]
    return [
        Figure(
            f"{name}: images a second",
            row["images_per_s"],
            note=f"{row['cpu_ms_an_image']:.2f} CPU ms an image, {row['rss_mb']:.0f} MB",
        )
        for name, row in rows.items()
        if name != OURS
    ]


if __name__ == "__main__":
    run_alone("images", measure, __doc__)
