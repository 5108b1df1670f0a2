"""What the others expect of a face is the conditional of a Gaussian, and evidence its likelihood ratio."""

import numpy as np
import pytest

from curation.identity.lives import Ageing, Expected, evidence, expect, rival_evidence

AGEING = Ageing(share=0.4, years=10.0)


def _case() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    time = np.array([0.0, 3.0, 11.0, 40.0, 41.0])
    return rng.normal(size=(5, 3)), np.abs(time[:, None] - time), np.array([1, 0.8, 1, 0.3, 1]), np.array([2.0, 0.5, 1])


def test_each_face_is_expected_from_all_the_others_as_a_gaussian_conditional() -> None:
    points, gaps, belief, between = _case()
    expected = expect(points, gaps, belief, between, AGEING)
    for i in range(5):
        rest = [j for j in range(5) if j != i]
        for d in range(3):
            kernel = between[d] + 0.4 * np.exp(-gaps / 10.0)
            inner = kernel[np.ix_(rest, rest)] + np.diag(0.6 / belief[rest])
            solved = np.linalg.solve(inner, kernel[rest, i])
            assert expected.mean[i, d] == pytest.approx(solved @ points[rest, d])
            assert expected.variance[i, d] == pytest.approx(kernel[i, i] + 0.6 - solved @ kernel[rest, i])


def test_evidence_is_the_log_of_the_two_densities() -> None:
    expected = Expected(np.array([[0.5, -1.0]]), np.array([[0.7, 2.0]]))
    between, point = np.array([3.0, 1.0]), np.array([[0.2, 0.4]])

    def log_density(x: float, mean: float, variance: float) -> float:
        return float(-0.5 * (np.log(2 * np.pi * variance) + (x - mean) ** 2 / variance))

    hand = log_density(0.2, 0.5, 0.7) - log_density(0.2, 0, 4) + log_density(0.4, -1, 2) - log_density(0.4, 0, 2)
    assert evidence(expected, between, point)[0] == pytest.approx(hand)


def test_a_rival_is_asked_as_a_face_is() -> None:
    points, gaps, belief, between = _case()
    expected = expect(points, gaps, belief, between, AGEING)
    rivals = np.random.default_rng(1).normal(size=(5, 3))
    table = rival_evidence(expected, between, rivals)
    assert table.shape == (5, 5)
    assert np.diag(table) == pytest.approx(evidence(expected, between, rivals))


def test_leeway_grows_with_the_years_to_the_other_photos() -> None:
    points = np.zeros((3, 1))
    near, far = (
        expect(points, np.abs(np.array(time)[:, None] - np.array(time)), np.ones(3), np.ones(1), AGEING)
        for time in ([0.0, 1.0, 2.0], [0.0, 1.0, 40.0])
    )
    assert far.variance[2, 0] > near.variance[2, 0]


def test_a_face_nobody_believes_in_says_nothing() -> None:
    points, gaps, _, between = _case()
    one = expect(points, gaps, np.array([1, 1, 1, 1, 1e-3]), between, AGEING)
    moved = points.copy()
    moved[4] += 5.0
    other = expect(moved, gaps, np.array([1, 1, 1, 1, 1e-3]), between, AGEING)
    assert np.abs(one.mean[:4] - other.mean[:4]).max() < 0.05
