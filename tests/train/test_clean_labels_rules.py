"""The rules of `train clean-labels`, against sums made by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from train.bins import BINS, spread
from train.cleaning.planted import plant
from train.cleaning.rules import deviations, doubts, neighbour_mass, robust_z

TEN = np.array([[0.02, 0.03, 0.05, 0.1, 0.3, 0.2, 0.1, 0.1, 0.06, 0.04]], np.float32)


@pytest.mark.parametrize(
    ("age", "mass"),
    [
        (0, 0.05),  # two terms at either end
        (2.9, 0.05),
        (3, 0.10),
        (12, 0.18),
        (13, 0.45),
        (22, 0.60),
        (33, 0.40),
        (59, 0.20),
        (60, 0.10),
        (101, 0.10),
    ],
)
def test_the_mass_of_a_bin_and_its_neighbours(age: float, mass: float) -> None:
    assert neighbour_mass(TEN, np.array([age])) == pytest.approx([mass], abs=1e-6)
    # A model that answers in years says the same once they are gathered into bins.
    assert neighbour_mass(spread(TEN, BINS["agenet"]), np.array([age])) == pytest.approx([mass], abs=1e-6)


def test_agenet_drops_below_four_tenths() -> None:
    shares, ages = np.repeat(TEN, 3, axis=0), np.array([13.0, 22.0, 59.0])
    found = doubts("agenet", shares, ages)
    assert found.is_doubted.tolist() == [False, False, True]
    assert np.argmax(found.score) == 2
    assert doubts("agenet", shares, ages, threshold=0.5).is_doubted.tolist() == [
        True,
        False,
        True,
    ]


def test_a_net_that_knows_nothing_loses_every_face_by_agenets_rule_and_none_by_the_other() -> None:
    ages = np.linspace(1, 90, 200)
    assert doubts("agenet", np.full((200, 10), 0.1, np.float32), ages).is_doubted.all()
    assert not doubts("errors", np.full((200, 101), 1 / 101, np.float32), ages).is_doubted.any()


def _said(ages: NDArray[np.float64], width: float) -> NDArray[np.float32]:
    shares = np.exp(-0.5 * ((np.arange(101) - ages[:, None]) / width) ** 2)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("label", [38.0, 47.0, 60.0])
def test_for_a_gaussian_the_deviation_is_the_standardised_error(label: float) -> None:
    said = _said(np.array([50.0]), 4.0)
    assert deviations(said, np.array([label])) == pytest.approx([abs(label - 50) / np.hypot(4, 2)], rel=0.01)


def _set(*, faces: int = 4000, seed: int = 0, sure: float = 1.0) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return what is said of faces whose ages are harder to tell the older they are; `sure` nets claim less width."""
    rng = np.random.default_rng(seed)
    ages = rng.uniform(2, 85, faces)
    width = 1.5 + ages / 10
    said = np.clip(ages + rng.normal(0, 1, faces) * width, 0, 100)
    shares = np.exp(-0.5 * ((np.arange(101) - said[:, None]) / (width[:, None] / sure)) ** 2)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32), ages


@pytest.mark.parametrize("sure", [0.5, 1.0, 3.0])
def test_however_sure_nets_are_right_labels_pass_at_every_age(sure: float) -> None:
    shares, ages = _set(sure=sure)
    z = robust_z(shares, ages)
    assert (z > 3.5).mean() < 0.005
    for decade in range(8):
        assert np.median(z[ages // 10 == decade]) == pytest.approx(0.67, abs=0.12)


@pytest.mark.parametrize("sure", [1.0, 3.0])
def test_exchanged_labels_are_found_and_the_estimate_says_how_many(sure: float) -> None:
    shares, ages = _set(sure=sure, seed=1)
    told = plant("errors", shares, ages)
    # The count by another road: exchange labels here, and look.
    rng = np.random.default_rng(9)
    wrong, rows = ages.copy(), rng.choice(len(ages), 200, replace=False)
    wrong[rows] = rng.permutation(ages)[:200]
    found = doubts("errors", shares, wrong).is_doubted
    assert told.recall == pytest.approx(found[rows].mean(), abs=0.08)
    assert told.precision_at_least == pytest.approx(found[rows].sum() / found.sum(), abs=0.05)
    assert told.precision_at_least is not None
    assert told.precision_at_least > 0.9
    assert told.recall is not None
    assert told.recall_far is not None
    assert told.recall_far > told.recall > 0.5
