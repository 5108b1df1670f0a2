"""Measures against numbers worked by hand."""

import json
from math import exp

import numpy as np
import pytest

from train.evaluation.metrics import (
    bias,
    cumulative_score,
    epsilon_error,
    evaluate_ages,
    interval_coverage,
    mae,
    per_decade,
)

TRUE = [5.0, 9.9, 10.0, 34.0]
PREDICTED = [7.0, 9.9, 4.0, 39.0]  # errors 2, 0, -6, 5


def test_mae_and_bias_keep_their_signs() -> None:
    assert mae(TRUE, PREDICTED) == pytest.approx(13 / 4)
    assert bias(TRUE, PREDICTED) == pytest.approx(1 / 4)


def test_cumulative_score_counts_an_error_of_exactly_the_tolerance() -> None:
    assert cumulative_score([2.0, 0.0, -6.0, 5.0], 5) == 3 / 4
    assert cumulative_score([2.0, 0.0, -6.0, 5.0], 4.99) == 2 / 4
    assert cumulative_score([5.0000001], 5) == 0.0


def test_predictions_are_not_rounded() -> None:
    assert mae([10.0], [10.4]) == pytest.approx(0.4)
    assert cumulative_score([5.4]) == 0.0


def test_decades_are_of_the_true_age_and_empty_ones_are_left_out() -> None:
    assert per_decade([*TRUE, 103.0], [*PREDICTED, 100.0]) == {
        "0-9": {"count": 2, "mae": pytest.approx(1.0), "bias": pytest.approx(1.0)},
        "10-19": {"count": 1, "mae": pytest.approx(6.0), "bias": pytest.approx(-6.0)},
        "30-39": {"count": 1, "mae": pytest.approx(5.0), "bias": pytest.approx(5.0)},
        "100-109": {"count": 1, "mae": pytest.approx(3.0), "bias": pytest.approx(-3.0)},
    }


def test_decades_add_up_to_the_whole() -> None:
    draws = np.random.default_rng(0)
    true, predicted = draws.uniform(0, 100, 500), draws.uniform(0, 100, 500)
    table = per_decade(true, predicted).values()
    assert sum(row["count"] for row in table) == 500
    assert sum(row["count"] * row["mae"] for row in table) / 500 == pytest.approx(mae(true, predicted))


def test_the_ends_of_an_interval_belong_to_it() -> None:
    assert interval_coverage([5, 5, 5, 5], [5, 4, 6, 0], [9, 5, 9, 4]) == 2 / 4


def test_epsilon_error_at_one_and_two_sigma() -> None:
    assert epsilon_error([30.0], [2.0], [32.0]) == pytest.approx(0.3935, abs=1e-4)
    assert epsilon_error([30.0, 30.0], [2.0, 2.0], [30.0, 26.0]) == pytest.approx((1 - exp(-2)) / 2)


def test_epsilon_error_keeps_its_digits_for_small_errors_and_floors_the_deviation() -> None:
    assert epsilon_error([30.0], [5.0], [30.0 + 5e-8]) == pytest.approx(5e-17, rel=1e-3, abs=0)  # 1 - exp(x) is 0
    assert epsilon_error([30.0], [0.0], [30.1]) == pytest.approx(0.3935, abs=1e-4)
    assert epsilon_error([30.0], [0.0], [30.0]) == 0.0


def test_evaluate_ages_gathers_all_measures_under_their_names() -> None:
    result = evaluate_ages(TRUE, PREDICTED, [5.0, 10.0, 0.0, 30.0], [9.0, 11.0, 20.0, 40.0])
    assert {key: value for key, value in result.items() if key != "per_decade"} == {
        "count": 4,
        "mae": pytest.approx(3.25),
        "median_error": pytest.approx(3.5),
        "bias": pytest.approx(0.25),
        "cs5": 0.75,
        "coverage90": 0.75,
    }
    assert list(result["per_decade"]) == ["0-9", "10-19", "30-39"]


def test_the_result_is_plain_json_also_from_float32() -> None:
    result = evaluate_ages(np.asarray(TRUE, dtype=np.float32), np.asarray(PREDICTED, dtype=np.float32))
    assert json.loads(json.dumps(result)) == result
    assert result["coverage90"] is None


@pytest.mark.parametrize(
    ("true", "predicted", "words"),
    [
        ([], [], "at least one number"),
        ([1.0, 2.0], [1.0], "lengths differ"),
        ([1.0, float("nan")], [1.0, 2.0], "1 values that are not finite"),
        ([[1.0]], [[1.0]], "shape"),
    ],
)
def test_what_cannot_be_measured_is_refused(true: list[float], predicted: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        evaluate_ages(true, predicted)


def test_half_an_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="both low and high"):
        evaluate_ages([1.0], [1.0], low=[0.0])
    with pytest.raises(ValueError, match="lengths differ"):
        evaluate_ages([1.0, 2.0], [1.0, 2.0], [0.0], [3.0])
