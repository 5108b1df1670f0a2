"""The error in all photos of a kind: found where the years show it, left alone where they do not."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.train.said import gaussian_shares
from train.shared_error import ERRORS, SharedError, corrected, fit_shared_error
from train.timelines import Timeline, label_all

AGES = np.arange(101)
Floats = NDArray[np.float64]


def _lives(
    count: int, *, error: float, seed: int, growing: float = 0.3, first: int = 0
) -> tuple[NDArray[np.float32], list[Timeline], Floats]:
    """Return what a net says of lives from about `first` on, `error` deviations too old; widths grow with age."""
    rng = np.random.default_rng(seed)
    shares, lines, ages = [], [], []
    for number in range(count):
        years = np.sort(rng.choice(40, 8, replace=False))
        of_life = years - years[0] + first + rng.integers(0, 4)
        widths = 2.0 + growing * of_life
        shares.append(gaussian_shares(of_life + widths * (error + 0.4 * rng.normal(size=8)), widths))
        lines.append(Timeline(np.arange(8) + 8 * number, years - years[0]))
        ages.append(of_life)
    return np.concatenate(shares), lines, np.concatenate(ages).astype(float)


def _labels(shares: NDArray[np.float32], lines: list[Timeline], *, shared: bool) -> Floats:
    labels = label_all(shares, lines, [line.rows for line in lines], doubt=0.01, sigma=0.5, shared_error=shared).shares
    assert labels.sum(axis=1) == pytest.approx(np.ones(len(labels)), abs=1e-5)
    said: Floats = (labels @ AGES).astype(float)
    return said


def test_a_correction_moves_by_whole_deviations() -> None:
    # Two ages with half of the mass each, four years apart: the deviation is two years.
    shares = np.zeros((1, 101), np.float32)
    shares[0, [30, 34]] = 0.5
    moved = corrected(shares, np.array([-1.5, 0.0, 1.0]))
    for place, years in enumerate((3, 0, -2)):
        assert moved[place, 0] == pytest.approx(np.roll(shares[0], years), abs=1e-6)


def test_a_correction_keeps_the_mass_and_puts_nobody_below_birth() -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(101), 20).astype(np.float32)
    moved = corrected(shares, ERRORS)
    assert moved.min() >= 0
    assert moved.sum(axis=2) == pytest.approx(np.ones((len(ERRORS), 20)), abs=1e-5)
    (baby,) = corrected(gaussian_shares(np.array([2.0]), np.array([2.0])), np.array([4.0]))
    assert baby[0, 0] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("error", [-0.75, 0.0, 1.0])
def test_lives_show_an_error_that_grows_with_doubt(error: float) -> None:
    shares, lines, ages = _lives(60, error=error, seed=3, first=5)
    plain, mended = (np.abs(_labels(shares, lines, shared=shared) - ages).mean() for shared in (False, True))
    if error:
        assert mended < 0.4 * plain
    else:
        assert mended < plain + 0.05


def test_an_error_of_as_many_years_in_all_photos_is_not_invented() -> None:
    # Every width alike: each d moves a life as a whole, so all are as likely and the prior's mean stays.
    shares, lines, _ = _lives(30, error=0.5, seed=4, growing=0.0, first=20)
    said, plain = (_labels(shares, lines, shared=shared) for shared in (True, False))
    assert said == pytest.approx(plain, abs=0.3)


def test_the_fit_is_the_likeliest_of_all_by_hand() -> None:
    rng = np.random.default_rng(5)
    evidence = [-(((ERRORS - 0.8 - 0.3 * rng.normal()) / 0.2) ** 2) / 2 for _ in range(40)]
    fitted = fit_shared_error(evidence)
    assert fitted.mean == pytest.approx(0.8, abs=0.15)
    assert fitted.spread == pytest.approx(0.3, abs=0.16)

    def loglik(mean: float, spread: float) -> float:
        prior = [math.exp(-(((d - mean) / spread) ** 2) / 2) for d in ERRORS]
        each = [
            math.log(sum(p * math.exp(e) for p, e in zip(prior, one, strict=True)) / sum(prior)) for one in evidence
        ]
        return sum(each) - mean**2 / 2

    best = loglik(fitted.mean, fitted.spread)
    for other in (SharedError(0.25, 0.3), SharedError(1.25, 0.3), SharedError(fitted.mean, 1.0)):
        assert loglik(other.mean, other.spread) < best


def test_labels_with_a_known_error_are_the_posterior_summed_by_hand() -> None:
    shares, (line,), _ = _lives(1, error=1.0, seed=6)
    evidence = np.zeros((len(ERRORS), 101 - line.years.max()))
    moved = corrected(shares, ERRORS)
    for d in range(len(ERRORS)):
        for birth in range(evidence.shape[1]):
            for face, since in enumerate(line.years):
                evidence[d, birth] += math.log(0.99 * moved[d, face, birth + since] + 0.01 / 101)
    prior = fit_shared_error([np.log(np.exp(evidence).mean(axis=1))]).log_prior
    weights = (np.exp(evidence) * np.exp(prior)[:, None]).sum(axis=0)
    expected = (weights * np.arange(len(weights))).sum() / weights.sum() + line.years
    assert _labels(shares, [line], shared=True) == pytest.approx(expected, abs=0.02)


def test_no_timeline_that_fits_leaves_the_shares() -> None:
    shares = gaussian_shares(np.array([10.0, 20.0]), np.array([2.0, 2.0]))
    line = Timeline(np.arange(2), np.array([0, 101]))
    for shared in (True, False):
        labels = label_all(shares, [line], [line.rows], doubt=0.01, sigma=1.0, shared_error=shared).shares
        assert np.array_equal(labels, shares)
