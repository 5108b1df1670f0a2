"""The classifiers of the hand-made baseline against what they are by definition."""

import numpy as np
import pytest
from numpy.typing import NDArray

from agegap.errors import UnknownName
from train.bins import bins_named, gathered
from train.geometric.classifiers import CLASSIFIERS, classifier, kmeans, knn, lda, ridge
from train.geometric.settings import GeometricSettings
from train.geometric.tables import CLASSES, group_of, histograms, whole_years

Floats = NDArray[np.float64]
RNG = np.random.default_rng(0)
AGES = RNG.integers(0, 90, 300).astype(np.float64)
FEATURES = np.stack([AGES / 30 - 1.5, np.sin(AGES / 15), RNG.normal(size=300)], axis=1) + RNG.normal(0, 0.2, (300, 3))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_says_distributions_and_learns(name: str) -> None:
    settings = GeometricSettings(classifier=name)  # type: ignore[arg-type]
    method = classifier(name)
    arrays = method.fit(FEATURES[:200], AGES[:200], settings)
    shares = method.shares(FEATURES[200:], arrays)
    assert shares.shape == (100, CLASSES)
    assert (shares > 0).any(axis=1).all()
    assert shares.min() >= 0
    assert shares.sum(axis=1) == pytest.approx(np.ones(100))
    said = shares @ np.arange(CLASSES)
    constant = np.abs(AGES[200:] - np.median(AGES[:200])).mean()
    assert np.abs(said - AGES[200:]).mean() < 0.5 * constant
    # What is far from everything is answered too.
    assert np.isfinite(method.shares(np.full((1, 3), 50.0), arrays)).all()
    again = method.fit(FEATURES[:200], AGES[:200], settings)
    assert all(np.array_equal(again[key], arrays[key]) for key in arrays)


def test_an_unknown_classifier_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'kmeans'"):
        classifier("kmean")


def test_k_means_finds_the_middles_of_three_clouds() -> None:
    clouds = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])
    rng = np.random.default_rng(2)
    features = np.concatenate([cloud + rng.normal(0, 0.3, (40, 2)) for cloud in clouds])
    ages = np.repeat([5.0, 30.0, 70.0], 40)
    arrays = kmeans.fit(features, ages, GeometricSettings(clusters=3, prior_faces=0))
    order = kmeans.nearest(clouds, arrays["centres"])
    means = np.array([features[40 * cloud : 40 * cloud + 40].mean(axis=0) for cloud in range(3)])
    assert arrays["centres"][order] == pytest.approx(means)
    assert arrays["faces"].tolist() == [40, 40, 40]
    said = kmeans.shares(clouds, arrays)
    assert said.argmax(axis=1).tolist() == [5, 30, 70]


def test_more_clusters_than_faces_are_as_many_as_there_are_faces() -> None:
    features = np.array([[0.0], [1.0], [1.0], [2.0]])
    arrays = kmeans.fit(features, np.array([1.0, 2, 3, 4]), GeometricSettings(clusters=20))
    assert sorted(arrays["centres"][:, 0].tolist()) == [0, 1, 2]


def test_discriminant_analysis_gives_bayes_posterior_of_gaussians() -> None:
    rng = np.random.default_rng(4)
    young, old = rng.normal(0, 1, (60, 2)), rng.normal(2, 1, (30, 2))
    features, ages = np.concatenate([young, old]), np.repeat([8.0, 50.0], [60, 30])
    arrays = lda.fit(features, ages, GeometricSettings(classifier="lda"))
    asked = rng.normal(1, 2, (7, 2))
    covariance = (
        (young - young.mean(0)).T @ (young - young.mean(0)) + (old - old.mean(0)).T @ (old - old.mean(0))
    ) / 88
    covariance = 0.999 * covariance + 0.001 * np.eye(2)
    inverse = np.linalg.inv(covariance)

    def density(row: Floats, mean: Floats) -> float:
        return float(np.exp(-0.5 * (row - mean) @ inverse @ (row - mean)))

    both = np.array([[60 * density(row, young.mean(0)), 30 * density(row, old.mean(0))] for row in asked])
    wanted = both / both.sum(axis=1, keepdims=True)
    groups = lda.posteriors(asked, arrays)
    bins = bins_named("agenet")
    assert groups[:, [bins.labels.index("7-12"), bins.labels.index("45-59")]] == pytest.approx(wanted)
    assert groups.sum(axis=1) == pytest.approx(np.ones(7))
    # As years: each group keeps its mass, so the group that is read from the years is the one chosen.
    assert gathered(lda.shares(asked, arrays), bins) == pytest.approx(groups, abs=1e-6)


def test_neighbours_are_the_nearest_faces() -> None:
    settings = GeometricSettings(neighbours=7, smooth_years=1e-3, prior_faces=0)
    arrays = knn.fit(FEATURES, AGES, settings)
    asked = np.random.default_rng(5).normal(0, 1, (9, 3))
    shares = knn.shares(asked, arrays)
    for row, said in zip(asked, shares, strict=True):
        near = sorted(range(300), key=lambda face: float(np.linalg.norm(FEATURES[face] - row)))[:7]
        counted = np.bincount(whole_years(AGES[near]), minlength=CLASSES) / 7
        assert said == pytest.approx(counted, abs=1e-6)


def test_ridge_is_least_squares_with_rows_for_the_penalty() -> None:
    settings = GeometricSettings(ridge_penalty=0.3)
    design = np.hstack([np.ones((300, 1)), FEATURES])
    rows = np.sqrt(0.3 * 300) * np.eye(4)[1:]
    wanted = np.linalg.lstsq(np.vstack([design, rows]), np.concatenate([AGES, np.zeros(3)]), rcond=None)[0]
    assert ridge.fit(FEATURES, AGES, settings)["weights"] == pytest.approx(wanted)


def test_ridge_is_as_wide_as_the_errors_of_faces_left_out() -> None:
    features, ages = FEATURES[:30], AGES[:30]
    design = np.hstack([np.ones((30, 1)), features])
    errors = []
    for left_out in range(30):
        kept = np.arange(30) != left_out
        weights = np.linalg.lstsq(design[kept], ages[kept], rcond=None)[0]
        errors.append(ages[left_out] - design[left_out] @ weights)
    width = ridge.fit(features, ages, GeometricSettings(ridge_penalty=0))["width"]
    assert width == pytest.approx([np.std(errors)])


def test_a_histogram_counts_the_ages_of_its_own_faces() -> None:
    ages = np.array([3.2, 3.9, 60.0, 120.0])
    rows = histograms(ages, np.array([0, 0, 1, 1]), 3, smooth_years=1e-3, prior_faces=0)
    assert rows[0, 3] == pytest.approx(1, abs=1e-6)
    assert rows[1, [60, 100]] == pytest.approx([0.5, 0.5], abs=1e-6)
    assert rows[2] == pytest.approx(np.full(CLASSES, 1 / CLASSES))  # of nobody: any age


def test_the_first_year_of_a_group_belongs_to_it() -> None:
    bins = bins_named("agenet")
    assert group_of(np.array(bins.first, np.float64), bins).tolist() == list(range(len(bins)))
    assert group_of(np.array(bins.last, np.float64), bins).tolist() == list(range(len(bins)))
    adience = bins_named("adience")
    assert group_of(np.array([3.0, 3.7, 22.0, 23.5]), adience).tolist() == [0, 0, 3, 4]


def test_blurring_keeps_all_mass_between_the_ends() -> None:
    rows = histograms(np.array([0.0, 100.0]), np.array([0, 1]), 2, smooth_years=4, prior_faces=0)
    assert rows.sum(axis=1) == pytest.approx([1, 1])
    assert rows[0, 0] == rows[0].max()
    assert rows[1, 100] == rows[1].max()
