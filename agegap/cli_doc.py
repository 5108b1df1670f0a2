"""Writing docs/cli.md from the commands' own `--help`: `python -m agegap.cli_doc` (or `make docs`).

A command is one of the two console scripts or a module with a `__main__`; what is listed below "Commands:" in a
help page is a command too. Each is asked in a process of its own, as a user would.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agegap.errors import DataFailed
from agegap.files import write_text

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "cli.md"
SCRIPTS = ("curate", "train")
MODULE_PACKAGES = ("crawler", "benchmarks")
"""Where modules are that `python -m` runs for a user."""

_HEAD = """\
# Commands

Written by `make docs` from the commands' own `--help`. Exit codes: 0 done, 1 the data failed, 2 wrong use.
Results go to standard output, progress and messages to standard error. Every command can be run twice and killed at
any instant. The catalog is `AGEGAP_CATALOG`, the data folder `AGEGAP_DATA`; settings stand in `agegap.toml`.
The commands of `scrapy` are told in [crawl.md](crawl.md) (`crawl`, `coverage`, `extract-years`) and [law.md](law.md)
(`sync`, `attribution`).
"""


@dataclass(frozen=True)
class HelpPage:
    """What a command said to `--help`."""

    command: str  # as a user types it
    text: str
    exit_code: int
    imported: frozenset[str]  # top-level names of all modules that were imported on the way


def programs() -> list[str]:
    """Return every command that has no parent, as a user types it."""
    return [*SCRIPTS, *(f"python -m {name}" for name in _runnable_modules())]


def help_pages(command: str) -> Iterator[HelpPage]:
    """Ask `command` and all that are listed below it for help."""
    page = _ask(command)
    yield page
    for name in _listed_commands(page.text):
        yield from help_pages(f"{command} {name}")


def render(pages_of: Callable[[str], Iterable[HelpPage]] = help_pages) -> str:
    """Return the text of docs/cli.md; raise DataFailed when a command has no help."""
    sections = [_HEAD]
    for program in programs():
        for page in pages_of(program):
            if page.exit_code != 0:
                raise DataFailed(f"`{page.command} --help` ended with {page.exit_code}: {page.text[-500:]}")
            sections.append(f"## {page.command}\n\n```\n{page.text.rstrip()}\n```\n")
    return "\n".join(sections)


def _runnable_modules() -> list[str]:
    names = []
    for package in MODULE_PACKAGES:
        # What lies in folders of benchmarks/ are parts of the ones above, which name them.
        files = (ROOT / package).glob("*.py") if package == "benchmarks" else (ROOT / package).rglob("*.py")
        for file in sorted(files):
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            if file.name == "__main__.py":
                names.append(module.removesuffix(".__main__"))
            elif package == "benchmarks" and _has_main_block(file):
                names.append(module)
    return names


def _has_main_block(file: Path) -> bool:
    """Say whether a file is a command; a program that a benchmark starts for itself takes no options."""
    text = file.read_text(encoding="utf-8")
    ends = [node for node in ast.parse(text).body if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)]
    return bool(ends) and ("@click.command" in text or "run_alone" in text)


def _ask(command: str) -> HelpPage:
    words = command.split()
    if words[0] in SCRIPTS:
        code = f"import sys; sys.argv[0] = {words[0]!r}; from agegap.entry import {words[0]}; {words[0]}()"
        start = ["-c", code, *words[1:]]
    else:
        start = words[1:]
    asked = subprocess.run(
        [sys.executable, "-X", "importtime", *start, "--help"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    imports = re.findall(r"^import time:.*\| +(\w+)", asked.stderr, flags=re.MULTILINE)
    said = "\n".join(line for line in asked.stderr.splitlines() if not line.startswith("import time:"))
    return HelpPage(command, asked.stdout or said, asked.returncode, frozenset(imports))


def _listed_commands(text: str) -> list[str]:
    listed = text.partition("\nCommands:\n")[2]
    return re.findall(r"^  ([a-z][\w-]*)", listed, flags=re.MULTILINE)


def main() -> None:
    """Write docs/cli.md."""
    try:
        write_text(PAGE, render())
    except DataFailed as error:
        sys.exit(f"cli_doc: {error}")


if __name__ == "__main__":
    main()
