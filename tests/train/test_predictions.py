"""Ages and intervals against worked values, the normal distribution, numpy's interpolation and a count of draws."""

from statistics import NormalDist

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from train.evaluation.predictions import (
    age_distribution,
    flip_average,
    interval,
    mean_age,
    median_age,
    predict_ages,
    quantile_age,
)
from train.losses.gaussian import gaussian_labels

CLASSES = 101


def with_mass(**mass: float) -> Tensor:
    """Return one distribution (1, 101) with this mass at these ages: with_mass(a10=0.5, a20=0.5)."""
    row = torch.zeros(1, CLASSES)
    for age, share in mass.items():
        row[0, int(age[1:])] = share
    return row


def random_distributions(rows: int) -> Tensor:
    generator = torch.Generator().manual_seed(rows)
    return age_distribution(torch.randn(rows, CLASSES, generator=generator, dtype=torch.float64) * 4)


def test_a_distribution_sums_to_one_in_float32_from_bfloat16_logits_too() -> None:
    distribution = age_distribution(torch.randn(4, CLASSES).bfloat16())
    assert distribution.dtype == torch.float32
    assert distribution.sum(1).tolist() == pytest.approx([1.0] * 4, abs=1e-6)


def test_a_temperature_divides_the_logits() -> None:
    logits = torch.tensor([[0.0, 2.0]])
    q = age_distribution(logits, temperature=2.0)[0]
    assert (q[1] / q[0]).item() == pytest.approx(np.e, rel=1e-6)
    with pytest.raises(ValueError, match="temperature"):
        age_distribution(logits, temperature=0.0)


def test_a_face_sure_of_thirty_is_thirty_with_an_interval_of_nine_tenths_of_a_year() -> None:
    said = predict_ages(with_mass(a30=1.0))
    assert said.age.item() == pytest.approx(30.0)
    assert said.median.item() == pytest.approx(30.0)
    assert said.low.item() == pytest.approx(29.55, abs=1e-5)
    assert said.high.item() == pytest.approx(30.45, abs=1e-5)


def test_the_uniform_distribution_has_a_worked_interval() -> None:
    uniform = torch.full((1, CLASSES), 1 / CLASSES)
    low, high = interval(uniform, 0.9)
    # 101 years from -0.5 to 100.5; a twentieth of them is 5.05
    assert low.item() == pytest.approx(4.55, abs=1e-3)
    assert high.item() == pytest.approx(95.45, abs=1e-3)
    assert median_age(uniform).item() == pytest.approx(50.0, abs=1e-3)


def test_mass_at_two_ages_has_worked_quantiles() -> None:
    two = with_mass(a10=0.25, a20=0.75)
    assert mean_age(two).item() == pytest.approx(17.5)
    assert quantile_age(two, 0.125).item() == pytest.approx(10.0)
    assert quantile_age(two, 0.25).item() == pytest.approx(10.5)  # a gap without mass: its young end
    assert quantile_age(two, 0.625).item() == pytest.approx(20.0)


def test_nothing_below_zero_or_above_the_oldest_age_is_said() -> None:
    ends = torch.cat([with_mass(a0=1.0), with_mass(a100=1.0)])
    low, high = interval(ends)
    assert low.tolist() == pytest.approx([0.0, 99.55], abs=1e-4)
    assert high.tolist() == pytest.approx([0.45, 100.0], abs=1e-4)


@pytest.mark.parametrize("coverage", [0.5, 0.9, 0.98])
def test_the_interval_of_a_gaussian_is_that_of_the_normal_distribution(coverage: float) -> None:
    low, high = interval(gaussian_labels(torch.tensor([47.3]), 6.0), coverage)
    normal = NormalDist(47.3, 6.0)
    tail = (1 - coverage) / 2
    # mass spread evenly over a year adds a variance of 1/12: 0.006 years at 6
    assert low.item() == pytest.approx(normal.inv_cdf(tail), abs=0.05)
    assert high.item() == pytest.approx(normal.inv_cdf(1 - tail), abs=0.05)


@pytest.mark.parametrize("level", [0.001, 0.05, 0.3, 0.5, 0.95, 0.999])
def test_quantiles_are_where_numpy_interpolates_the_cumulated_mass(level: float) -> None:
    distributions = random_distributions(200)
    edges = np.arange(CLASSES + 1) - 0.5
    expected = [np.interp(level, np.concatenate([[0], np.cumsum(row)]), edges) for row in distributions.numpy()]
    np.testing.assert_allclose(quantile_age(distributions, level).numpy(), np.clip(expected, 0, 100), rtol=0, atol=1e-9)


def test_ninety_percent_of_draws_fall_into_the_interval() -> None:
    distribution = gaussian_labels(torch.tensor([33.0], dtype=torch.float64), 4.0)
    low, high = interval(distribution, 0.9)
    draws = np.random.default_rng(0)
    ages = draws.choice(CLASSES, size=40_000, p=distribution[0].numpy()) + draws.uniform(-0.5, 0.5, 40_000)
    assert ((low.item() <= ages) & (ages <= high.item())).mean() == pytest.approx(0.9, abs=0.006)


def test_float32_rounding_never_leaves_a_quantile_outside() -> None:
    distributions = random_distributions(500).float()
    levels = [1e-6, 0.05, 0.5, 0.95, 1 - 1e-6]
    ages = torch.stack([quantile_age(distributions, level) for level in levels])
    assert ages.isfinite().all()
    assert (ages.diff(dim=0) >= 0).all()


def test_a_row_of_nan_gives_nan_and_not_an_error() -> None:
    assert median_age(torch.full((1, CLASSES), float("nan"))).isnan().all()


@pytest.mark.parametrize("level", [0.0, 1.0, 1.5])
def test_levels_and_coverages_outside_are_refused(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        quantile_age(with_mass(a1=1.0), level)
    with pytest.raises(ValueError, match="coverage"):
        interval(with_mass(a1=1.0), level)


class LeftHalf(nn.Module):
    """Logits that depend on the left half of the picture alone."""

    def forward(self, images: Tensor) -> Tensor:
        brightness = images[..., : images.shape[-1] // 2].mean(dim=(1, 2, 3))
        return brightness[:, None] * torch.linspace(-1, 1, CLASSES)


def test_flip_average_is_the_mean_of_both_distributions_and_blind_to_flips() -> None:
    images = torch.zeros(2, 3, 8, 8)
    images[0, ..., :4] = 1.0
    images[1, ..., 4:] = 5.0
    net = LeftHalf()
    averaged = flip_average(net, images)
    by_hand = (torch.softmax(net(images), 1) + torch.softmax(net(images.flip(-1)), 1)) / 2
    torch.testing.assert_close(averaged, by_hand)
    torch.testing.assert_close(flip_average(net, images.flip(-1)), averaged)
    assert not torch.allclose(averaged, torch.softmax(net(images), 1))
