"""Tasks over worker processes: in order, none lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agegap.errors import DataFailed
from curation.processes import AHEAD, Workers
from tests.curation.process_tasks import (
    start_dead,
    start_doubling,
    start_failing,
    start_fragile,
    start_telling,
)


def crashed(number: int) -> int:
    return -number


@pytest.mark.parametrize("count", [0, 1, 3])
def test_results_come_in_the_order_of_the_tasks(count: int) -> None:
    workers = Workers[int, int](start_doubling, (5,), count=count)
    assert list(workers.map(range(40), crashed=crashed)) == [2 * n + 5 for n in range(40)]


def test_tasks_are_drawn_only_a_little_ahead() -> None:
    drawn: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(1_000):
            drawn.append(number)
            yield number

    results = Workers[int, int](start_doubling, (0,), count=2).map(tasks(), crashed=crashed)
    next(results)
    assert len(drawn) <= 2 * AHEAD + 1
    results.close()  # type: ignore[attr-defined]


def test_a_task_whose_worker_died_once_is_done_and_one_that_kills_is_given_up(tmp_path: Path) -> None:
    workers = Workers[int, int](start_fragile, (str(tmp_path),), count=2)
    expected = [-n if n == 13 else n for n in range(30)]
    assert list(workers.map(range(30), crashed=crashed)) == expected
    assert (tmp_path / "died_7").exists()


def test_workers_that_cannot_start_are_no_fault_of_the_tasks() -> None:
    with pytest.raises(DataFailed, match="die before they begin"):
        list(Workers[int, int](start_dead, (), count=1).map(range(3), crashed=crashed))


@pytest.mark.parametrize("count", [0, 1])
def test_an_error_in_a_task_reaches_the_caller(count: int) -> None:
    results = Workers[int, int](start_failing, (), count=count).map(range(9), crashed=crashed)
    with pytest.raises(ValueError, match="three"):
        list(results)


_PARENT = """
import sys
from curation.processes import Workers
from tests.curation.process_tasks import start_telling
if __name__ == "__main__":
    for _ in Workers(start_telling, (sys.argv[1],), count=2).map(range(100_000), crashed=int):
        pass
"""


def is_running(pid: int) -> bool:
    """Return whether a process runs; one that ended and was not yet collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def wait_until(is_met: object, *, timeout_s: float = 60) -> None:
    assert callable(is_met)
    end = time.monotonic() + timeout_s
    while not is_met():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, str(tmp_path)], env=environment)
    try:
        wait_until(lambda: len(list(tmp_path.iterdir())) == 2)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    pids = [int(path.name) for path in tmp_path.iterdir()]
    wait_until(lambda: not any(is_running(pid) for pid in pids))


def test_the_task_of_that_test_runs_here_too(tmp_path: Path) -> None:
    assert start_telling(str(tmp_path))(4) == 4
    assert (tmp_path / str(os.getpid())).exists()
