"""The table of the crawl benchmark: goals are held against figures, and one that is missed is told and seen."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from agegap.errors import UnknownName
from benchmarks import crawl
from benchmarks.crawl_rows.figures import (
    Bench,
    Figure,
    Row,
    at_least,
    at_most,
    bench_options,
    missed,
    none_of,
    run_rows,
    table_of,
)


@pytest.mark.parametrize(
    ("figure", "is_met"),
    [
        (at_most("x", 1.0, 1.0), True),
        (at_most("x", 1.01, 1.0), False),
        (at_most("x", None, 1.0), None),
        (at_least("x", 97.0, 97), True),
        (at_least("x", 96.99, 97), False),
        (none_of("x", 0), True),
        (none_of("x", 1), False),
        (Figure("x", 5), None),
    ],
)
def test_a_goal_is_met_up_to_its_very_number(figure: Figure, is_met: bool | None) -> None:
    assert figure.is_met is is_met


def test_what_was_missed_is_named_and_what_was_not_measured_is_not() -> None:
    rows = {"kills": [none_of("lost", 3), none_of("twice", 0)], "images": [at_least("ratio", None, 1.4)]}
    assert missed(rows) == ["kills: lost"]
    text = table_of("kills", rows["kills"])
    assert [line.split()[-1] for line in text.splitlines()[1:]] == ["MISSED", "met"]


def test_each_row_is_written_as_soon_as_it_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def second(bench: Bench) -> list[Figure]:
        seen = json.loads((bench.out / "crawl.json").read_text())
        assert list(seen["rows"]) == ["first"]
        return [none_of("lost", 1)]

    rows: dict[str, Row] = {"first": lambda _bench: [Figure("photos", 12_345)], "second": second}
    assert run_rows(rows, Bench(tmp_path, seed=7), as_json_line=True) == ["second: lost"]
    written = json.loads((tmp_path / "crawl.json").read_text())
    assert json.loads(capsys.readouterr().out)["rows"] == written["rows"]
    assert written["seed"] == 7
    assert written["rows"]["first"][0]["value"] == 12_345


def test_an_unknown_row_is_wrong_use_with_the_nearest_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(crawl.main, ["--out", str(tmp_path), "--only", "kill"])
    assert isinstance(result.exception, UnknownName)
    assert "did you mean 'kills'" in str(result.exception)


def test_rows_run_in_their_order_with_what_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, Bench]] = []

    def row(name: str) -> Row:
        def measure(bench: Bench) -> list[Figure]:
            ran.append((name, bench))
            return [none_of("lost", int(name == "resume"))]

        return measure

    for name in crawl.ROWS:
        monkeypatch.setattr(f"benchmarks.crawl_rows.{name}.measure", row(name))
    typed = ["--out", str(tmp_path), "--only", "resume", "--only", "memory", "--quick", "--kills", "3", "--seed", "5"]
    result = CliRunner().invoke(crawl.main, typed, standalone_mode=False)
    assert [name for name, _ in ran] == ["memory", "resume"]
    assert ran[0][1] == Bench(tmp_path, quick=True, kills=3, seed=5)
    assert result.return_value == 1


def test_a_seed_that_is_not_given_is_another_one_each_time(tmp_path: Path) -> None:
    seeds = []
    command = click.command()(bench_options(lambda bench, **_: seeds.append(bench.seed)))
    for _ in range(2):
        CliRunner().invoke(command, ["--out", str(tmp_path)], catch_exceptions=False)
    assert len(set(seeds)) == 2
