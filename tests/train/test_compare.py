"""Runs side by side: over the same faces, by whole people, with a warning where test sets differ."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from agegap.errors import BadInputFile, WrongUse
from tests.train.said import invented_run, invented_table
from train.commands.compare import compare as command
from train.evaluation.compare import compare, names_of, table_of, write_comparison
from train.evaluation.measures.people import paired_doubt


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    """A worse run, and a better one on the same faces."""
    return [
        invented_run(tmp_path / "worse", invented_table(seed=1, error=9.0, faces=120)),
        invented_run(tmp_path / "better", invented_table(seed=2, error=2.0, faces=120)),
    ]


def test_the_difference_is_that_of_the_same_faces_drawn_by_people(runs: list[Path]) -> None:
    first, second = (invented_table(seed=seed, error=error, faces=120) for seed, error in ((1, 9.0), (2, 2.0)))
    errors = [np.abs(one.said - one.age) for one in (first, second)]
    expected = paired_doubt(errors[0], errors[1], first.people)
    found = compare(runs)
    assert found.runs[0].mae_difference is None
    difference = found.runs[1].mae_difference
    assert difference is not None
    assert difference.value == pytest.approx(expected.value, abs=1e-4)
    assert difference.p < 0.01
    assert (found.faces, found.warnings) == (120, ())
    assert found.people == int(first.people.max()) + 1


def test_order_of_the_rows_does_not_matter(runs: list[Path], tmp_path: Path) -> None:
    turned = invented_table(seed=2, error=2.0, faces=120).at(np.arange(120)[::-1].copy())
    other = compare([runs[0], invented_run(tmp_path / "turned", turned)])
    straight = compare(runs)
    assert other.runs[1].mae_difference == straight.runs[1].mae_difference


def test_different_test_sets_are_told_and_only_shared_faces_count(runs: list[Path], tmp_path: Path) -> None:
    part = invented_table(seed=3, faces=120).at(np.arange(50))
    found = compare([runs[0], invented_run(tmp_path / "part", part, manifest="n" * 64)])
    assert found.faces == 50
    assert "different test sets" in found.warnings[0]
    assert found.runs[0].measured["count"] == 50


def test_what_cannot_be_compared_is_one_sentence(runs: list[Path], tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="at least two"):
        compare(runs[:1])
    with pytest.raises(BadInputFile, match="run `train evaluate` first"):
        compare([runs[0], tmp_path / "nothing"])
    table = invented_table(seed=1)
    apart = invented_run(tmp_path / "apart", table.at(np.arange(5)))
    with pytest.raises(WrongUse, match="none is shared"):
        compare([apart, invented_run(tmp_path / "other", table.at(np.arange(6, 9)))])


def test_folders_called_alike_are_told_apart(tmp_path: Path) -> None:
    folders = [tmp_path / name / "finetune" for name in ("a", "b")]
    for seed, path in enumerate(folders):
        invented_run(path, invented_table(seed=seed))
    assert names_of(compare(folders)) == ["a/finetune", "b/finetune"]


def test_table_json_and_page_say_the_same(runs: list[Path], tmp_path: Path) -> None:
    asked = [*map(str, runs), "--json", "--html", str(tmp_path / "side.html")]
    answer = CliRunner().invoke(command, asked, catch_exceptions=False)
    content = json.loads(answer.stdout)
    mae = content["runs"]["better"]["mae"]
    assert f"{mae:.2f}" in table_of(compare(runs))
    assert f"{mae:.2f}" in (tmp_path / "side.html").read_text(encoding="utf-8")
    assert content["runs"]["better"]["mae_against_first"]["p"] < 0.01
    write_comparison(tmp_path / "side.html", compare(runs))
