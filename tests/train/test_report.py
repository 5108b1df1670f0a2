"""The page of a run: complete, by itself, without faces unless asked, and safe against what names say."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from agegap.errors import BadInputFile, WrongUse
from agegap.html import element
from tests.train.conftest import Drawn, TrainedSystem
from tests.train.said import invented_run, invented_table
from tests.train.small import small_recipe
from train.evaluation.evaluate import evaluate
from train.report.drawings import bars, lines
from train.report.markup import table
from train.report.page import write_report
from train.stages.finetune import finetune


class _Reader(HTMLParser):
    """Collects the tags and checks that they close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)
        self.outside += [value for name, value in attrs if name in ("src", "href") and value]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _read(path: Path) -> _Reader:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    assert not reader.open
    return reader


@pytest.fixture
def evaluated(system: TrainedSystem, drawn: Drawn, tmp_path: Path) -> Path:
    run = tmp_path / "run"
    shutil.copytree(system.run / "pretrain", run)
    evaluate(run, drawn.test)
    return run


def test_evaluate_leaves_a_page_that_needs_no_other_file_and_shows_no_face(evaluated: Path) -> None:
    page = _read(evaluated / "report.html")
    assert page.outside == []
    assert "script" not in page.seen
    assert page.seen.count("svg") >= 5  # four of the errors, one at least of training
    text = (evaluated / "report.html").read_text(encoding="utf-8")
    measured = json.loads((evaluated / "evaluation.json").read_text(encoding="utf-8"))
    assert f"{measured['mae']:.2f}" in text
    assert f"{measured['confidence']['mae'][0]:.2f} to {measured['confidence']['mae'][1]:.2f}" in text
    assert measured["test"]["manifest_sha256"][:16] in text


def test_faces_are_shown_when_asked_for_and_only_of_the_folder_measured(evaluated: Path, drawn: Drawn) -> None:
    page = _read(write_report(evaluated, faces_of=drawn.test))
    assert len(page.outside) == 32
    assert all(source.startswith("data:image/jpeg;base64,") for source in page.outside)
    with pytest.raises(WrongUse, match="not the folder that was measured on"):
        write_report(evaluated, faces_of=drawn.labelled)


def test_a_report_can_be_passed_on_without_saying_where_things_lie(tmp_path: Path) -> None:
    run = invented_run(tmp_path / "run", invented_table(seed=0))
    assert "secret" not in write_report(run).read_text(encoding="utf-8")


def test_tables_stand_in_the_order_of_numbers_though_the_file_has_that_of_letters(tmp_path: Path) -> None:
    run = invented_run(tmp_path / "run", invented_table(seed=0))
    text = write_report(run).read_text(encoding="utf-8")
    assert re.findall(r"CS\((\d+)\)", text) == [str(years) for years in range(1, 11)]


def test_a_name_with_markup_stays_text(tmp_path: Path) -> None:
    run = invented_run(tmp_path / "<b>run&", invented_table(seed=0))
    text = write_report(run).read_text(encoding="utf-8")
    assert "<b>run" not in text
    assert "&lt;b&gt;run&amp;" in text
    assert element("i", "<", title='"') == '<i title="&quot;">&lt;</i>'
    assert "<td>&lt;x&gt;</td>" in table(["a", "b"], [["1", "<x>"]])


def test_a_run_that_was_not_evaluated_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with pytest.raises(BadInputFile, match="run `train evaluate` first"):
        write_report(tmp_path / "run")
    (tmp_path / "run" / "evaluation.json").write_text('{"mae": 3, "test": {}}', encoding="utf-8")
    with pytest.raises(BadInputFile, match="older program"):
        write_report(tmp_path / "run")


def test_drawings_of_one_point_and_of_negative_values_do_not_fail() -> None:
    assert "polyline" in lines({"a": [(3.0, 0.0)]}, x_name="x", y_name="y")
    assert "nan" not in bars({"0-9": 0.0}, {"0-9": -3.0}, y_name="years", names=("a", "b"))


def test_the_card_names_data_licences_errors_and_use_and_no_place_on_this_machine(
    evaluated: Path, drawn: Drawn
) -> None:
    card = (evaluated / "MODEL_CARD.md").read_text(encoding="utf-8")
    measured = json.loads((evaluated / "evaluation.json").read_text(encoding="utf-8"))
    for decade, one in measured["per_decade"].items():
        assert f"| {decade} | {one['count']} | {one['mae']:.2f} |" in card
    for words in ("labelled: labelled", "not stated", "Not meant for", measured["weights_sha256"], "tiny_age_net"):
        assert words in card
    assert str(drawn.test.parent) not in card


def test_the_card_of_a_fine_tuned_net_names_the_data_its_first_weights_learned_from(
    system: TrainedSystem, drawn: Drawn, tmp_path: Path
) -> None:
    recipe = small_recipe(finetune={"steps": 2, "replay_per_batch": 0})
    run = finetune(system.run / "pretrain", tmp_path / "run", pairs=drawn.pairs, labelled=[], recipe=recipe).run
    evaluate(run, drawn.test)
    card = (run / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| pairs: pairs |" in card
    assert "| labelled: labelled |" in card
