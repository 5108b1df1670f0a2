"""Measures beyond plain errors: against brute force, closed forms and scipy."""

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]

from tests.train.said import gaussian_shares
from train.bins import BINS
from train.evaluation.measures.agenet import CENTRES, centre_ages, double_softmax_ages
from train.evaluation.measures.groups import confusion, evaluate_groups, group_score
from train.evaluation.measures.people import mean_doubt, paired_doubt, people_of, person_means
from train.evaluation.measures.reliability import reliability
from train.evaluation.metrics import cs_curve


def test_the_curve_is_the_share_within_each_year() -> None:
    errors = np.random.default_rng(0).normal(0, 5, 500)
    curve = cs_curve(errors)
    assert list(curve) == [str(years) for years in range(1, 11)]
    assert curve["5"] == sum(abs(error) <= 5 for error in errors) / 500
    assert list(curve.values()) == sorted(curve.values())


def test_faces_of_nobody_are_each_a_person() -> None:
    people = people_of([7, -1, 7, 3, -1])
    assert people[0] == people[2]
    assert len(set(people.tolist())) == 4
    assert sorted(set(people.tolist())) == [0, 1, 2, 3]


def test_the_bootstrap_draws_people_as_a_loop_over_people_does() -> None:
    rng = np.random.default_rng(1)
    people = np.repeat(np.arange(12), rng.integers(1, 9, 12))
    values = rng.normal(5, 2, len(people)) + 3 * rng.normal(size=12)[people]
    found = mean_doubt(values, people, draws=20_000)
    by_hand = []
    for _ in range(4000):
        rows = np.concatenate([np.flatnonzero(people == person) for person in rng.integers(0, 12, 12)])
        by_hand.append(values[rows].mean())
    low, high = np.quantile(by_hand, [0.025, 0.975])
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(low, abs=0.15)
    assert found.high == pytest.approx(high, abs=0.15)
    assert found.people == 12


def test_people_who_err_alike_make_the_interval_wider_than_photos_would() -> None:
    rng = np.random.default_rng(2)
    people = np.repeat(np.arange(30), 20)
    values = rng.normal(size=30)[people] + 0.1 * rng.normal(size=600)
    honest = mean_doubt(values, people)
    naive = mean_doubt(values, np.arange(600))
    assert honest.high - honest.low > 3 * (naive.high - naive.low)


def test_one_photo_a_person_gives_the_normal_interval_of_a_mean() -> None:
    values = np.random.default_rng(3).normal(0, 4, 900)
    found = mean_doubt(values, np.arange(900), draws=6000)
    low, high = stats.norm.interval(0.95, values.mean(), values.std() / 30)
    assert found.low == pytest.approx(low, abs=0.03)
    assert found.high == pytest.approx(high, abs=0.03)


def test_the_same_seed_gives_the_same_interval() -> None:
    values, people = np.random.default_rng(8).normal(size=80), np.arange(80) // 4
    assert mean_doubt(values, people, seed=3) == mean_doubt(values, people, seed=3)
    assert mean_doubt(values, people, seed=3) != mean_doubt(values, people, seed=4)


def test_p_is_large_without_a_difference_and_near_the_t_test_with_one() -> None:
    rng = np.random.default_rng(4)
    first = rng.normal(5, 1, 200)
    noise = rng.normal(0, 1, 200)
    noise -= noise.mean()
    assert paired_doubt(first, first + noise, np.arange(200)).p > 0.5
    shifted = first + noise + 0.15
    expected = stats.ttest_rel(shifted, first).pvalue
    assert paired_doubt(first, shifted, np.arange(200), draws=20_000).p == pytest.approx(expected, rel=0.3)
    assert paired_doubt(first, first - 1, np.arange(200)).p == pytest.approx(2 / 2001)


def test_the_sign_of_a_difference_is_second_less_first() -> None:
    found = paired_doubt([5.0, 5.0], [4.0, 3.0], [0, 1])
    assert found.value == -1.5
    assert found.high <= -1


def test_a_person_counts_once_in_the_means_of_people() -> None:
    assert person_means([1.0, 3.0, 10.0], [4, 4, 9]).tolist() == [2.0, 10.0]


@pytest.mark.parametrize("people", [[0], [0, 1, 2]])
def test_values_and_people_must_be_of_one_length(people: list[int]) -> None:
    with pytest.raises(ValueError, match="one length"):
        mean_doubt([1.0, 2.0], people)


ADIENCE = BINS["adience"]


def _certain(ages: list[int]) -> np.ndarray:
    return np.eye(101, dtype=np.float32)[ages]


def test_an_age_in_a_gap_is_wrong_by_the_literal_reading_and_right_by_the_nearest() -> None:
    true, said = [30.0, 30.0, 5.0], [34.0, 30.0, 3.0]
    found = evaluate_groups(true, said, _certain([34, 30, 3]), ADIENCE)
    assert found is not None
    assert list(found["expected"].values()) == pytest.approx([1 / 3, 1 / 3])
    assert found["nearest"]["exact"] == pytest.approx(2 / 3)  # 34 is nearer to 25-32, 3 as near to 0-2 as to 4-6
    assert found["nearest"]["one_off"] == 1.0


def test_faces_labelled_in_a_gap_have_no_group_and_are_counted_apart() -> None:
    found = evaluate_groups([22.0, 35.0, 50.0], [22.0, 30.0, 50.0], _certain([22, 30, 50]), ADIENCE)
    assert found is not None
    assert (found["count"], found["left_out"]) == (1, 2)
    assert evaluate_groups([22.0], [22.0], _certain([22]), ADIENCE) is None


def test_completed_years_decide_the_group_as_int_does_in_agenets_script() -> None:
    found = evaluate_groups([2.9, 32.5], [2.99, 32.99], _certain([2, 32]), ADIENCE)
    assert found is not None
    assert found["expected"]["exact"] == 1.0


def test_scores_and_confusion_are_those_of_a_loop() -> None:
    rng = np.random.default_rng(5)
    true, said = rng.integers(0, 8, 300), rng.integers(-1, 8, 300)
    score = group_score(true, said)
    pairs = list(zip(true.tolist(), said.tolist(), strict=True))
    assert score["exact"] == pytest.approx(sum(a == b for a, b in pairs) / 300)
    assert score["one_off"] == pytest.approx(sum(b >= 0 and abs(a - b) <= 1 for a, b in pairs) / 300)
    said = np.maximum(said, 0)
    table = confusion(true, said, 8)
    assert table.sum() == 300
    assert table[2, 5] == sum((a, b) == (2, 5) for a, b in zip(true.tolist(), said.tolist(), strict=True))


def test_a_net_with_these_very_groups_is_read_by_the_group_it_chose() -> None:
    found = evaluate_groups([1.0], [1.0], _certain([1]), ADIENCE, native=np.array([6]))
    assert found is not None
    assert found["native"] == {"exact": 0.0, "one_off": 0.0}
    assert found["confusion"][0][6] == 1


def test_a_second_softmax_leaves_a_certain_net_only_ages_from_23_to_34() -> None:
    certain = np.eye(10)
    assert centre_ages(certain).tolist() == pytest.approx(list(CENTRES))
    twice = double_softmax_ages(certain)
    # One bin has the share e / (e + 9), each other 1 / (e + 9).
    by_hand = [(sum(CENTRES) + (np.e - 1) * centre) / (np.e + 9) for centre in CENTRES]
    assert twice.tolist() == pytest.approx(by_hand)
    assert twice.min() == pytest.approx(23.2, abs=0.05)
    assert twice.max() == pytest.approx(34.1, abs=0.05)


def test_no_distribution_leaves_the_range_of_certain_ones_after_a_second_softmax() -> None:
    shares = np.random.default_rng(6).dirichlet(np.full(10, 0.2), 5000)
    twice = double_softmax_ages(shares)
    assert double_softmax_ages(np.eye(10)).min() - 1e-9 <= twice.min()
    assert twice.max() <= double_softmax_ages(np.eye(10)).max() + 1e-9
    assert np.all(double_softmax_ages(shares, truncated=True) == np.floor(twice))


def test_shares_of_another_number_of_bins_are_refused() -> None:
    with pytest.raises(ValueError, match="10"):
        double_softmax_ages(np.ones((3, 8)) / 8)


def test_honest_distributions_lie_on_the_diagonal_and_sure_ones_below() -> None:
    rng = np.random.default_rng(7)
    means = rng.uniform(30, 70, 6000)
    ages = means + rng.normal(0, 5, 6000)
    honest = reliability(gaussian_shares(means, 5.0), ages, scale=None)
    assert honest["calibration_error"] < 0.015
    assert honest["levels"]["90"]["coverage"] == pytest.approx(0.9, abs=0.015)
    assert honest["levels"]["50"]["width"] == pytest.approx(2 * stats.norm.ppf(0.75) * 5, rel=0.02)
    sure = reliability(gaussian_shares(means, 2.5), ages, scale=None)
    assert all(share <= int(level) / 100 + 0.01 for level, share in sure["curve"].items())
    mended = reliability(gaussian_shares(means, 2.5), ages, scale=2.0)
    assert mended["calibration_error"] < 0.015
