"""`train tune`: the search, with arithmetic in the place of training; and once with a net."""

import json
import math
import multiprocessing
import os
import signal
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from agegap.errors import BadInputFile, DataFailed, NothingToDo, SettingsError, WrongUse
from tests.train.conftest import Drawn
from tests.train.drawn import write_labelled
from train.presets import Recipe, load_recipe, preset_names
from train.tuning.space import Choices, Range, Space, default_space, read_space
from train.tuning.training import Report, Stopped
from train.tuning.tune import TuneOrder, tune

SPACE: Space = {
    "pretrain.learning_rate": Range(1e-4, 1e-2, log=True),
    "pretrain.batch_size": Choices((16, 32)),
    "net.dropout": Range(0.0, 0.5),
}


def _error(recipe: Recipe) -> float:
    """Return an error that is least, 4 years, at a rate of 1e-3, batches of 32 and no dropout."""
    off = abs(math.log10(recipe.pretrain.learning_rate) + 3)
    return 4 + 3 * off + (recipe.pretrain.batch_size == 16) + 2 * float(recipe.net.dropout or 0)


@dataclass
class Arithmetic:
    """Takes three epochs to come down to the error; notes what it was asked."""

    folders: list[Path] = field(default_factory=list)
    epochs: list[int] = field(default_factory=list)

    def __call__(self, recipe: Recipe, folder: Path, *, report: Report) -> float:
        self.folders.append(folder)
        self.epochs.append(0)
        for epoch in (1, 2, 3):
            self.epochs[-1] = epoch
            if report(epoch, _error(recipe) + 6 / epoch):
                raise Stopped
        return _error(recipe)


@pytest.fixture
def order(drawn: Drawn) -> TuneOrder:
    """A search of eight trials."""
    return TuneOrder("dldl-v2", SPACE, (drawn.labelled,), 8)


@dataclass(frozen=True)
class Searched:
    """A finished search."""

    out: Path
    content: dict[str, Any]
    trainer: Arithmetic


@pytest.fixture(scope="module")
def searched(drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> Searched:
    """Twenty trials, done once for the tests that look at what came of them."""
    out, trainer = tmp_path_factory.mktemp("searched") / "study", Arithmetic()
    return Searched(out, tune(TuneOrder("dldl-v2", SPACE, (drawn.labelled,), 20), out, trainer=trainer), trainer)


def test_a_search_finds_better_values_as_it_goes_and_says_which(searched: Searched) -> None:
    content, trainer = searched.content, searched.trainer
    assert len(content["trials"]) == len(trainer.folders) == 20
    assert len(set(trainer.folders)) == 20
    assert json.loads((searched.out / "tune.json").read_text(encoding="utf-8")) == content
    best = content["best"]
    assert best["val_mae"] == min(one["val_mae"] for one in content["trials"] if one["state"] == "complete")
    # A stopped trial shows its last look, which Arithmetic puts above the error it would have come to.
    errors = [one["val_mae"] - (6 / one["epochs"] if one["state"] == "pruned" else 0) for one in content["trials"]]
    assert best["val_mae"] < min(errors[:5])  # the first five are drawn at random
    assert sum(errors[10:]) / 10 < sum(errors[:5]) / 5
    # What is written can be read back as settings, and gives that error again.
    tables = tomllib.loads((searched.out / "best.toml").read_text(encoding="utf-8"))["train"]
    assert _error(load_recipe("dldl-v2", typed=tables)) == pytest.approx(best["val_mae"])
    from train.presets import TABLES, parse_typed

    assert _error(load_recipe("dldl-v2", typed=parse_typed(best["set"], tables=TABLES))) == pytest.approx(
        best["val_mae"]
    )


def test_hopeless_trials_are_stopped_early(searched: Searched) -> None:
    content = searched.content
    states = [one["state"] for one in content["trials"]]
    assert content["stopped"] == states.count("pruned") > 0
    assert states[:5] == ["complete"] * 5
    assert {one["epochs"] for one in content["trials"] if one["state"] == "pruned"} <= {2, 3}  # never at the first
    assert content["measured"] + content["stopped"] == 20
    # Which trials: those worse than the median at an epoch before the last, never one of the best.
    worst_kept = sorted(one["val_mae"] for one in content["trials"] if one["state"] == "complete")
    assert worst_kept[0] < min(one["val_mae"] for one in content["trials"] if one["state"] == "pruned")


def test_a_second_call_goes_on_and_a_finished_one_does_nothing(order: TuneOrder, tmp_path: Path) -> None:
    first, second, third = Arithmetic(), Arithmetic(), Arithmetic()
    tune(replace(order, trials=5), tmp_path / "study", trainer=first)
    content = tune(order, tmp_path / "study", trainer=second)
    assert [len(first.folders), len(second.folders), len(content["trials"])] == [5, 3, 8]
    values = [json.dumps(one["values"]) for one in content["trials"]]
    assert len(set(values)) == 8  # a second call draws no value again
    tune(order, tmp_path / "study", trainer=third)
    assert third.folders == []


def test_one_seed_gives_one_search(order: TuneOrder, tmp_path: Path) -> None:
    order = replace(order, trials=6)  # the sixth is the first that learns from the others
    found = [tune(order, tmp_path / name, trainer=Arithmetic())["trials"] for name in ("one", "two")]
    assert [one["values"] for one in found[0]] == [one["values"] for one in found[1]]


def test_values_with_which_training_fails_are_noted(order: TuneOrder, tmp_path: Path) -> None:
    def train(recipe: Recipe, folder: Path, *, report: Report) -> float:
        if recipe.pretrain.batch_size == 16:
            raise DataFailed("the loss is not a number any more")
        return _error(recipe)

    content = tune(order, tmp_path / "study", trainer=train)
    failed = [one for one in content["trials"] if one["state"] == "fail"]
    assert len(failed) == content["failed"] > 0
    assert all(one["values"]["pretrain.batch_size"] == 16 for one in failed)
    assert {one["reason"] for one in failed} == {"the loss is not a number any more"}
    with pytest.raises(NothingToDo, match="the loss is not a number"):
        tune(replace(order, space={"pretrain.batch_size": Choices((16,))}, trials=2), tmp_path / "none", trainer=train)


def test_another_search_in_the_same_folder_is_one_sentence(order: TuneOrder, drawn: Drawn, tmp_path: Path) -> None:
    tune(replace(order, trials=1), tmp_path / "study", trainer=Arithmetic())
    for other, word in (
        (replace(order, preset="dldl"), "preset"),
        (replace(order, space={"net.dropout": Range(0, 0.5)}), "search"),
        (replace(order, labelled=(drawn.test,)), "data"),
        (replace(order, typed={"pretrain": {"epochs": "3"}}), "settings"),
    ):
        with pytest.raises(WrongUse, match=f"another '{word}'"):
            tune(other, tmp_path / "study", trainer=Arithmetic())
    with pytest.raises(WrongUse, match="holds no study"):
        tune(order, drawn.labelled, trainer=Arithmetic())
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "study.db").write_bytes(b"no database " * 500)
    with pytest.raises(BadInputFile, match="is no study"):
        tune(order, tmp_path / "broken", trainer=Arithmetic())


def test_the_page_has_a_line_a_trial_and_an_axis_a_setting(searched: Searched) -> None:
    content = searched.content
    page = (searched.out / "tune.html").read_text(encoding="utf-8")
    assert page.count("<polyline") == sum(one["val_mae"] is not None for one in content["trials"])
    assert page.count("<polyline") == page.count('class="c0"') + page.count('class="c1"')
    assert page.count('class="axis"') == 4
    assert "http" not in page.replace("http-equiv", "")


def test_tensorboard_gets_every_trial_once(searched: Searched) -> None:
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_file_loader")
    plugin = pytest.importorskip("tensorboard.plugins.hparams.plugin_data_pb2")
    content, found = searched.content, {}
    for one in content["trials"]:
        (file,) = (searched.out / "tensorboard" / f"trial-{one['trial']:04d}").glob("events*")
        for event in loader.EventFileLoader(str(file)).Load():
            for value in event.summary.value:
                if value.tag == "_hparams_/session_start_info":
                    data = plugin.HParamsPluginData.FromString(value.metadata.plugin_data.content)
                    found[one["trial"]] = {
                        name: hparam.number_value for name, hparam in data.session_start_info.hparams.items()
                    }
    assert found == {one["trial"]: pytest.approx(one["values"]) for one in content["trials"]}


class _Killed:
    """Kills its own process, as a machine that goes down would, in the second epoch of the third trial."""

    def __init__(self) -> None:
        self.trials = 0

    def __call__(self, recipe: Recipe, folder: Path, *, report: Report) -> float:
        self.trials += 1
        report(1, 20.0)
        folder.mkdir(parents=True)
        if self.trials == 3:
            (folder / "half").write_text("done", encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)
        return _error(recipe)


def _search_until_killed(order: TuneOrder, out: Path) -> None:
    tune(order, out, trainer=_Killed())


def test_a_killed_trial_is_tried_again_in_its_folder(order: TuneOrder, tmp_path: Path) -> None:
    process = multiprocessing.get_context("fork").Process(target=_search_until_killed, args=(order, tmp_path / "study"))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    (half,) = (tmp_path / "study" / "trials").glob("*/half")
    trainer = Arithmetic()
    content = tune(order, tmp_path / "study", trainer=trainer)
    assert trainer.folders[0] == half.parent
    assert len(content["trials"]) == 8
    assert len(trainer.folders) == 6
    numbers = [*range(3), *range(4, 9)]  # the fourth is the third once more
    assert sorted(one["run"] for one in content["trials"]) == [f"trials/{number:04d}" for number in numbers]


def test_two_processes_share_a_study(order: TuneOrder, tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    shared = [context.Process(target=_share, args=(order, tmp_path / "study", number)) for number in range(2)]
    for process in shared:
        process.start()
    for process in shared:
        process.join()
    assert [process.exitcode for process in shared] == [0, 0]
    content = json.loads((tmp_path / "study" / "tune.json").read_text(encoding="utf-8"))
    done = [len((tmp_path / f"done-{number}").read_text(encoding="utf-8").split()) for number in range(2)]
    assert sum(done) == len(content["trials"]) == 8
    assert len({json.dumps(one["values"]) for one in content["trials"]}) == 8


def _share(order: TuneOrder, out: Path, number: int) -> None:
    trainer = Arithmetic()
    tune(order, out, trainer=trainer)
    (out.parent / f"done-{number}").write_text("\n".join(map(str, trainer.folders)), encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "learning_rate = { low = 1e-4, high = 1e-2, log = true }",
            {"pretrain.learning_rate": Range(1e-4, 1e-2, True)},
        ),
        ("batch_size = [16, 32]", {"pretrain.batch_size": Choices((16, 32))}),
        ("batch_size = { choices = [16, 32] }", {"pretrain.batch_size": Choices((16, 32))}),
        ("patience = { low = 1, high = 9, step = 2 }", {"pretrain.patience": Range(1, 9, step=2)}),
        ("[search.net]\ndropout = { low = 0.0, high = 0.5 }", {"net.dropout": Range(0.0, 0.5)}),
    ],
)
def test_what_is_searched_is_read_from_a_file(text: str, wanted: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "search.toml").write_text(f"[search]\n{text}\n", encoding="utf-8")
    assert read_space(tmp_path / "search.toml") == wanted


def test_every_fault_of_a_search_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "search.toml"
    path.write_text(
        "[search]\nlearning_rat = [1]\nsigma = { low = 3, high = 1 }\nepochs = 4\n[search.net]\nbackbne = ['lenet']\n",
        encoding="utf-8",
    )
    with pytest.raises(SettingsError) as told:
        read_space(path)
    assert len(told.value.faults) == 4
    assert "did you mean 'learning_rate'" in str(told.value)
    path.write_text("[other]\n", encoding="utf-8")
    with pytest.raises(BadInputFile, match=r"no table \[search\]"):
        read_space(path)


@pytest.mark.parametrize("preset", preset_names())
def test_the_default_search_of_every_preset_holds_settings_it_takes(preset: str) -> None:
    for name, one in default_space(preset).items():
        table, _, key = name.partition(".")
        for value in one.values if isinstance(one, Choices) else (one.low, one.high):
            load_recipe(preset, typed={table: {key: value}})


def test_the_shape_of_agenet_is_searched_and_that_of_another_net_is_not() -> None:
    shape = {"net.filters", "net.layers", "net.kernel", "net.dense"}
    assert shape < default_space("agenet").keys()
    assert default_space("agenet", backbone="age_net") == default_space("agenet")
    assert default_space("agenet", backbone="tiny_age_net").keys() == default_space("agenet").keys() - shape


def test_a_setting_that_does_not_fit_ends_the_search(order: TuneOrder, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="dropout"):
        tune(replace(order, space={"net.dropout": Range(2.0, 3.0)}), tmp_path / "study", trainer=Arithmetic())


@pytest.mark.slow
def test_a_net_is_tuned_in_processes_of_their_own(tmp_path: Path) -> None:
    labelled = write_labelled(tmp_path / "labelled", count=60)
    small: dict[str, dict[str, Any]] = {
        "net": {"backbone": "tiny_age_net", "input_size": 32, "precision": "float32"},
        "pretrain": {"epochs": 2},
    }
    space: Space = {"pretrain.learning_rate": Range(1e-4, 1e-2, log=True)}
    content = tune(TuneOrder("dldl-v2", space, (labelled,), 2, typed=small), tmp_path / "study")
    assert content["measured"] == 2
    for one in content["trials"]:
        run = tmp_path / "study" / one["run"]
        looks = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
        errors = [line["val_mae"] for line in looks if line["kind"] == "validation"]
        assert one["val_mae"] == min(errors)
        assert one["epochs"] == len(errors)
        assert json.loads((run / "settings.json").read_text(encoding="utf-8"))["settings"]["learning_rate"] == (
            pytest.approx(one["values"]["pretrain.learning_rate"])
        )
