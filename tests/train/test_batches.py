"""Which rows a step sees: fair, seeded, and a function of the step alone."""

from collections import Counter

import numpy as np
import pytest

from train.batches import GAP_BUCKETS, EndlessOrder, PairSampler, age_weights, prefetched
from train.crops import Crops, Part
from train.data import FacePairs


def test_without_weights_each_pass_shows_every_face_once() -> None:
    order = EndlessOrder(37, seed=1, key=0)
    first, second = order.rows(0, 37), order.rows(37, 37)
    assert sorted(first) == sorted(second) == list(range(37))
    assert first.tolist() != second.tolist()


def test_a_batch_is_the_same_however_the_sequence_is_cut() -> None:
    whole = EndlessOrder(10, seed=3, key=0).rows(0, 60)
    order = EndlessOrder(10, seed=3, key=0)
    backwards = [order.rows(start, 7) for start in (42, 7, 0)]
    assert np.array_equal(backwards[0], whole[42:49])
    assert np.array_equal(backwards[1], whole[7:14])
    assert np.array_equal(backwards[2], whole[:7])


def test_another_seed_gives_another_order() -> None:
    assert EndlessOrder(50, seed=1, key=0).rows(0, 50).tolist() != EndlessOrder(50, seed=2, key=0).rows(0, 50).tolist()


def test_a_pass_shows_each_face_by_its_weight_to_within_one() -> None:
    weights = np.random.default_rng(0).random(40) + 0.05
    expected = 40 * weights / weights.sum()
    counts = Counter(EndlessOrder(40, seed=5, key=0, weights=weights).rows(0, 40).tolist())
    for row in range(40):
        assert np.floor(expected[row]) <= counts[row] <= np.ceil(expected[row])


def test_over_many_passes_the_weights_are_met() -> None:
    weights = np.array([1.0, 2.0, 3.0, 4.0, 0.1])
    rows = EndlessOrder(5, seed=0, key=0, weights=weights).rows(0, 5000)
    shares = np.bincount(rows, minlength=5) / 5000
    assert np.abs(shares - weights / weights.sum()).max() < 0.02


def test_rare_ages_weigh_by_the_root_of_how_rare_they_are() -> None:
    ages = np.array([10.0] * 400 + [60.0] * 4, np.float32)
    weights = age_weights(ages, "sqrt-inverse")
    assert weights is not None
    assert weights[-1] / weights[0] == pytest.approx(10.0, rel=1e-6)
    assert age_weights(ages, "none") is None


def test_the_rarity_of_an_age_is_that_of_its_neighbourhood() -> None:
    # Age 31 has one face, but 30 and 32 have many: it is not rare.
    ages = np.array([30.0] * 100 + [31.0] + [32.0] * 100 + [70.0], np.float32)
    weights = age_weights(ages, "sqrt-inverse")
    assert weights is not None
    assert weights[100] / weights[0] < 1.2
    assert weights[-1] / weights[0] > 3


def _pairs(gaps: list[list[int]]) -> FacePairs:
    """Pairs of len(gaps) subjects; the gaps of each are listed."""
    subject = np.concatenate([[place] * len(of_one) for place, of_one in enumerate(gaps)])
    flat = np.concatenate([np.asarray(of_one) for of_one in gaps])
    count = len(flat)
    crops = Crops((Part(np.zeros((1, 4, 4, 3), np.uint8), np.zeros(1, np.int64)),))
    rows = np.arange(count)
    shuffle = np.random.default_rng(0).permutation(count)
    return FacePairs(crops, rows, rows, flat[shuffle].astype(np.int64), subject[shuffle].astype(np.int64))


def test_a_prolific_subject_is_drawn_no_more_often_than_another() -> None:
    pairs = _pairs([[5] * 500, [5], [5, 6]])
    rows = np.concatenate([PairSampler(pairs, seed=0, key=0).rows(step, 300) for step in range(20)])
    shares = np.bincount(pairs.subject[rows], minlength=3) / len(rows)
    # Three standard deviations of a share of a third among 6,000 draws are 0.018.
    assert np.abs(shares - 1 / 3).max() < 0.02


def test_within_a_subject_every_range_of_k_is_drawn_equally_often() -> None:
    pairs = _pairs([[1] * 90 + [12] * 9 + [40], [2, 50]])
    rows = np.concatenate([PairSampler(pairs, seed=0, key=0).rows(step, 300) for step in range(20)])
    gaps = pairs.gap_years[rows][pairs.subject[rows] == 0]
    shares = np.array([(gaps == gap).mean() for gap in (1, 12, 40)])
    assert np.abs(shares - 1 / 3).max() < 0.03


def test_every_pair_is_drawn_sooner_or_later() -> None:
    pairs = _pairs([[1, 2, 3, 30], [7, 7, 8], [0, 60]])
    rows = np.concatenate([PairSampler(pairs, seed=4, key=0).rows(step, 50) for step in range(20)])
    assert set(rows.tolist()) == set(range(len(pairs)))


def test_the_pairs_of_a_step_depend_on_seed_and_step_alone() -> None:
    pairs = _pairs([[1, 2, 3, 30], [7, 7, 8]])
    sampler = PairSampler(pairs, seed=4, key=0)
    sampler.rows(0, 9)
    assert np.array_equal(sampler.rows(5, 9), PairSampler(pairs, seed=4, key=0).rows(5, 9))
    assert not np.array_equal(sampler.rows(5, 9), sampler.rows(6, 9))


def test_the_ranges_of_k_begin_at_zero_and_grow() -> None:
    assert GAP_BUCKETS[0] == 0
    assert list(GAP_BUCKETS) == sorted(set(GAP_BUCKETS))


def test_prefetched_batches_come_in_order_and_once() -> None:
    made: list[int] = []

    def make(step: int) -> int:
        made.append(step)
        return step * step

    assert list(prefetched(make, range(3, 9))) == [step * step for step in range(3, 9)]
    assert made == list(range(3, 9))
    assert list(prefetched(make, range(4, 4))) == []


def test_a_fault_in_a_prefetched_batch_reaches_the_trainer() -> None:
    def make(step: int) -> int:
        if step == 2:
            raise ValueError("broken crop")
        return step

    with pytest.raises(ValueError, match="broken crop"):
        list(prefetched(make, range(5)))
