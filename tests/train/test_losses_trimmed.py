"""Means that wrong pairs cannot rule, against sorting by hand and closed forms."""

import math

import pytest
import torch

from train.losses.mixed import mixture
from train.losses.trimmed import tilted_mean, trimmed_mean


def drawn(rows: int) -> torch.Tensor:
    return torch.rand(rows, generator=torch.Generator().manual_seed(rows), dtype=torch.float64) * 10


@pytest.mark.parametrize("rows", [1, 2, 7, 10, 48])
@pytest.mark.parametrize("keep", [0.01, 0.5, 0.8, 0.9, 1.0])
def test_the_mean_of_the_least_share_and_its_gradient(rows: int, keep: float) -> None:
    losses = drawn(rows).requires_grad_()
    count = max(1, -(-round(keep * 100) * rows // 100))  # rounded up, in whole numbers
    order = sorted(range(rows), key=lambda row: losses[row].item())
    value = trimmed_mean(losses, keep)
    assert value.item() == pytest.approx(sum(losses[row].item() for row in order[:count]) / count, abs=1e-12)
    expected = [1 / count if row in order[:count] else 0.0 for row in range(rows)]
    assert torch.autograd.grad(value, losses)[0].tolist() == pytest.approx(expected, abs=1e-15)


def test_equal_losses_are_trimmed_to_their_number() -> None:
    losses = torch.ones(10, requires_grad=True)
    assert torch.autograd.grad(trimmed_mean(losses, 0.8), losses)[0].count_nonzero() == 8


def test_a_wrong_pair_moves_nothing_however_wrong() -> None:
    right = drawn(9)
    values = [trimmed_mean(torch.cat([right, torch.tensor([wrong])]), 0.9).item() for wrong in (20.0, 1e30, math.inf)]
    assert values == [pytest.approx(right.mean().item())] * 3


@pytest.mark.parametrize("temperature", [0.1, 1.0, 5.0])
def test_the_tilted_mean_and_its_gradient_are_the_closed_forms(temperature: float) -> None:
    losses = drawn(12).requires_grad_()
    weights = [math.exp(-value / temperature) for value in losses.tolist()]
    value = tilted_mean(losses, temperature)
    assert value.item() == pytest.approx(-temperature * math.log(sum(weights) / 12), abs=1e-12)
    expected = [weight / sum(weights) for weight in weights]
    assert torch.autograd.grad(value, losses)[0].tolist() == pytest.approx(expected, abs=1e-12)


def test_a_warm_tilted_mean_is_the_mean_and_a_cold_one_the_least() -> None:
    losses = drawn(20)
    assert tilted_mean(losses, 1e6).item() == pytest.approx(losses.mean().item(), abs=1e-4)
    assert tilted_mean(losses, 1e-6).item() == pytest.approx(losses.min().item(), abs=1e-4)


def test_both_pass_gradcheck_and_are_finite_at_ten_thousand() -> None:
    losses = drawn(9).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: trimmed_mean(x, 0.6), (losses,))
    assert torch.autograd.gradcheck(lambda x: tilted_mean(x, 2.0), (losses,))
    huge = (torch.arange(8) * 1e4).requires_grad_()
    for value in (trimmed_mean(huge, 0.5), tilted_mean(huge, 1.0)):
        assert value.isfinite() and torch.autograd.grad(value, huge)[0].isfinite().all()


def test_they_are_float32_within_autocast_and_zero_for_no_pairs() -> None:
    losses = drawn(9).float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(trimmed_mean(losses, 0.7), trimmed_mean(losses.clone(), 0.7))
        assert trimmed_mean(losses.bfloat16(), 0.7).dtype == tilted_mean(losses.bfloat16(), 1.0).dtype == torch.float32
    assert trimmed_mean(losses[:0], 0.5).item() == tilted_mean(losses[:0], 1.0).item() == 0.0


@pytest.mark.parametrize("keep", [0.0, -0.1, 1.1, math.nan])
def test_shares_that_cannot_be_are_refused(keep: float) -> None:
    with pytest.raises(ValueError, match="keep must be above 0"):
        trimmed_mean(torch.ones(3), keep)
    with pytest.raises(ValueError, match="temperature must be above 0"):
        tilted_mean(torch.ones(3), 0.0)


def test_mixed_labels_sum_to_one_and_expect_the_mixed_age() -> None:
    generator = torch.Generator().manual_seed(0)
    first, second = (torch.softmax(torch.randn(5, 101, generator=generator).double() * 3, 1) for _ in range(2))
    share, ages = torch.tensor([0.0, 0.25, 0.5, 0.9, 1.0]), torch.arange(101)
    mixed = mixture(first, second, share)
    torch.testing.assert_close(mixed.sum(1), torch.ones(5).double(), rtol=0, atol=1e-12)
    expected = mixture((first * ages).sum(1), (second * ages).sum(1), share)
    torch.testing.assert_close((mixed * ages).sum(1), expected, rtol=0, atol=1e-10)
    torch.testing.assert_close(mixed[[0, 4]], torch.stack([second[0], first[4]]), rtol=0, atol=1e-15)
    with pytest.raises(ValueError, match="one shape"):
        mixture(first, second[:, :10], 0.5)


def test_labels_that_are_equal_stay_as_they_are_whatever_the_share() -> None:
    labels = torch.softmax(torch.randn(4, 101), 1)
    assert torch.equal(mixture(labels, labels.clone(), 0.3), labels)
