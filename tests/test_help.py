"""Every command answers `--help` at once, which means: without importing what is slow; and docs/cli.md repeats it.

Wall time is not asserted (a busy machine would fail the test); what costs it is.
"""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from agegap import cli_doc
from agegap.cli_doc import HelpPage, help_pages, programs
from curation.cli import COMMANDS as CURATE
from train.cli import COMMANDS as TRAIN

ROOT = Path(__file__).resolve().parents[1]

SLOW = {
    *("aiohttp", "alembic", "cv2", "gradio", "httptools", "matplotlib", "onnx", "onnxruntime"),
    *("optuna", "pyarrow", "scrapy", "sqlalchemy", "torch", "twisted"),
}
"""Each takes 0.1 to 2 s to import."""


@cache
def _pages(program: str) -> tuple[HelpPage, ...]:
    return tuple(help_pages(program))


@pytest.mark.parametrize("program", programs())
def test_help_is_there_and_imports_nothing_slow(program: str) -> None:
    for page in _pages(program):
        assert page.exit_code == 0, f"{page.command}: {page.text}"
        assert page.text.startswith("Usage: "), page.command
        assert page.imported & SLOW == set(), page.command


@pytest.mark.parametrize("command", [*(f"curate {name}" for name in CURATE), *(f"train {name}" for name in TRAIN)])
def test_each_written_out_command_is_listed(command: str) -> None:
    assert command in {page.command for page in _pages(command.split()[0])}


def test_the_import_check_can_fail() -> None:
    """A module that imports sqlalchemy must be seen to."""
    (page,) = help_pages("python -m alembic.config")
    assert page.imported & SLOW >= {"alembic", "sqlalchemy"}


@pytest.mark.parametrize("command", ["crawl", "coverage", "sync", "attribution", "extract-years"])
def test_help_of_scrapy_commands_is_there(command: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "scrapy", command, "--help"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    assert command in asked.stdout


def test_the_page_of_commands_is_fresh() -> None:
    assert cli_doc.PAGE.read_text(encoding="utf-8") == cli_doc.render(_pages), "run `make docs`"
