"""What the worker processes of test_processes.py do; spawned processes import it by name."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


def start_doubling(offset: int) -> Callable[[int], int]:
    """Return a task: double a number and add `offset`."""
    return lambda number: 2 * number + offset


def start_fragile(folder: str) -> Callable[[int], int]:
    """Return a task that kills its process on 13 always, on 7 the first time."""

    def work(number: int) -> int:
        marker = Path(folder) / f"died_{number}"
        if number == 13 or (number == 7 and not marker.exists()):
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    return work


def start_dead() -> Callable[[int], int]:
    """Die before the first task."""
    os.kill(os.getpid(), signal.SIGKILL)
    return lambda number: number


def start_telling(folder: str) -> Callable[[int], int]:
    """Return a task that leaves its process id in `folder` and takes a while."""

    def work(number: int) -> int:
        (Path(folder) / str(os.getpid())).touch()
        time.sleep(0.02)
        return number

    return work


def fail_on_three(number: int) -> int:
    """Raise for 3."""
    if number == 3:
        raise ValueError("three")
    return number


def start_failing() -> Callable[[int], int]:
    """Return a task that raises for 3."""
    return fail_on_three
