"""Watching a command from outside: processor seconds and memory of its processes, and how many rows it has done.

Processor seconds are of the whole tree of processes: of those that run, and of those that ended, which the kernel adds
to their parents.
"""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agegap.errors import DataFailed

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MEGABYTE = 1e6


@dataclass(frozen=True)
class Sample:
    """What was seen at one moment; the memory is the sum over all processes."""

    wall_s: float
    cpu_s: float
    memory_mb: float
    done: int


@dataclass(frozen=True)
class Watched:
    """A command that ended well: what it said and the samples of its life."""

    said: str
    samples: list[Sample]


def watch(
    command: Sequence[str], *, environment: dict[str, str], folder: Path, done: Callable[[], int], every_s: float
) -> Watched:
    """Run a command and look at it every `every_s` seconds; `done` counts the rows it has finished.

    Raises DataFailed where it ends badly; its standard error is ours.
    """
    out = folder / "said.txt"
    started = time.monotonic()
    samples: list[Sample] = []
    with out.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, env=environment, cwd=folder)
        try:
            while process.poll() is None:
                cpu_s, memory_mb = tree_of(process.pid)
                if memory_mb:  # it has not ended meanwhile
                    samples.append(Sample(time.monotonic() - started, cpu_s, memory_mb, done()))
                time.sleep(every_s)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode:
        raise DataFailed(f"`{' '.join(command)}` ended with exit code {process.returncode}; its reason stands above")
    if samples:
        last = samples[-1]
        samples.append(Sample(time.monotonic() - started, last.cpu_s, last.memory_mb, done()))
    return Watched(out.read_text(encoding="utf-8"), samples)


def tree_of(pid: int) -> tuple[float, float]:
    """Return processor seconds and resident megabytes of a process and all that came of it; zeros when it is gone."""
    children: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        number = int(entry.name)
        children.setdefault(int(fields[1]), []).append(number)
        ticks[number] = sum(map(int, fields[11:15]))  # own user and system time, and those of children that ended
    waiting, spent, pages = [pid], 0, 0
    while waiting:
        number = waiting.pop()
        spent += ticks.get(number, 0)
        pages += _resident_pages(number)
        waiting += children.get(number, [])
    return spent / _TICKS, pages * _PAGE / _MEGABYTE


def _resident_pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0
