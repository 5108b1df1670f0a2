"""The commands as they are typed: what they print, what they exit with, what one sentence they say."""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.train.conftest import Drawn, TrainedSystem
from tests.train.small import SMALL
from train.cli import main
from train.presets import preset_names


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass
class Typed:
    """Runs the command line in this process."""

    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def __call__(self, *words: object) -> Outcome:
        self.patch.setattr(sys, "argv", ["train", *map(str, words)])
        code: Any = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        said = self.capture.readouterr()
        return Outcome(int(code or 0), said.out, said.err)


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Typed:
    monkeypatch.chdir(tmp_path)
    return Typed(capsys, monkeypatch)


def small(*tables: str) -> list[str]:
    words = []
    for table in tables:
        for key, value in SMALL[table].items():
            words += ["--set", f"{table}.{key}={value}"]
    return words


def _refused(outcome: Outcome, words: str) -> None:
    assert outcome.code == 2
    assert words in outcome.err
    assert outcome.err.startswith("train: ")
    assert outcome.err.count("\n") == 1
    assert not outcome.out


def test_run_again_skips_what_is_done_and_prints_the_same_table(
    typed: Typed, drawn: Drawn, system: TrainedSystem
) -> None:
    words = ["run", "age-difference", "--labelled", drawn.labelled, "--pairs", drawn.pairs, "--test", drawn.test]
    outcome = typed(*words, "--out", system.run, "--json", *small("net", "augment", "pretrain", "finetune"))
    assert outcome.code == 0, outcome.err
    table = json.loads(outcome.out)
    assert {key: table[key] for key in ("before", "after", "steps", "test_faces")} == {
        key: system.table[key] for key in ("before", "after", "steps", "test_faces")
    }
    assert table["seconds"] == {"pretrain": 0.0, "finetune": 0.0}


def test_the_three_commands_one_after_the_other(typed: Typed, drawn: Drawn, tmp_path: Path) -> None:
    sets = [*small("net", "augment"), "--set", "log_every=2"]
    first = typed("pretrain", "--labelled", drawn.labelled, "--out", "one", *sets, "--set", "epochs=1")
    assert first.code == 0, first.err
    assert "pretrain done" in first.out
    second = typed(
        *("finetune", "--from", "one", "--pairs", drawn.pairs, "--labelled", drawn.labelled, "--out", "two"),
        *(*small("augment"), "--set", "steps=3", "--set", "pairs_per_batch=4", "--set", "replay_per_batch=4", "--json"),
    )
    assert second.code == 0, second.err
    assert json.loads(second.out)["steps"] == 3  # the net is that of the checkpoint, without a word
    third = typed("evaluate", "two", "--test", drawn.test, "--json")
    assert third.code == 0, third.err
    measured = json.loads(third.out)
    assert measured["count"] == 20
    assert measured == json.loads((tmp_path / "two" / "evaluation.json").read_text(encoding="utf-8"))
    again = typed("pretrain", "--labelled", drawn.labelled, "--out", "one", *sets, "--set", "epochs=1")
    assert "was finished before" in again.out


def test_evaluate_prints_a_table(typed: Typed, drawn: Drawn, system: TrainedSystem) -> None:
    outcome = typed("evaluate", system.run, "--test", drawn.test)
    assert outcome.code == 0
    assert "mae" in outcome.out
    assert "0-9" in outcome.out


def test_an_unknown_preset(typed: Typed, drawn: Drawn) -> None:
    words = ("--labelled", drawn.labelled, "--out", "run")
    _refused(typed("pretrain", *words, "--preset", "age-differnce"), "did you mean 'age-difference'?")
    outcome = typed("run", "age-net", *words, "--pairs", drawn.pairs, "--test", drawn.test)
    _refused(outcome, "unknown preset 'age-net'; did you mean 'agenet'?")


def test_presets_are_listed_with_a_line_each(typed: Typed) -> None:
    outcome = typed("presets")
    assert outcome.code == 0
    lines = {line.split("  ")[0].strip(): line for line in outcome.out.splitlines()}
    assert lines.keys() == set(preset_names())
    assert "four VGG-16" in lines["dadl"]
    content = {one["preset"]: one for one in json.loads(typed("presets", "--json").out)["presets"]}
    assert content["dadl"]["members"] == ["one", "two", "three", "four"]
    assert content["age-timelines"]["needs_pairs"]
    assert not content["agenet"]["needs_pairs"]


def test_a_system_of_labels_alone_runs_without_pairs_and_another_asks_for_them(typed: Typed, drawn: Drawn) -> None:
    words = ("--labelled", drawn.labelled, "--test", drawn.test)
    sets = ("--set", "pretrain.epochs=1", "--set", "net.input_size=32", "--set", "pretrain.batch_size=14")
    outcome = typed("run", "lenet", *words, "--out", "lenet", "--json", *sets)
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["results"]["pretrain"]["steps"] == 3
    _refused(typed("run", "age-difference", *words, "--out", "other"), "name their dataset folder with --pairs")
    assert not Path("other").exists()


def test_pretraining_goes_on_from_another_run_with_its_net(typed: Typed, drawn: Drawn, system: TrainedSystem) -> None:
    words = ("--labelled", drawn.labelled, "--out", "next", "--set", "epochs=0.3", "--set", "batch_size=14")
    outcome = typed("pretrain", "--from", system.run, *words, "--json")
    assert outcome.code == 0, outcome.err
    notes = json.loads(Path("next/settings.json").read_text(encoding="utf-8"))
    assert notes["begins_with"] == "another run"
    assert notes["net"]["backbone"] == "tiny_age_net"
    assert notes["start"]["folder"].endswith("finetune/checkpoint.pt")


def test_an_unknown_setting(typed: Typed, drawn: Drawn) -> None:
    outcome = typed("pretrain", "--labelled", drawn.labelled, "--out", "run", "--set", "epoch=3")
    _refused(outcome, "unknown key 'epoch'; did you mean 'epochs'?")
    outcome = typed("pretrain", "--labelled", drawn.labelled, "--out", "run", "--set", "finetune.steps=3")
    _refused(outcome, "no table 'finetune' here")


def test_an_unknown_backbone(typed: Typed, drawn: Drawn) -> None:
    outcome = typed("pretrain", "--labelled", drawn.labelled, "--out", "run", "--set", "net.backbone=thin_agenet")
    _refused(outcome, "did you mean 'thin_age_net'?")
    assert not Path("run").exists()


def test_no_labelled_folder(typed: Typed) -> None:
    _refused(typed("pretrain", "--out", "run"), "--labelled")


def test_a_labelled_folder_that_is_none(typed: Typed, tmp_path: Path) -> None:
    _refused(typed("pretrain", "--labelled", tmp_path, "--out", "run"), "is not a dataset")
    assert not Path("run").exists()


def test_a_checkpoint_of_another_net(typed: Typed, drawn: Drawn, system: TrainedSystem) -> None:
    words = ("--pairs", drawn.pairs, "--labelled", drawn.labelled, "--out", "run")
    outcome = typed("finetune", "--from", system.run / "pretrain", *words, "--set", "net.backbone=small_resnet")
    _refused(outcome, "the checkpoint holds tiny_age_net at 32 pixels")


def test_a_run_that_is_none(typed: Typed, drawn: Drawn) -> None:
    _refused(typed("evaluate", "nothing", "--test", drawn.test), "nothing: there is no such file or folder")


def test_predict_answers_a_photo_that_does_not_exist_with_code_2(typed: Typed, system: TrainedSystem) -> None:
    _refused(typed("predict", "nobody.jpg", "--run", system.run), "nobody.jpg: there is no such file")


def test_predict_exits_with_code_1_when_a_photo_gave_no_age(typed: Typed, system: TrainedSystem) -> None:
    Image.new("RGB", (200, 200), "grey").save("empty.png")
    outcome = typed("predict", "empty.png", "--run", system.run, "--json")
    assert outcome.code == 1
    assert outcome.err == "train: empty.png: no face found\n"
    content = json.loads(outcome.out)
    assert content["images"] == []
    assert content["failed"] == [{"image": "empty.png", "reason": "no_face", "detail": "no face found"}]


def test_predict_says_age_and_interval(typed: Typed, system: TrainedSystem, photo: Path) -> None:
    outcome = typed("predict", photo, "--run", system.run)
    assert outcome.code == 0, outcome.err
    assert re.match(rf"{re.escape(str(photo))}  \d+ years \(90 %: \d+ to \d+\)", outcome.out)
    spoken = json.loads(typed("predict", photo, "--run", system.run, "--json").out)
    (answer,) = spoken["images"]
    assert answer["low"] <= answer["age"] <= answer["high"]
    assert spoken["failed"] == []
