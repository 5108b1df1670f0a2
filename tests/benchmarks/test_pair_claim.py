"""The claim's table: who is unseen, what the folders of a fold hide, and that its figures are what they say."""

import itertools
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.claim_rows import ablations
from benchmarks.claim_rows.arms import answers_of
from benchmarks.claim_rows.conditions import Condition
from benchmarks.claim_rows.measures import Answers, averaged, joined, measure, p_value
from benchmarks.claim_rows.people import make_folds, split_labelled
from benchmarks.claim_rows.report import Line, json_of, text_of
from benchmarks.claim_rows.rows import ROWS
from benchmarks.claim_rows.stages import SelfTraining
from benchmarks.claim_rows.views import (
    PairNoise,
    exchanged,
    photos_of_pairs,
    rows_of,
    subject_of,
    taken_years,
    write_labelled,
    write_pairs,
)
from benchmarks.claim_rows.workplace import Workplace
from benchmarks.pair_claim import pair_claim
from dataset.splits import Split
from dataset.store import Dataset, open_dataset
from tests.train.drawn import write_labelled as draw_labelled
from tests.train.drawn import write_pairs as draw_people
from tests.train.small import small_recipe
from train.checkpoint import fresh_net
from train.data import face_pairs
from train.devices import choose_machine
from train.inference import distributions
from train.stages.finetuning import FinetuneData

PEOPLE = {f"person {number:02}": 3 + number % 9 for number in range(40)}


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Fifteen drawn people with four photos and true ages."""
    return open_dataset(draw_people(tmp_path_factory.mktemp("master") / "fgnet", subjects=15, ages=True))


def _answers(errors: dict[str, list[float]], *, seed: int = 0) -> Answers:
    """Return answers with these signed errors of each person."""
    subject = np.array([name for name, some in errors.items() for _ in some])
    missed = np.array([error for some in errors.values() for error in some])
    true = np.random.default_rng(seed).uniform(20, 40, len(missed))
    return Answers(subject, true, true + missed, true + missed, true - 5, true + 5)


def test_each_person_is_unseen_in_one_fold_and_folds_have_about_as_many_photos() -> None:
    folds = make_folds(PEOPLE)
    assert Counter(name for fold in folds for name in fold.unseen) == Counter(dict.fromkeys(PEOPLE, 1))
    photos = [sum(PEOPLE[name] for name in fold.unseen) for fold in folds]
    assert max(photos) - min(photos) <= max(PEOPLE.values())
    for fold in folds:
        assert set(fold.others) == set(PEOPLE) - set(fold.unseen)


def test_of_two_numbers_of_labelled_people_the_fewer_are_among_the_more_and_nobody_labelled_is_paired() -> None:
    for fold in make_folds(PEOPLE):
        assert set(fold.labelled(4)) < set(fold.labelled(8))
        assert sorted(fold.labelled(8) + fold.paired(8)) == sorted(fold.others)
        teaching, looked_at = split_labelled(fold.labelled(4))
        assert len(looked_at) == 1 and sorted(teaching + looked_at) == sorted(fold.labelled(4))


def test_the_folder_of_pairs_tells_no_age_and_has_every_pair_with_its_k(master: Dataset, tmp_path: Path) -> None:
    names = master.faces.subject_names[:6]
    hidden = open_dataset(write_pairs(master, tmp_path / "pairs", names))
    assert np.isnan(hidden.faces.age).all()
    assert (hidden.faces.year == -1).all()
    assert hidden.faces.site_id == tuple(map(str, range(len(hidden.faces))))
    rows = rows_of(master.faces, names).tolist()
    assert {subject_of(master.faces, row) for row in rows} == set(names)
    ages = master.faces.age
    expected = {
        (a, b): int(ages[rows[b]] - ages[rows[a]])
        for a, b in itertools.permutations(range(len(rows)), 2)
        if subject_of(master.faces, rows[a]) == subject_of(master.faces, rows[b]) and ages[rows[b]] > ages[rows[a]]
    }
    pairs = hidden.pairs
    found = zip(pairs.younger.tolist(), pairs.older.tolist(), pairs.gap_years.tolist(), strict=True)
    assert {(a, b): gap for a, b, gap in found} == expected
    assert np.array_equal(hidden.crops, master.crops[rows])


def test_labelled_people_keep_their_ages_and_their_split(master: Dataset, tmp_path: Path) -> None:
    first, second, third = master.faces.subject_names[:3]
    folder = write_labelled(master, tmp_path / "some", {Split.TRAIN: (first, third), Split.VAL: (second,)})
    faces = open_dataset(folder).faces
    assert {subject_of(faces, row): faces.split[row] for row in range(len(faces))} == {first: 0, second: 1, third: 0}
    assert np.array_equal(faces.age, master.faces.age[rows_of(master.faces, (first, second, third))])


def test_k_of_taken_years_is_that_of_ages_or_one_off_as_often_as_birthdays_say() -> None:
    rng = np.random.default_rng(3)
    subject = np.repeat(np.arange(20_000, dtype=np.int32), 2)
    ages = rng.integers(0, 60, len(subject)).astype(np.float64)
    years = taken_years(ages, subject, seed=1)
    off = (years[1::2] - years[::2]) - (ages[1::2] - ages[::2]).astype(int)
    shares = [float((off == one).mean()) for one in (-1, 0, 1)]
    assert set(off.tolist()) == {-1, 0, 1}
    # Two triangular draws around one birthday: 1/6, 2/3, 1/6 (docs/losses.md); 0.012 is 4.5 standard errors.
    assert shares == pytest.approx([1 / 6, 2 / 3, 1 / 6], abs=0.012)


def test_a_fifth_of_wrong_pairs_are_pairs_of_two_people() -> None:
    subject = np.repeat(np.arange(60, dtype=np.int32), 12)
    shown = exchanged(subject, share=photos_of_pairs(0.2), seed=2)
    moved = shown != np.arange(len(subject))
    assert sorted(shown.tolist()) == list(range(len(subject)))
    assert (subject[shown[moved]] != subject[moved]).all()
    pairs = np.array(list(itertools.combinations(range(12), 2)))
    rows = (np.arange(60)[:, None, None] * 12 + pairs[None]).reshape(-1, 2)
    assert float((moved[rows[:, 0]] | moved[rows[:, 1]]).mean()) == pytest.approx(0.2, abs=0.02)
    assert PairNoise(from_years=True, wrong_pairs=0.2).name == "-years-wrong0.2"


def test_the_interval_is_over_people_not_over_photos() -> None:
    alike = measure(_answers({f"p{number}": [4.0, -4.0] for number in range(10)}))
    assert (alike.mae, alike.low, alike.high, alike.bias, alike.coverage) == pytest.approx((4, 4, 4, 0, 1))
    rng = np.random.default_rng(0)
    level = rng.uniform(1, 9, 60)
    few = measure(_answers({f"p{number}": [float(one)] * 2 for number, one in enumerate(level)}))
    many = measure(_answers({f"p{number}": [float(one)] * 200 for number, one in enumerate(level)}))
    expected = 2 * 1.96 * level.std() / math.sqrt(len(level))
    assert few.high - few.low == pytest.approx(expected, rel=0.1)
    assert many.high - many.low == pytest.approx(few.high - few.low, rel=1e-6)


def test_p_is_the_share_of_all_sign_changes_that_are_as_large() -> None:
    rng = np.random.default_rng(5)
    errors = {f"p{number}": rng.uniform(1, 9, 3).tolist() for number in range(10)}
    less = {name: [error - rng.normal(0.8, 1) for error in some] for name, some in errors.items()}
    before, after = _answers(errors), _answers(less)
    sums = [sum(map(abs, errors[name])) - sum(map(abs, less[name])) for name in errors]
    all_signs = [
        abs(sum(s * one for s, one in zip(signs, sums, strict=True))) for signs in itertools.product((1, -1), repeat=10)
    ]
    exact = float(np.mean([one >= abs(sum(sums)) - 1e-9 for one in all_signs]))
    assert p_value(before, after) == pytest.approx(exact, abs=0.012)
    assert p_value(before, before) == 1.0
    with pytest.raises(ValueError, match="different faces"):
        p_value(before, _answers(errors, seed=1))


def test_several_nets_say_the_mean_of_their_ages() -> None:
    one, other = _answers({"a": [2.0, -2.0]}), _answers({"a": [-4.0, -2.0]})
    assert (averaged([one, other]).said - one.true).tolist() == pytest.approx([-1.0, -2.0])
    assert len(joined([one, other]).true) == 4


def test_a_table_says_what_is_missing_and_compares_on_the_folds_both_have() -> None:
    before, after = Condition("before"), Condition("after")
    for fold in range(3):
        errors = {f"{fold}-{number}": [6.0, 6.5] for number in range(4)}
        before.unseen[fold] = _answers(errors, seed=fold)
        if fold:
            less = {name: [2.0, 2.5] for name in errors}
            after.unseen[fold] = _answers(less, seed=fold)
    after.failed[0] = "finetune: everybody is young"
    first, second, third = json_of([Line(before), Line(after, before), Line(Condition("later"), before)])
    assert (first["mae"], second["mae"], second["gain"]) == pytest.approx((6.25, 2.25, 4.0))
    assert second["p"] == pytest.approx(2 / 256, abs=0.004)  # eight people, all better
    assert second["failed"] == {"0": "finetune: everybody is young"}
    assert third == {"name": "later", "folds": []}
    text = text_of("title", [Line(before), Line(after, before), Line(Condition("later"), before)])
    assert text.splitlines()[-1].split(None, 1) == ["later", "not yet trained"]
    assert "(1 collapsed)" in text.splitlines()[-2]


def test_self_training_learns_what_the_net_says_of_each_photo_and_no_k(tmp_path: Path) -> None:
    recipe = small_recipe(finetune={"timeline_per_batch": 8, "pairs_per_batch": 0, "timeline_sigma": 1e-3})
    pairs = face_pairs(open_dataset(draw_people(tmp_path / "pairs")), "train", input_size=32, k_max=60)
    net, machine = fresh_net(recipe.net, seed=3), choose_machine("float32")
    others: dict[str, Any] = {"settings": recipe.finetune, "augmentation": recipe.augment, "machine": machine}
    stage = SelfTraining(FinetuneData(pairs, pairs, None, None), net, **others)
    stage.refresh(net, step=0, machine=machine)
    assert stage._teacher is not None
    taught = stage._teacher.draw(0, 30)
    said = distributions(net, pairs.crops, machine=machine, flip=False)[taught.rows]
    # timeline_doubt makes room for somebody else: a hundredth, evenly over all ages.
    assert taught.labels == pytest.approx(0.99 * said + 0.01 / 101, abs=1e-6)


KINDS = (
    "timelines",
    "no pairs",
    "years and wrong pairs",
    "self-training",
    "difference regression",
    "pair losses, no replay",
    "timelines, weighed",
    "20 % wrong pairs, weighed",
    "20 % wrong pairs, losses, no replay",
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """A benchmark's folder with drawn sets in the place of the two real ones, and a net that is quick."""
    monkeypatch.setenv("AGEGAP_TRAIN_NET_BACKBONE", "tiny_age_net")
    monkeypatch.setenv("AGEGAP_TRAIN_NET_INPUT_SIZE", "32")
    # One of each kind: the others differ by a number.
    monkeypatch.setattr(ablations, "ABLATIONS", [one for one in ablations.ABLATIONS if one.name in KINDS])
    draw_people(tmp_path / "sets" / "fgnet", subjects=15, ages=True)
    draw_labelled(tmp_path / "sets" / "utkface")
    return Workplace(tmp_path, chosen=(1,), hurry=1000)


@pytest.mark.slow
@pytest.mark.parametrize("row", ["transfer", "soups", "claim-scratch", "ablations"])
def test_a_row_trains_each_condition_once_and_tells_them_again_without_training(place: Workplace, row: str) -> None:
    made = ROWS[row](place, [4])
    runs = sorted(place.out.joinpath("runs").rglob("checkpoint.pt"))
    stamps = [run.stat().st_mtime_ns for run in runs]
    lines = made.content["lines"]
    assert all(line["folds"] == [1] or "failed" in line for line in lines)
    assert sum(line["photos"] for line in lines[:1]) == 4 * len(place.all_folds[1].unseen)
    only = Workplace(place.out, chosen=(1,), hurry=1000, only_finished=True)
    assert ROWS[row](only, [4]).content == made.content
    assert [run.stat().st_mtime_ns for run in runs] == stamps


def test_answers_kept_beside_a_net_are_those_of_its_weights(place: Workplace) -> None:
    ROWS["tuning"](place, [])
    run, test = place.run("transfer", "pairs", "fold1"), place.of_fold(place.all_folds[1], "unseen")
    first = answers_of(run, test)
    (kept,) = run.glob("said-*-test.json")
    kept.write_text(kept.read_text(encoding="utf-8").replace('"weights_sha256": "', '"weights_sha256": "0'))
    again = answers_of(run, test)
    assert np.array_equal(first.said, again.said) and np.array_equal(first.true, again.true)
    assert np.array_equal(np.sort(np.unique(first.subject)), np.sort(np.array(place.all_folds[1].unseen)))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rows", "transfer,ablation"], "did you mean 'ablations'"),
        (["--folds", "7"], "there is no '7'"),
        (["--labelled", ""], "names nothing"),
    ],
)
def test_a_word_that_is_none_is_told_in_one_sentence(arguments: list[str], said: str, tmp_path: Path) -> None:
    folders: list[Any] = ["--fgnet", tmp_path, "--utkface", tmp_path, "--out", tmp_path / "out"]
    answer = CliRunner().invoke(pair_claim, [*map(str, folders), *arguments])
    assert said in str(answer.exception)
    assert not (tmp_path / "out").exists()
