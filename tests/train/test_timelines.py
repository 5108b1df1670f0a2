"""Timelines: which faces pairs connect, what a whole life says of one face, and that a net learns from it."""

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dataset.store import open_dataset
from tests.train.conftest import Drawn, TrainedSystem
from tests.train.drawn import write_pairs
from tests.train.said import gaussian_shares
from tests.train.small import small_recipe
from train.crops import Crops, Part
from train.data import FacePairs, face_pairs
from train.devices import PROCESSOR
from train.evaluation.evaluate import evaluate, open_net
from train.inference import distributions
from train.run_folder import RunFolder
from train.settings import AugmentSettings, FinetuneSettings, TeacherName
from train.stages.finetune import finetune
from train.stages.finetuning import FinetuneData, Finetuning
from train.stages.teaching import Teacher
from train.timelines import Timeline, label_all, timelines_of, years_told

CLASSES = 12
SHARP = 1e-3
"""A width in years that leaves a label as it is."""


def _pairs(*links: tuple[int, int, int]) -> FacePairs:
    younger, older, gaps = np.array(links, np.int64).T
    faces = int(max(younger.max(), older.max())) + 1
    crops = Crops((Part(np.zeros((faces, 32, 32, 3), np.uint8), np.arange(faces)),))
    return FacePairs(crops, younger, older, gaps, np.zeros(len(gaps), np.int64))


def _random_shares(count: int, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).dirichlet(np.ones(CLASSES), count).astype(np.float32)


def timeline_labels(
    shares: NDArray[np.float32], years: NDArray[Any], *, doubt: float, sigma: float
) -> NDArray[np.float32]:
    """Return the labels of one timeline by itself."""
    rows = np.arange(len(years))
    return label_all(shares, [Timeline(rows, years)], [rows], doubt=doubt, sigma=sigma).shares


def test_pairs_that_share_faces_make_one_timeline() -> None:
    first, second = timelines_of(_pairs((4, 2, 3), (2, 0, 5), (1, 3, 7)))
    assert first.rows.tolist() == [0, 2, 4]
    assert first.years.tolist() == [8, 3, 0]
    assert second.rows.tolist() == [1, 3]
    assert second.years.tolist() == [0, 7]


def test_the_order_of_pairs_does_not_matter() -> None:
    years = {0: 3, 1: 0, 2: 11, 3: 4}
    links = [(a, b, years[b] - years[a]) for a, b in itertools.permutations(years, 2) if years[a] <= years[b]]
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(links))
        (line,) = timelines_of(_pairs(*(links[place] for place in order)))
        assert line.rows.tolist() == [0, 1, 2, 3]
        assert line.years.tolist() == [3, 0, 11, 4]


@pytest.mark.parametrize("doubt", [1e-9, 0.2])
def test_a_label_is_the_posterior_summed_by_hand(doubt: float) -> None:
    years, shares = np.array([0, 2, 5]), _random_shares(3, seed=1)
    expected = np.zeros((3, CLASSES))
    for birth in range(CLASSES - 5):
        weight = 1.0
        for face, since in enumerate(years):
            weight *= (1 - doubt) * float(shares[face, birth + since]) + doubt / CLASSES
        for face, since in enumerate(years):
            expected[face, birth + since] += weight
    expected /= expected.sum(axis=1, keepdims=True)
    labels = timeline_labels(shares, years, doubt=doubt, sigma=SHARP)
    assert labels == pytest.approx(expected, abs=1e-6)
    assert labels.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-6)


def test_the_blur_keeps_every_row_a_distribution_and_the_mean_in_the_middle() -> None:
    years, shares = np.array([0, 4]), gaussian_shares(np.array([40.0, 44.0]), 3.0)
    sharp = timeline_labels(shares, years, doubt=0.01, sigma=SHARP)
    wide = timeline_labels(shares, years, doubt=0.01, sigma=2.0)
    ages = np.arange(101)
    assert wide.sum(axis=1) == pytest.approx(np.ones(2), abs=1e-5)
    assert wide @ ages == pytest.approx(sharp @ ages, abs=1e-3)

    def variance(labels: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(labels @ ages**2 - (labels @ ages) ** 2)

    assert variance(wide) == pytest.approx(variance(sharp) + 4.0, rel=0.01)


def test_a_timeline_longer_than_the_classes_keeps_what_the_net_says() -> None:
    shares = _random_shares(2, seed=3)
    assert np.array_equal(timeline_labels(shares, np.array([0, CLASSES]), doubt=0.01, sigma=1.0), shares)


def test_errors_that_differ_from_photo_to_photo_leave_the_life_known() -> None:
    rng = np.random.default_rng(5)
    alone, together = [], []
    for _ in range(200):
        years = np.sort(rng.choice(40, 10, replace=False))
        ages = years - years[0] + rng.integers(0, 20)
        shares = gaussian_shares(ages + rng.normal(0, 6, 10), 6.0)
        labels = timeline_labels(shares, years - years[0], doubt=0.01, sigma=SHARP)
        alone.append(np.abs(shares @ np.arange(101) - ages).mean())
        together.append(np.abs(labels @ np.arange(101) - ages).mean())
    # Ten independent errors of one width: their mean errs by 1 / sqrt(10) of one; 0.4 leaves room for chance.
    assert np.mean(together) < 0.4 * np.mean(alone)


def test_one_face_of_somebody_else_cannot_move_a_life_far() -> None:
    years = np.arange(10) * 3
    means = 20.0 + years
    means[4] = 90.0
    labels = timeline_labels(gaussian_shares(means, 3.0), years, doubt=0.01, sigma=SHARP)
    said = labels @ np.arange(101)
    assert said == pytest.approx(20.0 + years, abs=0.5)
    # Without doubt the stranger pulls: a tenth of the way, as a mean would.
    trusting = timeline_labels(gaussian_shares(means, 3.0), years, doubt=1e-300, sigma=SHARP) @ np.arange(101)
    assert np.all(trusting - said > 3.0)


def test_timelines_mend_what_a_net_says_of_a_kind_of_photo_it_never_saw(
    system: TrainedSystem, drawn: Drawn, tmp_path: Path
) -> None:
    # Every third photo is a faded print with a frame, said fifteen years too old; the other photos of the life know.
    unnamed, told = (
        write_pairs(tmp_path / name, subjects=20, seed=3, faded=True, ages=name == "told")
        for name in ("hidden", "told")
    )
    changes = {
        "steps": 160,
        "pairs_per_batch": 0,
        "timeline_per_batch": 16,
        "timeline_refresh": 10,
        "learning_rate": 1e-3,
        "replay_weight": 1.0,
        "checkpoint_every": 160,
    }
    start, out = system.run / "pretrain", tmp_path / "run"
    finetune(start, out, pairs=unnamed, labelled=[drawn.labelled], recipe=small_recipe(finetune=changes))
    # Of people no timeline was of.
    before, after = (evaluate(run, told, split="val")["mae"] for run in (start, out))
    assert after < 0.8 * before
    lines = [line for line in RunFolder(out).metrics() if line["kind"] == "train"]
    assert {"timeline_kl", "timeline_l1", "label_kl"} <= lines[-1].keys()
    assert "translated" not in lines[-1]


def test_years_told_is_the_slope_within_lives() -> None:
    rng = np.random.default_rng(2)
    lines, said = [], []
    for number in range(20):
        years = np.sort(rng.integers(0, 30, 6))
        lines.append(Timeline(np.arange(6) + 6 * number, years - years[0]))
        # Each life from an age of its own, which says nothing about the years within it.
        said.append(rng.integers(5, 40) + 0.6 * (years - years[0]))
    shares = gaussian_shares(np.concatenate(said), np.full(120, 3.0))
    assert years_told(shares, lines, [line.rows for line in lines]) == pytest.approx(0.6, abs=0.01)
    assert years_told(shares, [Timeline(np.arange(2), np.zeros(2, np.int64))], [np.arange(2)]) == 0.0
    assert years_told(shares, [], []) == 0.0


@pytest.mark.parametrize(("trusted", "teacher", "shared_error"), [(-9.0, "start", True), (9.0, "average", False)])
def test_a_start_that_tells_years_teaches_all_along_and_another_is_dismissed(
    system: TrainedSystem,
    drawn: Drawn,
    trusted: float,
    teacher: TeacherName,
    shared_error: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("train.stages.teaching.TRUSTED", trusted)
    net, other = (open_net(system.run / name).net for name in ("pretrain", "finetune"))
    pairs = face_pairs(open_dataset(drawn.pairs), "train", input_size=32, k_max=60)
    lessons = []
    for settings in (
        FinetuneSettings(),
        FinetuneSettings(timeline_teacher=teacher, timeline_shared_error=shared_error),
        FinetuneSettings(timeline_teacher=teacher, timeline_shared_error=not shared_error),
    ):
        seen = Teacher(pairs, settings, start=net)
        seen.look(other, step=0, machine=PROCESSOR)
        lessons.append(seen.draw(3, 32).labels)
        is_auto = settings.timeline_teacher == "auto"
        assert seen.chosen_by.get("start_teaches") == (float(teacher == "start") if is_auto else None)
    auto, same, without = lessons
    assert np.array_equal(auto, same)
    assert not np.array_equal(auto, without)


@pytest.mark.parametrize("teacher", ["start", "average"])
def test_the_net_of_the_start_teaches_the_same_whatever_the_learner_says(
    system: TrainedSystem, drawn: Drawn, teacher: TeacherName
) -> None:
    settings = replace(FinetuneSettings(), pairs_per_batch=0, timeline_per_batch=16, timeline_teacher=teacher)
    net, other = (open_net(system.run / name).net for name in ("pretrain", "finetune"))
    pairs = face_pairs(open_dataset(drawn.pairs), "train", input_size=32, k_max=60)
    nobody = pairs.take(np.zeros(0, np.int64))
    data = FinetuneData(pairs, nobody, replay=None, held_out=None)
    stage = Finetuning(data, net, settings=settings, augmentation=AugmentSettings(), machine=PROCESSOR)
    stage.refresh(net, step=0, machine=PROCESSOR)
    first = stage.batch(3).taught
    stage.refresh(other, step=50, machine=PROCESSOR)
    assert np.array_equal(first, stage.batch(3).taught) == (teacher == "start")


def test_whose_face_it_is_follows_from_the_rest_of_the_life() -> None:
    years, shares, doubt = np.array([0, 2, 5]), _random_shares(3, seed=4), 0.2
    rows = np.arange(3)
    own = label_all(shares, [Timeline(rows, years)], [rows], doubt=doubt, sigma=SHARP).own
    for face in rows:
        his = others = 0.0
        for birth in range(CLASSES - 5):
            rest = 1.0
            for other, since in enumerate(years):
                if other != face:
                    rest *= (1 - doubt) * float(shares[other, birth + since]) + doubt / CLASSES
            his += rest * (1 - doubt) * float(shares[face, birth + years[face]])
            others += rest * doubt / CLASSES
        assert own[face] == pytest.approx(his / (his + others), abs=1e-6)


@pytest.mark.parametrize("shared_error", [True, False])
def test_a_stranger_among_the_photos_of_a_life_is_found(shared_error: bool) -> None:
    years = np.arange(0, 20, 2)
    said = 30.0 + years
    said[4] = 70.0
    shares = gaussian_shares(said, np.full(10, 4.0))
    rows = np.arange(10)
    found = label_all(shares, [Timeline(rows, years)], [rows], doubt=0.1, sigma=1.5, shared_error=shared_error)
    assert found.own[4] < 0.05
    assert np.delete(found.own, 4).min() > 0.95
    # The others do not follow him.
    assert found.shares @ np.arange(101) == pytest.approx(30.0 + years, abs=1.0)


def test_a_face_that_may_be_a_strangers_is_drawn_less_often(system: TrainedSystem, drawn: Drawn) -> None:
    net = open_net(system.run / "pretrain").net
    pairs = face_pairs(open_dataset(drawn.pairs), "train", input_size=32, k_max=60)
    counts = []
    for weigh in (0.0, 1.0):
        settings = FinetuneSettings(timeline_weigh=weigh, timeline_doubt=0.3, timeline_balance="none")
        teacher = Teacher(pairs, settings, start=net)
        teacher.look(net, step=0, machine=PROCESSOR)
        rows = np.concatenate([teacher.draw(step, 64).rows for step in range(60)])
        counts.append(np.bincount(rows, minlength=len(pairs.crops)))
    said = distributions(net, pairs.crops, machine=PROCESSOR, flip=False)
    lines = timelines_of(pairs)
    own = label_all(said, lines, [line.rows for line in lines], doubt=0.3, sigma=1.5).own
    doubted, trusted = own < np.quantile(own, 0.1), own > np.quantile(own, 0.5)
    even, weighed = (count[doubted].mean() / count[trusted].mean() for count in counts)
    assert weighed < even * 1.1 * own[doubted].mean() / own[trusted].mean() + 0.05
    assert weighed < even
