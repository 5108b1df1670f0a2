"""Near-duplicates among a million and ten million perceptual hashes: time, memory, and the planted copies found.

    python -m benchmarks.curation_duplicates --hashes 1000000 --hashes 10000000

Random 64-bit hashes; of one in a hundred a copy is planted with 0 to `--bits` bits turned. Each size is a process of
its own, so that the memory is its own. The peer is imagededup's HashEval on the same hashes, where it is installed (pip
install --no-deps imagededup scikit-learn): it compares each with each, so it is shown `--peer-hashes` of them, and its
time grows with the square.
"""

import importlib
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from typing import Any
from unittest.mock import MagicMock

import click
import numpy as np

from benchmarks.steps import click_help

_MEGABYTE = 1024  # of ru_maxrss, which Linux counts in kB


@click.command(help=click_help(__doc__))
@click.option("--hashes", type=int, multiple=True, default=(1_000_000, 10_000_000), show_default=True)
@click.option("--bits", default=3, show_default=True, help="Bits within which two hashes are near.")
@click.option("--peer-hashes", default=5_000, show_default=True, help="Hashes shown to the peer; 0: no peer.")
@click.option("--seed", default=0, show_default=True)
@click.option("--one", is_flag=True, hidden=True, help="Measure in this process.")
def main(hashes: tuple[int, ...], bits: int, peer_hashes: int, seed: int, one: bool) -> None:
    """Print one line of JSON a size."""
    if one:
        print(json.dumps(measure(hashes[0], bits, seed)))
        return
    for count in hashes:
        command = (sys.executable, "-m", "benchmarks.curation_duplicates", "--one", "--hashes", str(count))
        subprocess.run([*command, "--bits", str(bits), "--seed", str(seed)], check=True)
    if peer_hashes:
        print(json.dumps(measure_peer(peer_hashes, bits, seed)))


def plant(count: int, bits: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return `count` hashes, and the planted pairs (n, 2) of rows; no row is in two of them."""
    rng = np.random.default_rng(seed)
    hashes = rng.integers(0, 2**64, count, dtype=np.uint64)
    rows = rng.choice(count, 2 * (count // 100), replace=False).reshape(-1, 2)
    turned = np.zeros(len(rows), np.uint64)
    order = np.argsort(rng.random((len(rows), 64)), axis=1)[:, :bits].astype(np.uint64)
    wanted = rng.integers(0, bits + 1, len(rows))
    for place in range(bits):
        turned |= np.where(place < wanted, np.uint64(1) << order[:, place], np.uint64(0))
    hashes[rows[:, 1]] = hashes[rows[:, 0]] ^ turned
    return hashes, np.sort(rows, axis=1)


def measure(count: int, bits: int, seed: int) -> dict[str, Any]:
    """Return what `find_near_pairs` takes and finds."""
    from curation.near_hashes import find_near_pairs, plan_blocks

    hashes, planted = plant(count, bits, seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu, wall = time.process_time(), time.monotonic()
    found = find_near_pairs(hashes, max_bits=bits)
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    codes = found.first * count + found.second
    share = float(np.isin(planted[:, 0] * count + planted[:, 1], codes).mean())
    return {
        "hashes": count,
        "bits": bits,
        "blocks": plan_blocks(count, bits),
        "cpu_s": round(cpu, 2),
        "wall_s": round(wall, 2),
        "planted": len(planted),
        "planted_found_percent": round(100 * share, 3),
        "pairs": len(found),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MEGABYTE,
        "peak_before_mb": before // _MEGABYTE,
    }


def measure_peer(count: int, bits: int, seed: int) -> dict[str, Any]:
    """Return what imagededup takes and finds on `count` hashes, and what we take on the same."""
    # Its search of hashes needs no torchvision, only its package asks for it; that wheel breaks other packages here.
    if importlib.util.find_spec("torchvision") is None:
        for name in ("", ".transforms", ".models", ".models.vision_transformer"):
            sys.modules[f"torchvision{name}"] = MagicMock()
    try:  # by name: it is no dependency of ours
        search = importlib.import_module("imagededup.handlers.search.retrieval")
    except ImportError as fault:
        return {"peer": "imagededup", "skipped": f"not installed here ({fault})"}
    hashes, planted = plant(count, bits, seed)
    encodings = {str(row): f"{int(value):016x}" for row, value in enumerate(hashes)}
    before, wall = os.times(), time.monotonic()
    found = search.HashEval(encodings, encodings, _bits_apart, verbose=False, threshold=bits).retrieve_results()
    after, wall = os.times(), time.monotonic() - wall
    cpu = sum(after[:4]) - sum(before[:4])  # its worker processes count
    share = np.mean([str(b) in found[str(a)] for a, b in planted.tolist()])
    return {
        "peer": "imagededup",
        "hashes": count,
        "cpu_s": round(cpu, 2),
        "wall_s": round(wall, 2),
        "planted_found_percent": round(100 * float(share), 3),
        "agegap": measure(count, bits, seed),
    }


def _bits_apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


if __name__ == "__main__":
    main()
