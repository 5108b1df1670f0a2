"""The curriculum over K, and what a step knows of K."""

import numpy as np
import pytest
import torch

from train.batches import PairSampler
from train.crops import Crops, Part
from train.data import FacePairs, GapRange
from train.losses.pair import pair_loss
from train.settings import FinetuneSettings
from train.stages.curriculum import Curriculum
from train.stages.pair_step import KnownGaps, known_gaps, pair_step

STEPS = 100


def _pairs(least_gap: int = 1) -> FacePairs:
    rng = np.random.default_rng(0)
    gaps = rng.integers(least_gap, 50, 400).astype(np.int64)
    crops = Crops((Part(np.zeros((1, 4, 4, 3), np.uint8), np.zeros(1, np.int64)),))
    rows = np.arange(400)
    sure = GapRange(gaps - rows % 3, gaps + rows % 2, np.full(400, 0.7, np.float32))
    return FacePairs(crops, rows, rows, gaps, rng.integers(0, 12, 400), gaps=sure)


def _settings(**changes: float) -> FinetuneSettings:
    return FinetuneSettings(steps=STEPS, k_max=50, k_start=10, **changes)  # type: ignore[arg-type]


def test_no_pair_beyond_the_limit_is_drawn_before_its_time() -> None:
    pairs = _pairs()
    drawer = Curriculum(pairs, _settings(curriculum=0.5), key=1)
    limits = [drawer.limit(step) for step in range(STEPS)]
    assert limits[0] == 10
    assert limits == sorted(limits)
    assert set(limits[50:]) == {50}
    assert len(set(limits[:50])) == 8
    for step in range(STEPS):
        assert pairs.gap_years[drawer.rows(step, 200)].max() <= limits[step]
    assert pairs.gap_years[drawer.rows(60, 200)].max() > 45


def test_the_curriculum_ends_where_it_should_of_a_run_that_was_cut() -> None:
    drawer = Curriculum(_pairs(), _settings(curriculum=0.5), key=1)
    drawer.steps = 20
    assert drawer.limit(9) < 50 == drawer.limit(10)


def test_without_a_curriculum_the_pairs_are_those_of_the_sampler() -> None:
    pairs = _pairs()
    drawer, sampler = Curriculum(pairs, _settings(), key=1), PairSampler(pairs, seed=0, key=1)
    for step in range(5):
        assert np.array_equal(drawer.rows(step, 30), sampler.rows(step, 30))


def test_a_curriculum_below_every_gap_begins_with_the_least() -> None:
    pairs = _pairs(least_gap=20)
    drawer = Curriculum(pairs, _settings(curriculum=0.5), key=1)
    assert set(pairs.gap_years[drawer.rows(0, 50)]) == {20}


def test_the_draws_of_a_step_do_not_depend_on_earlier_ones() -> None:
    one, two = (Curriculum(_pairs(), _settings(curriculum=0.8), key=1) for _ in range(2))
    for step in range(40):
        one.rows(step, 9)
    assert np.array_equal(one.rows(40, 9), two.rows(40, 9))


def _logits(pairs: int) -> torch.Tensor:
    return 2 * torch.randn(2 * pairs, 101, generator=torch.Generator().manual_seed(1))


def test_the_loss_of_a_step_is_the_mean_of_its_pair_losses() -> None:
    gaps = np.array([0, 5, 30, 60])
    logits = _logits(4)
    loss = pair_step(logits, KnownGaps(gaps), _settings())
    expected = pair_loss(logits[:4], logits[4:], torch.from_numpy(gaps), year_jitter=True).total.mean()
    assert torch.equal(loss.total, expected)


def test_trimmed_pairs_teach_nothing() -> None:
    logits = _logits(4)
    gaps = KnownGaps(np.array([0, 5, 30, 60]))
    each = [float(pair_step(logits[[k, 4 + k]], KnownGaps(gaps.years[[k]]), _settings()).total) for k in range(4)]
    logits.requires_grad_()
    loss = pair_step(logits, gaps, _settings(trim=0.75))
    assert float(loss.total.detach()) == pytest.approx(np.mean(sorted(each)[:3]), rel=1e-5)
    loss.total.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    worst = int(np.argmax(each))
    untouched = (logits.grad == 0).all(dim=1).nonzero().flatten().tolist()
    assert untouched == [worst, 4 + worst]


def test_regression_of_the_difference_is_added_by_its_weight() -> None:
    logits, gaps = _logits(3), KnownGaps(np.array([3, 10, 20]))
    ages = torch.softmax(logits.double(), dim=1) @ torch.arange(101).double()
    error = (ages[3:] - ages[:3] - torch.tensor([3, 10, 20])).abs().mean()
    with_it, without = pair_step(logits, gaps, _settings(w_difference=0.5)), pair_step(logits, gaps, _settings())
    assert float(with_it.total - without.total) == pytest.approx(0.5 * float(error), rel=1e-4)


def test_k_is_a_number_unless_its_spread_is_asked_for() -> None:
    pairs = _pairs()
    assert known_gaps(pairs, np.arange(5), is_spread=False).spread is None
    spread = known_gaps(pairs, np.arange(5), is_spread=True).spread
    assert spread is not None
    assert spread.least.tolist() == (pairs.gap_years[:5] - np.arange(5) % 3).tolist()


def test_a_sure_k_costs_the_same_as_a_number() -> None:
    years = np.array([4, 25])
    sure = GapRange(years, years, np.ones(2, np.float32))
    logits = _logits(2)
    a, b = (pair_step(logits, gaps, _settings()).total for gaps in (KnownGaps(years), KnownGaps(years, sure)))
    assert float(a) == pytest.approx(float(b), rel=1e-5)


def test_an_unsure_k_is_said_with_its_confidence_and_evenly_otherwise() -> None:
    years, logits = np.array([10, 3]), _logits(2)
    wide = GapRange(np.array([6, 3]), np.array([14, 3]), np.array([0.4, 0.9], np.float32))
    found = pair_step(logits, KnownGaps(years, wide), _settings()).total
    shares = torch.zeros(2, 9)
    shares[0], shares[0, 4], shares[1, 0] = 0.6 / 8, 0.4, 1.0
    terms = pair_loss(
        logits[:2],
        logits[2:],
        torch.from_numpy(years),
        year_jitter=True,
        gap_shares=shares,
        first_gap=torch.tensor([6, 3]),
    )
    expected = terms.total.mean()
    assert float(found) == pytest.approx(float(expected), rel=1e-5)
    assert float(found) != pytest.approx(float(pair_step(logits, KnownGaps(years), _settings()).total), rel=1e-3)
