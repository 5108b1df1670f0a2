"""Gaussian labels against sums written out, and against the known bias at the young edge."""

from math import erf, exp

import pytest
import torch

from train.losses.gaussian import LabelKind, gaussian_labels, label_kl, label_sigma


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


def expected_ages(labels: torch.Tensor) -> torch.Tensor:
    return (labels * torch.arange(labels.shape[1])).sum(1)


@pytest.mark.parametrize(("age", "sigma"), [(0.0, 2.0), (0.3, 1.0), (3.0, 2.0), (30.5, 2.0), (62.3, 5.0), (99.4, 3.0)])
def test_a_cdf_label_is_the_mass_of_each_year_between_two_equal_cuts(age: float, sigma: float) -> None:
    def below(x: float) -> float:
        return 0.5 * (1 + erf((x - age) / (sigma * 2**0.5)))

    cut = min(age + 0.5, 100.5 - age)
    low, high = age - cut, age + cut
    masses = [max(0.0, below(min(k + 0.5, high)) - below(max(k - 0.5, low))) for k in range(101)]
    label = gaussian_labels(torch.tensor([age], dtype=torch.float64), sigma, kind="cdf")[0]
    assert label.tolist() == pytest.approx([mass / (below(high) - below(low)) for mass in masses], abs=1e-14)


@pytest.mark.parametrize("sigma", [0.5, 2.0, 8.0])
def test_a_cdf_label_of_a_whole_or_half_year_expects_that_age_at_both_ends_too(sigma: float) -> None:
    ages = torch.arange(0, 201, dtype=torch.float64) / 2
    torch.testing.assert_close(expected_ages(gaussian_labels(ages, sigma, kind="cdf")), ages, rtol=0, atol=1e-10)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.0, 8.0])
def test_between_them_it_is_off_by_a_tenth_of_a_year_at_most(sigma: float) -> None:
    ages = torch.linspace(0, 100, 4001, dtype=torch.float64)
    off = (expected_ages(gaussian_labels(ages, sigma, kind="cdf")) - ages).abs()
    assert off.max() < 0.1
    away = (ages > 3 * sigma + 1) & (ages < 99 - 3 * sigma)
    assert off[away].max() < 0.02


def test_the_known_bias_of_the_young_is_that_of_densities_alone() -> None:
    ages = torch.tensor([0.0, 1.0, 3.0])
    kinds: tuple[LabelKind, ...] = ("density", "cdf")
    bias = [(expected_ages(gaussian_labels(ages, 2.0, kind=kind)) - ages).tolist() for kind in kinds]
    assert bias[0] == pytest.approx([1.30, 0.78, 0.18], abs=0.005)
    assert bias[1] == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)


def test_a_cdf_label_of_no_width_is_one_hot_or_a_tie_and_ages_beyond_are_at_the_end() -> None:
    labels = gaussian_labels(torch.tensor([30.0, 30.5, 116.0, -1.0]), torch.tensor([0.0, 0.0, 2.0, 2.0]), kind="cdf")
    assert labels[0, 30].item() == 1.0
    assert labels[1, 30:32].tolist() == [0.5, 0.5]
    assert labels[2, 100].item() == labels[3, 0].item() == 1.0


def test_a_cdf_label_takes_the_spread_of_the_votes_of_each_face() -> None:
    labels = gaussian_labels(torch.tensor([40.0, 40.0]), torch.tensor([1.5, 6.0]), kind="cdf")
    spread = ((labels * (torch.arange(101) - 40.0).square()).sum(1) - 1 / 12).sqrt()  # a year itself has 1/12
    assert spread.tolist() == pytest.approx([1.5, 6.0], abs=1e-3)


def test_the_element_reduction_is_the_mean_over_the_classes() -> None:
    logits = torch.randn(5, 101, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    labels = gaussian_labels(torch.tensor([3.0, 20, 40, 60, 99], dtype=torch.float64), 2.0)
    by_torch = torch.nn.functional.kl_div(torch.log_softmax(logits, 1), labels, reduction="none").mean()
    torch.testing.assert_close(label_kl(logits, labels, reduction="element").mean(), by_torch, rtol=0, atol=1e-14)
    whole = label_kl(logits, labels, reduction="batchmean")
    torch.testing.assert_close(label_kl(logits, labels, reduction="element") * 101, whole, rtol=0, atol=1e-12)


def test_an_unknown_kind_and_an_unknown_reduction_are_refused() -> None:
    labels = gaussian_labels(torch.tensor([3.0]), 2.0)
    with pytest.raises(ValueError, match="kind must be"):
        gaussian_labels(torch.tensor([3.0]), 2.0, kind="other")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="reduction must be"):
        label_kl(torch.zeros(1, 101), labels, reduction="sum")  # type: ignore[arg-type]
