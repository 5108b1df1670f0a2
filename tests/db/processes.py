"""Several real processes on one catalog, started at one word: races are about the database, not about Python."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FRAME = """
import sys
from db.session import open_catalog
engine = open_catalog(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
"""


def start(program: str, catalog_url: str, *arguments: str) -> subprocess.Popen[str]:
    """Start `program`, which finds `engine` and `sys.argv[2:]`, and wait until it stands ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", _FRAME + program, catalog_url, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    return process


def say_go(process: subprocess.Popen[str]) -> None:
    """Let a process that stands ready go on."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def run_together(processes: list[subprocess.Popen[str]]) -> list[list[str]]:
    """Let them run beside each other to their ends; return the lines each of them printed."""
    for process in processes:
        say_go(process)
    lines = []
    for process in processes:
        out, fault = process.communicate(timeout=120)
        assert (process.returncode, fault) == (0, "")
        lines.append(out.splitlines())
    return lines
