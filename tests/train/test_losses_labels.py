"""Gaussian labels against sums written out, and against the known bias at the young edge."""

from math import exp

import pytest
import torch

from train.losses.gaussian import gaussian_labels, label_sigma


@pytest.mark.parametrize(("age", "sigma"), [(0.0, 0.5), (3.0, 2.0), (30.5, 2.0), (62.3, 5.0), (100.0, 1.0)])
def test_a_label_is_the_normalised_gaussian(age: float, sigma: float) -> None:
    weights = [exp(-((k - age) ** 2) / (2 * sigma**2)) for k in range(101)]
    label = gaussian_labels(torch.tensor([age], dtype=torch.float64), sigma)[0]
    assert label.tolist() == pytest.approx([weight / sum(weights) for weight in weights], abs=1e-14)


def test_each_face_may_have_a_width_of_its_own() -> None:
    ages = torch.tensor([20.0, 20.0])
    both = gaussian_labels(ages, torch.tensor([1.0, 4.0]))
    torch.testing.assert_close(both[:1], gaussian_labels(ages[:1], 1.0))
    torch.testing.assert_close(both[1:], gaussian_labels(ages[1:], 4.0))
    assert both[0].max() > both[1].max()


@pytest.mark.parametrize(("age", "sigma", "bias"), [(0, 2.0, 1.30), (1, 2.0, 0.78), (3, 2.0, 0.18), (0, 1.0, 0.52)])
def test_a_wide_label_of_a_child_is_too_old_by_the_known_bias(age: int, sigma: float, bias: float) -> None:
    label = gaussian_labels(torch.tensor([float(age)]), sigma)[0]
    assert float((label * torch.arange(101)).sum()) - age == pytest.approx(bias, abs=0.005)


def test_the_default_width_keeps_that_bias_below_a_quarter_of_a_year() -> None:
    ages = torch.arange(0, 20, dtype=torch.float32)
    labels = gaussian_labels(ages, label_sigma(ages))
    assert ((labels * torch.arange(101)).sum(1) - ages).abs().max() < 0.25


def test_the_width_grows_from_a_half_to_two_at_fifteen() -> None:
    ages = torch.tensor([0.0, 5.0, 10.0, 15.0, 16.0, 90.0])
    assert label_sigma(ages).tolist() == pytest.approx([0.5, 1.0, 1.5, 2.0, 2.0, 2.0])
    assert label_sigma(ages, sigma=3.0, young_slope=None).tolist() == [3.0] * 6


def test_a_width_of_zero_is_the_one_hot_label_and_a_tie_between_two_ages() -> None:
    labels = gaussian_labels(torch.tensor([30.0, 30.5]), 0.0)
    assert labels[0, 30].item() == 1.0
    assert labels[1, 30:32].tolist() == [0.5, 0.5]


def test_an_age_beyond_the_classes_is_labelled_at_their_end() -> None:
    labels = gaussian_labels(torch.tensor([116.0, -1.0]), 2.0)
    assert labels.isfinite().all()
    assert labels.argmax(1).tolist() == [100, 0]
    assert labels.sum(1).tolist() == pytest.approx([1.0, 1.0])


def test_the_number_of_classes_is_an_option() -> None:
    assert gaussian_labels(torch.tensor([3.0]), 1.0, classes=10).shape == (1, 10)
