"""The mean of the weights of several fine-tunings: what it is, of what it may be made, what it leaves behind."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from agegap.errors import CheckpointMismatch, DataFailed, NothingToDo, WrongUse
from tests.train.conftest import Drawn, TrainedSystem
from tests.train.small import small_recipe
from tests.train.test_commands import Typed, typed  # noqa: F401  a fixture
from train.checkpoint import find_checkpoint, load_checkpoint, save_checkpoint, weights_sha256
from train.evaluation.evaluate import evaluate
from train.presets import Recipe, Step
from train.run_folder import RunFolder
from train.stages.finetune import finetune
from train.stages.mixing import FIRST, Candidate, choose, mean_of
from train.stages.pretrain import pretrain
from train.stages.running import StageResult
from train.stages.soup import soup
from train.stages.system import run_system


@dataclass(frozen=True)
class Tuned:
    """One net and two fine-tunings of it."""

    start: Path
    one: Path
    other: Path

    @property
    def both(self) -> list[Path]:
        """The two fine-tunings."""
        return [self.one, self.other]


@pytest.fixture(scope="module")
def tuned(drawn: Drawn, system: TrainedSystem, tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    start, other = system.run / "pretrain", tmp_path_factory.mktemp("tuned") / "other"
    recipe = small_recipe(finetune={"seed": 3})
    finetune(start, other, pairs=drawn.pairs, labelled=[drawn.labelled], recipe=recipe)
    return Tuned(start, system.run / "finetune", other)


def _weights(run: Path) -> dict[str, np.ndarray]:
    answer = load_checkpoint(run / "checkpoint.pt").answer
    return {name: tensor.numpy() for name, tensor in answer.items()}


def test_a_linear_nets_soup_answers_what_its_nets_answer_on_the_mean() -> None:
    torch.manual_seed(0)
    nets = [nn.Linear(7, 5).double() for _ in range(3)]
    mixed = nn.Linear(7, 5).double()
    mixed.load_state_dict(mean_of([net.state_dict() for net in nets], [0.5, 0.3, 0.2]))
    x = torch.randn(11, 7, dtype=torch.float64)
    expected = 0.5 * nets[0](x) + 0.3 * nets[1](x) + 0.2 * nets[2](x)
    torch.testing.assert_close(mixed(x), expected, rtol=0, atol=1e-14)


def test_whole_numbers_are_not_averaged() -> None:
    several = [{"count": torch.tensor(3)}, {"count": torch.tensor(8)}]
    assert mean_of(several, [0.5, 0.5])["count"].item() == 3


def test_every_tensor_is_the_mean_of_those_of_its_runs(drawn: Drawn, tuned: Tuned, tmp_path: Path) -> None:
    result = soup(tuned.both, tmp_path / "soup", labelled=[drawn.labelled], pairs=drawn.pairs)
    one, other, mixed = (_weights(run) for run in (tuned.one, tuned.other, result.run))
    assert mixed.keys() == one.keys()
    for name, values in mixed.items():
        if np.issubdtype(values.dtype, np.floating):
            np.testing.assert_allclose(values, (one[name].astype(float) + other[name]) / 2, rtol=1e-6, atol=1e-9)
            assert values.dtype == one[name].dtype


def test_a_run_counts_as_much_as_its_share_says(drawn: Drawn, tuned: Tuned, tmp_path: Path) -> None:
    result = soup(tuned.both, tmp_path / "soup", labelled=[drawn.labelled], shares=[6, 2])
    one, other, mixed = (_weights(run)["head.bias"] for run in (tuned.one, tuned.other, result.run))
    np.testing.assert_allclose(mixed, 0.75 * one.astype(float) + 0.25 * other, rtol=1e-6)
    for shares, fault in (([1.0], "2 runs and 1 shares"), ([1.0, 0.0], "each must be a number above 0")):
        with pytest.raises(WrongUse, match=fault):
            soup(tuned.both, tmp_path / "another", labelled=[drawn.labelled], shares=shares)


def test_it_is_a_run_like_any_other(drawn: Drawn, tuned: Tuned, tmp_path: Path) -> None:
    result = soup(tuned.both, tmp_path / "soup", labelled=[drawn.labelled], pairs=drawn.pairs)
    measured = evaluate(result.run, drawn.test)
    assert measured["stage"] == "soup"
    assert measured["interval_scale"] > 0
    assert result.validation.keys() >= {"val_mae", "val_gap_mae"}
    members = RunFolder(result.run).notes()["members"]
    assert [one["weights_sha256"] for one in members] == [
        weights_sha256(load_checkpoint(run / "checkpoint.pt").answer) for run in tuned.both
    ]
    card = (result.run / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "the mean of the weights of 2 runs" in card
    assert card.count("(50%)") == 2
    # And can be learned on from.
    further = finetune(result.run, tmp_path / "on", pairs=drawn.pairs, labelled=[drawn.labelled], recipe=small_recipe())
    assert RunFolder(further.run).notes()["start"]["weights_sha256"] == result.weights_sha256


def test_the_same_call_again_changes_nothing_and_another_is_refused(drawn: Drawn, tuned: Tuned, tmp_path: Path) -> None:
    first = soup(tuned.both, tmp_path / "soup", labelled=[drawn.labelled])
    before = {path: path.stat().st_mtime_ns for path in first.run.rglob("*") if path.is_file()}
    again = soup(tuned.both, tmp_path / "soup", labelled=[drawn.labelled])
    assert again.was_finished
    assert (again.weights_sha256, again.validation) == (first.weights_sha256, first.validation)
    assert {path: path.stat().st_mtime_ns for path in first.run.rglob("*") if path.is_file()} == before
    with pytest.raises(WrongUse, match="holds a run with members"):
        soup([tuned.start, tuned.one], tmp_path / "soup", labelled=[drawn.labelled])


def test_a_kill_before_the_checkpoint_is_made_good(drawn: Drawn, tuned: Tuned, tmp_path: Path) -> None:
    first = soup(tuned.both, tmp_path / "soup", labelled=[drawn.labelled])
    (first.run / "checkpoint.pt").unlink()
    again = soup(tuned.both, tmp_path / "soup", labelled=[drawn.labelled])
    assert not again.was_finished
    assert again.weights_sha256 == first.weights_sha256
    assert len(RunFolder(first.run).metrics()) == 1


def test_the_net_that_the_runs_began_with_may_be_one_of_them(drawn: Drawn, tuned: Tuned, tmp_path: Path) -> None:
    result = soup([tuned.one, tuned.start], tmp_path / "soup", labelled=[drawn.labelled])
    start = RunFolder(result.run).notes()["start"]["weights_sha256"]
    assert start == weights_sha256(load_checkpoint(tuned.start / "checkpoint.pt").answer)
    # A soup of one start goes into another one.
    soup([result.run, tuned.other], tmp_path / "again", labelled=[drawn.labelled])


def test_runs_of_other_starts_are_refused(drawn: Drawn, tuned: Tuned, tmp_path: Path) -> None:
    elsewhere = pretrain([drawn.labelled], tmp_path / "elsewhere", recipe=small_recipe(pretrain={"seed": 9}))
    with pytest.raises(WrongUse, match="did not all begin with the same weights"):
        soup([tuned.one, elsewhere.run], tmp_path / "soup", labelled=[drawn.labelled])
    assert not (tmp_path / "soup").exists()


def test_another_net_is_refused(drawn: Drawn, tuned: Tuned, tmp_path: Path) -> None:
    recipe = small_recipe(net={"backbone": "lenet"}, pretrain={"epochs": 1})
    other = pretrain([drawn.labelled], tmp_path / "other", recipe=recipe)
    with pytest.raises(CheckpointMismatch):
        soup([tuned.one, other.run], tmp_path / "soup", labelled=[drawn.labelled])


def test_an_unfinished_run_and_one_named_twice_are_refused(drawn: Drawn, tuned: Tuned, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="hold the same weights; name each net once"):
        soup([tuned.one, tuned.one], tmp_path / "soup", labelled=[drawn.labelled])
    half = replace(load_checkpoint(tuned.one / "checkpoint.pt"), is_finished=False, step=5)
    save_checkpoint(tmp_path / "half.pt", half)
    with pytest.raises(WrongUse, match=r"half.pt is at step 5 of 12; finish it"):
        soup([tuned.other, tmp_path / "half.pt"], tmp_path / "soup", labelled=[drawn.labelled])


def test_the_command_says_what_it_made_and_one_sentence_of_wrong_use(
    typed: Typed,  # noqa: F811
    drawn: Drawn,
    tuned: Tuned,
    tmp_path: Path,
) -> None:
    made = typed("soup", *tuned.both, "--labelled", drawn.labelled, "--out", tmp_path / "soup", "--json")
    assert made.code == 0, made.err
    assert json.loads(made.out)["steps"] == 24
    for words, fault in (
        ([tuned.one, "--labelled", drawn.labelled], "is the mean of two runs or more"),
        (tuned.both, "name their folder with --labelled"),
        ([tuned.one, tmp_path / "no", "--labelled", drawn.labelled], "there is no such file or folder"),
    ):
        refused = typed("soup", *words, "--out", tmp_path / "another")
        assert (refused.code, refused.err.count("\n")) == (2, 1)
        assert fault in refused.err
    assert not (tmp_path / "another").exists()


def _steps(base: Recipe, second: str, *, seed: int) -> tuple[Step, ...]:
    """Return a schedule that ends in the soup of "one" and of `second`, which has another seed."""
    return (
        Step("ages", "pretrain", "all", base),
        Step("one", "finetune", "all", base),
        Step(second, "finetune", "all", replace(base, finetune=replace(base.finetune, seed=seed)), begins_with="ages"),
        Step("soup", "soup", "all", base, of=("one", second)),
    )


def test_steps_of_a_schedule_begin_where_they_say_and_end_in_a_soup(drawn: Drawn, tmp_path: Path) -> None:
    base = small_recipe(pretrain={"epochs": 2}, finetune={"steps": 3})
    steps = _steps(base, "other", seed=2)
    out = tmp_path / "run"
    recipe = replace(base, schedule=steps)

    def trained() -> Any:
        return run_system(out, recipe=recipe, labelled=[drawn.labelled], pairs=drawn.pairs, test=drawn.test)["results"]

    assert list(trained()) == ["ages", "one", "other", "soup"]
    ages = weights_sha256(load_checkpoint(out / "ages" / "checkpoint.pt").answer)
    assert {RunFolder(out / name).notes()["start"]["weights_sha256"] for name in ("one", "other", "soup")} == {ages}
    assert [one["seconds"] for one in trained().values()] == [0.0] * 4


def test_the_least_error_of_k_is_chosen_among_those_that_lose_little() -> None:
    told = {1.0: (5.0, 6.0), 0.8: (5.2, 5.5), 0.6: (5.4, 5.1), 0.4: (5.9, 4.0)}
    found = [Candidate([first, 1 - first], {"val_mae": mae, "val_gap_mae": gap}) for first, (mae, gap) in told.items()]
    assert choose(found, most_lost=0.5).parts[0] == 0.6
    assert choose(found, most_lost=0.3).parts[0] == 0.8
    assert choose(found, most_lost=0).parts[0] == 1.0
    assert choose(found, most_lost=9).parts[0] == 0.4


def test_the_part_of_the_first_run_is_chosen_on_held_out_pairs(drawn: Drawn, tuned: Tuned, tmp_path: Path) -> None:
    result = soup(tuned.both, tmp_path / "soup", labelled=[drawn.labelled], pairs=drawn.pairs, choose_within=50)
    lines = RunFolder(result.run).metrics()
    tried = [line for line in lines if line["kind"] == "candidate"]
    assert [line["parts"][0] for line in tried] == list(FIRST)
    best = min(tried, key=lambda line: line["val_gap_mae"])
    assert RunFolder(result.run).notes()["parts"] == best["parts"]
    assert result.validation["val_gap_mae"] == best["val_gap_mae"]
    one, other, mixed = (_weights(run)["head.bias"] for run in (tuned.one, tuned.other, result.run))
    first, second = best["parts"]
    np.testing.assert_allclose(mixed, first * one.astype(float) + second * other, rtol=1e-6)
    # Where nothing may be lost and each mixture loses something, the first run is the answer.
    strict = soup(tuned.both, tmp_path / "strict", labelled=[drawn.labelled], pairs=drawn.pairs, choose_within=0)
    least = tried[0]["val_mae"]
    allowed = [line for line in tried if line["val_mae"] <= least]
    expected = min(allowed, key=lambda line: line["val_gap_mae"])
    assert RunFolder(strict.run).notes()["parts"] == expected["parts"]


def test_choosing_needs_held_out_pairs_and_no_shares(drawn: Drawn, tuned: Tuned, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="leave --share out"):
        soup(tuned.both, tmp_path / "a", labelled=[drawn.labelled], choose_within=1)
    with pytest.raises(NothingToDo, match="no pair in split 'val' to choose a soup by"):
        soup(tuned.both, tmp_path / "a", labelled=[drawn.labelled], pairs=drawn.test, choose_within=1)
    assert not (tmp_path / "a").exists()


def test_a_soup_of_a_schedule_goes_on_without_a_run_that_went_astray(
    drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = small_recipe(pretrain={"epochs": 2}, finetune={"steps": 3})
    steps = _steps(base, "astray", seed=77)

    def tune(start: Path, out: Path, *, recipe: Recipe, **others: Any) -> StageResult:
        if recipe.finetune.seed == 77:
            raise DataFailed("finetune: the net makes every face young")
        return finetune(start, out, recipe=recipe, **others)

    monkeypatch.setattr("train.stages.schedule.finetune", tune)
    out = tmp_path / "run"
    asked: dict[str, Any] = {"labelled": [drawn.labelled], "pairs": drawn.pairs, "test": drawn.test}
    results = run_system(out, recipe=replace(base, schedule=steps), **asked)["results"]
    assert "every face young" in results["astray"]["failed"]
    assert results["soup"]["failed"] == "a soup of one and astray, of which only one is left"
    assert find_checkpoint(out) == out / "one" / "checkpoint.pt"
    # A step that no soup is made of may not fail.
    with pytest.raises(DataFailed, match="every face young"):
        run_system(tmp_path / "other", recipe=replace(base, schedule=(steps[0], steps[2])), **asked)
