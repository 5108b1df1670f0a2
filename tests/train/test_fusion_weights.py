"""What the methods of `train fuse` learn, against closed forms."""

import numpy as np
import pytest
from numpy.typing import NDArray

from train.fusion.combining import Answers, fit, fit_measured, people_folds
from train.fusion.mixing import mean_ages, mean_of_ages, mixture
from train.fusion.weights import error_weights, likelihood_weights, on_simplex

Floats = NDArray[np.float64]


def _said(deviations: list[float], *, faces: int = 400, seed: int = 0) -> tuple[Floats, Floats]:
    """Return ages said by members (M, N) and true ages (N,); errors of exactly these deviations, exactly unrelated."""
    rng = np.random.default_rng(seed)
    unrelated = np.linalg.qr(rng.normal(size=(faces, len(deviations))))[0].T * np.sqrt(faces)
    ages = rng.uniform(0, 90, faces)
    return ages + unrelated * np.array(deviations)[:, None], ages


def _bumps(ages: Floats, width: float) -> NDArray[np.float32]:
    grid = np.arange(101)
    shares = np.exp(-0.5 * ((grid - ages[..., None]) / width) ** 2)
    return np.asarray(shares / shares.sum(-1, keepdims=True), np.float32)


def test_with_unrelated_errors_the_weights_are_the_inverse_variances() -> None:
    deviations = np.array([3.0, 4.0, 6.0, 20.0])
    said, ages = _said(deviations.tolist())
    assert error_weights(said, ages) == pytest.approx(deviations**-2 / (deviations**-2).sum(), abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_with_related_errors_no_point_of_the_simplex_errs_less(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(5, 5)) @ rng.normal(size=(5, 300)) + rng.normal(size=(5, 1))
    ages = rng.uniform(0, 90, 300)
    weights = error_weights(ages + mixed, ages)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1, abs=1e-9)
    # Karush, Kuhn and Tucker: no part that counts can be traded for another, and none that does not is worth having.
    slope = mixed @ (weights @ mixed) / 300
    assert slope[weights > 1e-9] == pytest.approx(slope.min(), abs=1e-6)


def test_the_nearest_point_of_the_simplex_is_nearer_than_any_other() -> None:
    rng = np.random.default_rng(0)
    others = rng.dirichlet(np.ones(4), 20_000)
    for point in rng.normal(size=(20, 4)) * 2:
        nearest = on_simplex(point)
        assert nearest.min() >= 0
        assert nearest.sum() == pytest.approx(1)
        assert np.linalg.norm(nearest - point) <= np.linalg.norm(others - point, axis=1).min() + 1e-12


def test_likelihood_weights_are_those_of_the_mixture_the_ages_were_drawn_from() -> None:
    # Two members that never overlap: the weight of each is the share of faces that are of its kind.
    shares = np.zeros((2, 100, 101), np.float32)
    shares[0, :, 20] = shares[1, :, 60] = 1
    ages = np.where(np.arange(100) < 30, 20.0, 60.0)
    assert likelihood_weights(shares, ages) == pytest.approx([0.3, 0.7], abs=1e-3)


def test_both_ways_of_averaging_say_the_weighted_mean_age() -> None:
    rng = np.random.default_rng(1)
    shares = rng.dirichlet(np.ones(101) * 0.2, (3, 20)).astype(np.float32)
    weights = np.array([0.5, 0.3, 0.2])
    wanted = weights @ (shares.astype(np.float64) @ np.arange(101))
    assert mixture(shares, weights).astype(np.float64) @ np.arange(101) == pytest.approx(wanted, abs=1e-3)
    # Four hundred quantiles stand for each distribution.
    assert mean_of_ages(shares, weights).astype(np.float64) @ np.arange(101) == pytest.approx(wanted, abs=0.2)
    assert mean_of_ages(shares, weights).sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_the_mean_of_ages_is_as_wide_as_its_members_and_the_mixture_wider() -> None:
    shares = _bumps(np.array([[30.0], [50.0]]), 3.0)
    even = np.full(2, 0.5)

    def width(of: NDArray[np.float32]) -> float:
        grid = np.arange(101)
        mean = float(of[0] @ grid)
        return float(np.sqrt(of[0] @ (grid - mean) ** 2))

    assert width(mean_of_ages(shares, even)) == pytest.approx(3.0, abs=0.1)
    # Variance within plus variance between: 9 + 100.
    assert width(mixture(shares, even)) == pytest.approx(np.sqrt(109), abs=0.1)


def _answers(*, faces: int = 300, seed: int = 0, telling: bool = True) -> Answers:
    """Two members off by 8 years at random; features that say the age (`telling`), or noise."""
    rng = np.random.default_rng(seed)
    ages = rng.uniform(5, 80, faces)
    shares = _bumps(ages + rng.normal(0, 8, (2, faces)), 6.0)
    features = rng.normal(size=(faces, 12))
    if telling:
        features[:, :6] = np.cos(ages[:, None] / 12 * np.arange(1, 7)) + rng.normal(0, 0.05, (faces, 6))
    return Answers(shares, features.astype(np.float32), ages.astype(np.float32), np.arange(faces, dtype=np.int64))


def test_features_that_tell_the_age_correct_the_average_on_other_people() -> None:
    learned, unseen = _answers(), _answers(seed=1)
    combiner, _ = fit_measured("features", learned)
    plain = mean_ages(fit("average", learned).combine(unseen.shares))
    better = mean_ages(combiner.combine(unseen.shares, unseen.features))
    assert np.abs(better - unseen.ages).mean() < 0.7 * np.abs(plain - unseen.ages).mean()


def test_features_of_noise_leave_the_average_about_as_it_is() -> None:
    learned, unseen = _answers(telling=False), _answers(seed=1, telling=False)
    combiner, _ = fit_measured("features", learned)
    plain = np.abs(mean_ages(fit("average", learned).combine(unseen.shares)) - unseen.ages).mean()
    assert np.abs(mean_ages(combiner.combine(unseen.shares, unseen.features)) - unseen.ages).mean() < 1.06 * plain


def test_what_is_said_of_a_face_comes_from_other_people() -> None:
    # The second member knows one person by heart: held out, it is not believed for that.
    rng = np.random.default_rng(0)
    ages = rng.uniform(10, 80, 60)
    people = np.repeat(np.arange(6), 10)
    said = np.stack([ages + rng.normal(0, 5, 60), ages + rng.normal(0, 15, 60)])
    answers = Answers(_bumps(said, 3.0), None, ages.astype(np.float32), people)
    combiner, held_out = fit_measured("learned", answers)
    for rows in people_folds(people):
        others = np.setdiff1d(np.arange(60), rows)
        weights = error_weights(
            mean_ages(answers.shares[:, others]), ages[others].astype(np.float32).astype(np.float64)
        )
        assert held_out[rows] == pytest.approx(mixture(answers.shares[:, rows], weights), abs=1e-6)
        assert len({*people[rows]} & {*people[others]}) == 0
    assert combiner.weights[0] > combiner.weights[1]
