"""Intervals from pairs: people invented with known error widths, so that the right factor is known."""

import numpy as np
import pytest

from agegap.errors import NothingToDo
from train.evaluation.calibration import interval_at, interval_scale
from train.evaluation.pair_calibration import HeldOutPairs, labelled_pairs, miss_quantile, transferred_scale

SAID_WIDTH = 4.0
"""Years: the spread every distribution claims."""


def _shares(means: np.ndarray) -> np.ndarray:
    mass = np.exp(-0.5 * ((np.arange(101) - means[:, None]) / SAID_WIDTH) ** 2)
    shares: np.ndarray = (mass / mass.sum(1, keepdims=True)).astype(np.float32)
    return shares


def _labelled(rng: np.random.Generator, error: float, count: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    ages = rng.uniform(30, 70, count)
    return _shares(ages + rng.normal(0, error, count)), ages.astype(np.float32)


def _pairs(
    rng: np.random.Generator, error: float, *, people: int = 300, shift: float = 0.0
) -> tuple[HeldOutPairs, np.ndarray]:
    """Return all pairs of people with five photos each whose said ages miss by `error`, and the true ages."""
    births = rng.uniform(25, 40, people)
    ages = (births[:, None] + np.sort(rng.uniform(0, 30, (people, 5)), axis=1)).ravel()
    i, j = np.triu_indices(5, 1)
    younger = (np.arange(people)[:, None] * 5 + i).ravel()
    older = (np.arange(people)[:, None] * 5 + j).ravel()
    shares = _shares(ages + shift + rng.normal(0, error, len(ages)))
    return HeldOutPairs(shares, younger, older, ages[older] - ages[younger], np.repeat(np.arange(people), 10)), ages


@pytest.mark.parametrize("error", [2.0, 6.0, 8.0])
def test_the_factor_of_new_photos_is_found_without_an_age_of_theirs(error: float) -> None:
    rng = np.random.default_rng(0)
    labelled, known = _labelled(rng, 4.0)
    pairs, hidden = _pairs(rng, error)
    scale = transferred_scale(labelled, known, pairs)
    low, high = interval_at(pairs.shares, scale=scale, coverage=0.9)
    assert ((low <= hidden) & (hidden <= high)).mean() == pytest.approx(0.9, abs=0.02)
    assert interval_scale(labelled, known) == pytest.approx(1.0, abs=0.05)


def test_a_level_that_is_off_for_all_is_in_no_pair() -> None:
    """What the docs warn of: the factor is that of the photos without the shift."""
    labelled, known = _labelled(np.random.default_rng(1), 4.0)
    plain = transferred_scale(labelled, known, _pairs(np.random.default_rng(2), 5.0)[0])
    shifted = transferred_scale(labelled, known, _pairs(np.random.default_rng(2), 5.0, shift=10.0)[0])
    assert shifted == pytest.approx(plain, rel=0.02)


def test_somebody_with_many_pairs_counts_as_much_as_anybody() -> None:
    pairs, _ = _pairs(np.random.default_rng(3), 4.0, people=40)
    # The pairs of one person a hundred times more.
    mine = np.flatnonzero(pairs.subject == 7)
    rows = np.concatenate([np.arange(len(pairs.subject)), np.repeat(mine, 100)])
    repeated = HeldOutPairs(
        pairs.shares, pairs.younger[rows], pairs.older[rows], pairs.gap_years[rows], pairs.subject[rows]
    )
    assert miss_quantile(repeated) == pytest.approx(miss_quantile(pairs), rel=1e-6)


def test_drawn_pairs_of_labelled_faces_have_the_younger_first_and_the_true_gap() -> None:
    shares, ages = _labelled(np.random.default_rng(4), 4.0, 50)
    pairs = labelled_pairs(shares, ages)
    assert (pairs.gap_years >= 0).all()
    np.testing.assert_allclose(ages[pairs.older] - ages[pairs.younger], pairs.gap_years, atol=1e-4)
    assert (pairs.younger != pairs.older).all()


def test_pairs_of_a_handful_of_people_are_refused() -> None:
    labelled, known = _labelled(np.random.default_rng(5), 4.0, 200)
    with pytest.raises(NothingToDo, match="9 people"):
        transferred_scale(labelled, known, _pairs(np.random.default_rng(6), 4.0, people=9)[0])
