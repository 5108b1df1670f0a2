"""The runner of commands: what it takes for a result, and what it does when a command fails."""

from pathlib import Path

import pytest

from agegap.errors import DataFailed
from benchmarks.steps import Workbench, last_json, table


def test_the_last_line_of_output_is_the_result() -> None:
    assert last_json('some line\n{"pairs": 3}\n\n') == {"pairs": 3}
    assert last_json("\n") == {}


def test_a_failed_command_ends_the_run_with_its_exit_code(tmp_path: Path) -> None:
    with pytest.raises(DataFailed, match="exit code 2"):
        Workbench(tmp_path).run("train", "train", "run", "age-diference", "--pairs", "x", "--test", "x", "--out", "x")


def test_commands_get_the_workbench_and_never_the_users_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLICKR_API_KEY", "the-users-own")
    environment = Workbench(tmp_path).environment()
    assert environment["AGEGAP_CATALOG"].endswith("catalog.db")
    assert str(tmp_path) in environment["AGEGAP_CATALOG"]
    assert "the-users-own" not in environment.values()


def test_seconds_of_a_stage_add_up(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.seconds["faces"] = 5.0
    with bench.timed("faces"):
        pass
    assert bench.seconds["faces"] >= 5.0


def test_a_table_has_a_row_for_each_figure() -> None:
    text = table([("photos", 12345), ("MAE", 4.5678), ("heading", "")], title="demo")
    assert "12,345" in text
    assert "4.57" in text
    assert text.splitlines()[0] == "demo"
