"""The losses stay finite and exact: huge logits, float32, autocast, one row at a time."""

from math import log

import pytest
import torch
from torch import Tensor

from tests.train.drawn_losses import CLASSES, PAIR_LOSSES, arguments_of
from train.losses import LOSSES, load_loss
from train.losses.bounds import bound_cross_entropy
from train.losses.expectation import expected_age
from train.losses.pair import pair_loss
from train.losses.translated_kl import translated_kl


def huge_logits() -> Tensor:
    """Return float32 logits of 1e4: sure of each age, sure of none, all equal, and signs at random."""
    generator = torch.Generator().manual_seed(5)
    random = torch.randint(0, 2, (CLASSES, CLASSES), generator=generator) * 2.0 - 1.0
    ramp = torch.linspace(-1, 1, CLASSES).expand(2, CLASSES)
    return torch.cat([torch.eye(CLASSES), -torch.eye(CLASSES), random, ramp, -ramp]) * 1e4


@pytest.mark.parametrize("name", LOSSES)
def test_value_and_gradient_are_finite_at_logits_of_ten_thousand(name: str) -> None:
    logits = huge_logits().requires_grad_()
    rows = len(logits)
    rest = arguments_of(name, rows)
    if name in PAIR_LOSSES:
        other = huge_logits()[torch.randperm(rows, generator=torch.Generator().manual_seed(6))].requires_grad_()
        rest = (other, torch.arange(rows) % CLASSES)
    value = load_loss(name)(logits, *rest)
    torch.autograd.backward(value.sum())
    assert value.isfinite().all()
    assert logits.grad is not None and logits.grad.isfinite().all()
    assert (value >= -1e-3).all()


@pytest.mark.parametrize("year_jitter", [False, True])
@pytest.mark.parametrize("mode", ["overlap", "renormalised"])
def test_pairs_of_huge_logits_are_finite_in_every_mode(mode: str, year_jitter: bool) -> None:
    younger, older = huge_logits().requires_grad_(), huge_logits().flip(0).requires_grad_()
    gaps = torch.arange(len(younger)) % CLASSES
    terms = pair_loss(younger, older, gaps, mode=mode, year_jitter=year_jitter)  # type: ignore[arg-type]
    torch.autograd.backward(terms.total.sum())
    assert terms.total.isfinite().all()
    for logits in (younger, older):
        assert logits.grad is not None and logits.grad.isfinite().all()


def test_sure_and_wrong_by_two_hundred_nats_is_the_known_value() -> None:
    # Where the naive -log(sum Q) is infinite. Reference figures: bounds 196.07, J 400.
    younger, older = torch.zeros(1, CLASSES), torch.zeros(1, CLASSES)
    younger[0, 100] = 200.0  # of 101 classes, 51 are allowed at a gap of 50: 200 - log 51
    value = bound_cross_entropy(younger, older, torch.tensor([50]))
    assert value.item() == pytest.approx(200 - log(51) - log(51 / 101), rel=1e-6)
    sharp_n, sharp_m = torch.zeros(1, CLASSES), torch.zeros(1, CLASSES)
    sharp_n[0, 10], sharp_m[0, 21] = 200.0, 200.0
    assert translated_kl(sharp_n, sharp_m, torch.tensor([10])).item() == pytest.approx(400.0, rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_float32_is_close_to_float64(name: str) -> None:
    logits = torch.randn(64, CLASSES, generator=torch.Generator().manual_seed(7), dtype=torch.float64) * 3
    rest = arguments_of(name, 64)
    exact = load_loss(name)(logits, *(a.double() if a.is_floating_point() else a for a in rest))
    rounded = load_loss(name)(logits.float(), *rest)
    assert rounded.dtype == torch.float32 and exact.dtype == torch.float64
    torch.testing.assert_close(rounded.double(), exact, rtol=2e-6, atol=2e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_autocast_does_not_touch_the_loss(name: str) -> None:
    logits = torch.randn(8, CLASSES, generator=torch.Generator().manual_seed(8))
    rest = arguments_of(name, 8)
    outside = load_loss(name)(logits, *rest)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = load_loss(name)(logits, *rest)
        from_bfloat16 = load_loss(name)(logits.bfloat16(), *rest)
    torch.testing.assert_close(inside, outside, rtol=0, atol=0)
    assert from_bfloat16.dtype == torch.float32


def test_expected_age_of_a_sure_face_is_its_age_in_bfloat16_too() -> None:
    logits = torch.zeros(1, CLASSES, dtype=torch.bfloat16)
    logits[0, 83] = 100
    assert expected_age(logits).item() == 83.0


@pytest.mark.parametrize("name", LOSSES)
def test_each_row_is_a_face_or_pair_of_its_own(name: str) -> None:
    loss = load_loss(name)
    logits = torch.randn(6, CLASSES, generator=torch.Generator().manual_seed(3))
    rest = arguments_of(name, 6)
    together = loss(logits, *rest)
    assert together.shape == (6,)
    for row in range(6):
        alone = loss(logits[row : row + 1], *(argument[row : row + 1] for argument in rest))
        torch.testing.assert_close(alone[0], together[row], rtol=1e-6, atol=1e-6)
