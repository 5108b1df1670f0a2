"""What the scale benchmark says of a stage follows from its samples, and it sees processes and files as they are."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from agegap.errors import DataFailed
from benchmarks.scale_figures import NOTHING, growth_of
from benchmarks.scale_site import draw_site, files_of
from benchmarks.scale_table import table_of
from benchmarks.scale_watch import Sample, watch


def samples(cpu_ms_of_row: list[float], *, memory_mb: list[float] | None = None) -> list[Sample]:
    """Return a sample after each hundred rows, with two seconds of start before and one of end behind."""
    memory = memory_mb or [100.0] * len(cpu_ms_of_row)
    seen, cpu_s = [Sample(0.0, 0.0, 50.0, 0), Sample(1.0, 2.0, 50.0, 0)], 2.0
    for number, (cpu_ms, held) in enumerate(zip(cpu_ms_of_row, memory, strict=True), start=1):
        cpu_s += cpu_ms * 0.1
        seen.append(Sample(cpu_s * 3, cpu_s, held, number * 100))
    return [*seen, Sample(cpu_s * 3 + 5, cpu_s + 1, 400.0, len(cpu_ms_of_row) * 100)]


def test_an_even_stage_is_as_fast_at_its_end_whatever_its_start_and_end_cost() -> None:
    found = growth_of(samples([7.0] * 100))
    assert found.cpu_share == pytest.approx(1.0)
    assert found.wall_share == pytest.approx(1.0)
    assert found.bytes_a_row == pytest.approx(0.0, abs=1e-3)
    assert (found.memory_first_mb, found.memory_last_mb) == (100.0, 100.0)


def test_a_last_tenth_that_costs_twice_as_much_is_half_as_fast() -> None:
    assert growth_of(samples([5.0] * 89 + [10.0] * 11)).cpu_share == pytest.approx(0.5, rel=0.02)
    assert growth_of(samples([10.0] * 10 + [5.0] * 90)).cpu_share == pytest.approx(2.0, rel=0.1)


def test_what_closes_a_stage_before_its_last_row_is_told_is_not_its_last_tenth() -> None:
    assert growth_of(samples([5.0] * 99 + [50.0])).cpu_share == pytest.approx(1.0, rel=0.02)


def test_memory_that_grows_with_the_rows_is_seen_a_byte_a_row() -> None:
    found = growth_of(samples([5.0] * 100, memory_mb=[100 + 0.03 * number for number in range(100)]))
    assert found.bytes_a_row == pytest.approx(0.03 * 1e6 / 100)
    assert (found.memory_first_mb, found.memory_last_mb) == pytest.approx((100.6, 102.94), abs=0.04)


def test_a_stage_that_went_by_unseen_says_nothing() -> None:
    assert growth_of([]) == growth_of(samples([5.0] * 3)) == NOTHING


def test_processor_seconds_and_memory_are_those_of_the_whole_tree(tmp_path: Path) -> None:
    # A child burns half a processor second and holds 60 MB; its parent only waits and prints.
    child = "import time; held = bytearray(60_000_000)\nwhile time.process_time() < 0.5: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print('done', flush=True)"
    parent += "; import time; time.sleep(0.3)"
    watched = watch(
        [sys.executable, "-c", parent], environment=dict(os.environ), folder=tmp_path, done=lambda: 7, every_s=0.02
    )
    assert watched.said == "done\n"
    assert watched.samples[-1].cpu_s >= 0.5  # the child's, though it had ended
    assert max(sample.memory_mb for sample in watched.samples) > 60
    assert {sample.done for sample in watched.samples} == {7}


def test_a_command_that_fails_stops_the_benchmark(tmp_path: Path) -> None:
    with pytest.raises(DataFailed, match="exit code 3"):
        watch([sys.executable, "-c", "exit(3)"], environment={}, folder=tmp_path, done=lambda: 0, every_s=0.02)


def test_a_killed_drawing_goes_on_and_gives_the_same_photos(tmp_path: Path) -> None:
    site = draw_site(tmp_path / "site", people=3, photos=2, workers=1)
    before = {path: path.read_bytes() for path in files_of(site)}
    assert len([path for path in before if path.suffix == ".jpg"]) == 6
    (site / "names.txt").unlink()  # written last
    next(path for path in before if path.suffix == ".jpg").unlink()
    draw_site(site, people=3, photos=2, workers=1)
    assert {path: path.read_bytes() for path in files_of(site)} == before


def test_the_table_names_the_stage_that_slows_and_multiplies_the_cost() -> None:
    stage: dict[str, Any] = {"rows": 100, "cpu_s": 3.6, "wall_s": 5.0, "peak_mb": 80.0, "wall_share": 1.0}
    stage |= {"memory_first_mb": 70.0, "memory_last_mb": 71.0, "bytes_a_row": 2.0, "disk_bytes": {"photos": 1_000_000}}
    known: dict[str, Any] = {"plan": {"photos": 100}, "stages": {"crawl": {**stage, "cpu_share": 0.95}}}
    told = table_of(known)
    assert "no stage slows" in told
    assert "| 10,000,000 | 100 | 0.10 |" in told  # 36 ms and 10 kB each
    known["stages"]["faces"] = {**stage, "cpu_share": 0.85}
    assert "slower at the end than 90% of the beginning: faces" in table_of(known)
