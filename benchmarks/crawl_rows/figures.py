"""What a row of the benchmark is given, and the figures it gives back: each with the goal it is held against."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from agegap.files import write_json
from benchmarks.steps import click_help

Value = float | int | str | None
"""A figure; None: it could not be measured, and the note says why."""


@dataclass(frozen=True)
class Bench:
    """How a row is to run: `out` is its own folder's parent, `peers_python` the Python that has the other tools."""

    out: Path
    quick: bool = False
    peers_python: Path | None = None
    kills: int = 200
    seed: int = 0

    def folder(self, row: str) -> Path:
        """Return the folder of a row, made if need be."""
        folder = self.out.resolve() / row
        folder.mkdir(parents=True, exist_ok=True)
        return folder


@dataclass(frozen=True)
class Figure:
    """One line of the table. `is_met` is None where there is no goal, or nothing to hold against it."""

    what: str
    value: Value
    goal: str = ""
    is_met: bool | None = None
    note: str = ""


Row = Callable[[Bench], list[Figure]]


def at_most(what: str, value: float | None, most: float, *, note: str = "") -> Figure:
    """Return a figure that must not be above `most`."""
    return Figure(what, value, f"at most {most:,g}", None if value is None else value <= most, note)


def at_least(what: str, value: float | None, least: float, *, note: str = "") -> Figure:
    """Return a figure that must not be below `least`."""
    return Figure(what, value, f"at least {least:,g}", None if value is None else value >= least, note)


def none_of(what: str, count: int, *, note: str = "") -> Figure:
    """Return a count that must be 0."""
    return Figure(what, count, "0", count == 0, note)


def table_of(row: str, figures: Sequence[Figure]) -> str:
    """Return the figures of a row as text: what, how much, the goal, and whether it is met."""
    lines = [row]
    for figure in figures:
        mark = {True: "met", False: "MISSED", None: ""}[figure.is_met]
        line = f"  {figure.what:<74} {_text(figure.value):>12}  {figure.goal:<16} {mark:<6}"
        lines.append(f"{line} {figure.note}".rstrip())
    return "\n".join(lines)


def missed(rows: dict[str, list[Figure]]) -> list[str]:
    """Return what did not reach its goal, as `row: what`."""
    return [f"{row}: {figure.what}" for row, figures in rows.items() for figure in figures if figure.is_met is False]


def as_json(rows: dict[str, list[Figure]], bench: Bench) -> dict[str, Any]:
    """Return all that was measured, with what a reader needs to run it again."""
    return {
        "quick": bench.quick,
        "seed": bench.seed,
        "load": os.getloadavg(),
        "cores": os.cpu_count(),
        "rows": {row: [asdict(figure) for figure in figures] for row, figures in rows.items()},
    }


def run_rows(rows: dict[str, Row], bench: Bench, *, as_json_line: bool) -> list[str]:
    """Run rows one after another and print them; write OUT/crawl.json; return the goals that were missed."""
    done: dict[str, list[Figure]] = {}
    for name, row in rows.items():
        done[name] = row(bench)
        # At once: a later row may take a quarter of an hour.
        print(table_of(name, done[name]), file=sys.stderr if as_json_line else sys.stdout, flush=True)
        write_json(bench.out / "crawl.json", as_json(done, bench))
    if as_json_line:
        print(json.dumps(as_json(done, bench)))
    return missed(done)


def bench_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that all rows have to a click command, which is given a `Bench` and `as_json_line`."""
    options = [
        click.option(
            "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="folder to work in"
        ),
        click.option("--quick", is_flag=True, help="smaller sites: minutes instead of an hour"),
        click.option("--peers-python", type=click.Path(path_type=Path), help="Python that has img2dataset and Scrapy"),
        click.option("--kills", default=200, show_default=True, help="how often the crawl is killed"),
        click.option("--seed", type=int, help="of the moments of the kills; by default a new one, which is printed"),
        click.option("--json", "as_json_line", is_flag=True, help="print one line of JSON instead of the table"),
    ]

    def with_bench(
        out: Path,
        quick: bool,
        peers_python: Path | None,
        kills: int,
        seed: int | None,
        as_json_line: bool,
        **more: Any,
    ) -> Any:
        out.mkdir(parents=True, exist_ok=True)
        chosen = int.from_bytes(os.urandom(4)) if seed is None else seed
        bench = Bench(out, quick=quick, peers_python=peers_python, kills=kills, seed=chosen)
        return command(bench, as_json_line=as_json_line, **more)

    with_bench.__doc__ = command.__doc__
    for option in reversed(options):
        with_bench = option(with_bench)
    return with_bench


def run_alone(name: str, row: Row, docstring: str | None) -> None:
    """Run one row as a program; exit code 1 where it misses a goal."""
    from agegap.cli import run_command

    def command(bench: Bench, *, as_json_line: bool) -> int:
        return int(bool(run_rows({name: row}, bench, as_json_line=as_json_line)))

    run_command(
        click.command(name=name, help=click_help(docstring))(bench_options(command)),
        f"python -m benchmarks.crawl_rows.{name}",
    )


def _text(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else value
