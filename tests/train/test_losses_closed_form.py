"""Value and gradient of each loss against the closed forms, written here in numpy float64 with plain slices."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from train.losses.bounds import bound_cross_entropy
from train.losses.entropy import entropy
from train.losses.expectation import expectation_l1, expected_age
from train.losses.gaps import YEAR_KERNEL
from train.losses.gaussian import gaussian_labels, label_kl
from train.losses.pair import PairWeights, pair_loss
from train.losses.translated_kl import TranslatedMode, translated_kl

Array = NDArray[np.float64]

CLASSES = 101
EVERY_GAP = torch.arange(CLASSES)
TOLERANCE = 1e-12


@dataclass
class Closed:
    """Value (B,) and gradients (B, C) of a loss of a pair."""

    value: Array
    younger: Array
    older: Array


def logits_of(seed: int, *, scale: float = 2.0) -> Tensor:
    """Return random logits, one row for each gap 0..100."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(CLASSES, CLASSES, generator=generator, dtype=torch.float64) * scale


def softmax(logits: Tensor) -> Array:
    f = logits.detach().numpy()
    e = np.exp(f - f.max(axis=1, keepdims=True))
    q: Array = e / e.sum(axis=1, keepdims=True)
    return q


def gradients(value: Tensor, *inputs: Tensor) -> list[Array]:
    return [g.numpy() for g in torch.autograd.grad(value.sum(), inputs)]


def closed_bounds(q_n: Array, q_m: Array, gaps: list[int]) -> Closed:
    """Equations 4 and 5."""
    value, g_n, g_m = np.zeros(len(gaps)), q_n.copy(), q_m.copy()
    for row, gap in enumerate(gaps):
        s_n, s_m = q_n[row, : CLASSES - gap].sum(), q_m[row, gap:].sum()
        value[row] = -np.log(s_n) - np.log(s_m)
        g_n[row, : CLASSES - gap] -= q_n[row, : CLASSES - gap] / s_n
        g_m[row, gap:] -= q_m[row, gap:] / s_m
    return Closed(value, g_n, g_m)


def closed_translated(q_n: Array, q_m: Array, gaps: list[int]) -> Closed:
    """Equations 7 and 9, with the term -Q_np (S_n - S_m) that the print lost."""
    value, g_n, g_m = np.zeros(len(gaps)), np.zeros_like(q_n), np.zeros_like(q_m)
    for row, gap in enumerate(gaps):
        n, m = q_n[row, : CLASSES - gap], q_m[row, gap:]
        log_ratio = np.log(n) - np.log(m)
        missing = n.sum() - m.sum()
        value[row] = ((n - m) * log_ratio).sum()
        g_n[row] = -q_n[row] * ((n * log_ratio).sum() + missing)
        g_n[row, : CLASSES - gap] += n * log_ratio + n - m
        g_m[row] = -q_m[row] * ((m * -log_ratio).sum() - missing)
        g_m[row, gap:] += m * -log_ratio + m - n
    return Closed(value, g_n, g_m)


def test_entropy_and_its_gradient_are_equations_1_and_3() -> None:
    logits = logits_of(0).requires_grad_()
    q = softmax(logits)
    h = -(q * np.log(q)).sum(axis=1)
    value = entropy(logits)
    np.testing.assert_allclose(value.detach().numpy(), h, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(gradients(value, logits)[0], -q * (np.log(q) + h[:, None]), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("scale", [0.1, 2.0, 6.0, 20.0])
def test_bounds_and_their_gradients_are_equations_4_and_5_at_every_gap(scale: float) -> None:
    younger, older = logits_of(1, scale=scale).requires_grad_(), logits_of(2, scale=scale).requires_grad_()
    closed = closed_bounds(softmax(younger), softmax(older), EVERY_GAP.tolist())
    value = bound_cross_entropy(younger, older, EVERY_GAP)
    g_younger, g_older = gradients(value, younger, older)
    np.testing.assert_allclose(value.detach().numpy(), closed.value, rtol=1e-13, atol=TOLERANCE)
    np.testing.assert_allclose(g_younger, closed.younger, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(g_older, closed.older, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("scale", [0.1, 2.0, 6.0])
def test_translated_kl_and_its_gradients_are_equations_7_and_9_at_every_gap(scale: float) -> None:
    younger, older = logits_of(3, scale=scale).requires_grad_(), logits_of(4, scale=scale).requires_grad_()
    closed = closed_translated(softmax(younger), softmax(older), EVERY_GAP.tolist())
    value = translated_kl(younger, older, EVERY_GAP)
    g_younger, g_older = gradients(value, younger, older)
    np.testing.assert_allclose(value.detach().numpy(), closed.value, rtol=1e-13, atol=TOLERANCE)
    np.testing.assert_allclose(g_younger, closed.younger, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(g_older, closed.older, rtol=0, atol=TOLERANCE)


def test_equations_7_and_8_are_one_number_and_it_is_the_loss() -> None:
    younger, older = logits_of(5), logits_of(6)
    q_n, q_m = softmax(younger), softmax(older)
    oldest = CLASSES - 1
    loss = translated_kl(younger, older, EVERY_GAP).tolist()
    for gap in (0, 1, 2, 50, 99, 100):
        seven = sum(
            (q_n[gap, k] - q_m[gap, k + gap]) * np.log(q_n[gap, k] / q_m[gap, k + gap]) for k in range(oldest - gap + 1)
        )
        eight = sum(
            (q_m[gap, k] - q_n[gap, k - gap]) * np.log(q_m[gap, k] / q_n[gap, k - gap]) for k in range(gap, oldest + 1)
        )
        assert seven == pytest.approx(eight, abs=TOLERANCE)
        assert loss[gap] == pytest.approx(seven, abs=TOLERANCE)


def test_renormalised_is_the_symmetric_kl_of_what_the_overlap_holds_at_every_gap() -> None:
    younger, older = logits_of(7), logits_of(8)
    q_n, q_m = softmax(younger), softmax(older)
    expected = []
    for row, gap in enumerate(EVERY_GAP.tolist()):
        n, m = q_n[row, : CLASSES - gap], q_m[row, gap:]
        n, m = n / n.sum(), m / m.sum()
        expected.append((n * np.log(n / m)).sum() + (m * np.log(m / n)).sum())
    value = translated_kl(younger, older, EVERY_GAP, mode="renormalised").numpy()
    np.testing.assert_allclose(value, expected, rtol=0, atol=TOLERANCE)


def test_year_jitter_blurs_the_younger_distribution_by_a_convolution_at_every_gap() -> None:
    younger, older = logits_of(9), logits_of(10)
    q_n, q_m = softmax(younger), softmax(older)
    expected = []
    for row, gap in enumerate(EVERY_GAP.tolist()):
        # Index i of the full convolution is the age i - 1 + gap: the kernel begins one year early.
        blurred = np.convolve(q_n[row], [1 / 6, 2 / 3, 1 / 6])
        ages = np.arange(max(gap - 1, 0), CLASSES)
        p, q = blurred[ages + 1 - gap], q_m[row, ages]
        expected.append(((p - q) * np.log(p / q)).sum())
    value = translated_kl(younger, older, EVERY_GAP, year_jitter=True).numpy()
    np.testing.assert_allclose(value, expected, rtol=0, atol=TOLERANCE)


def test_year_jitter_bounds_are_those_of_one_year_less() -> None:
    younger, older = logits_of(11), logits_of(12)
    closed = closed_bounds(softmax(younger), softmax(older), (EVERY_GAP - 1).clamp(min=0).tolist())
    value = bound_cross_entropy(younger, older, EVERY_GAP, year_jitter=True).numpy()
    np.testing.assert_allclose(value, closed.value, rtol=1e-13, atol=TOLERANCE)


def test_year_kernel_is_how_often_a_birthday_falls_between_two_photos() -> None:
    counted = {-1: 0, 0: 0, 1: 0}
    for first_photo, second_photo, birthday in permutations(range(3)):  # every order within a year is as likely
        counted[int(second_photo > birthday) - int(first_photo > birthday)] += 1
    assert {shift: count / 6 for shift, count in counted.items()} == pytest.approx(dict(YEAR_KERNEL))


def test_label_kl_gradient_is_prediction_minus_label() -> None:
    logits = logits_of(13).requires_grad_()
    labels = gaussian_labels(torch.linspace(0, 100, CLASSES, dtype=torch.float64), 2.0)
    np.testing.assert_allclose(
        gradients(label_kl(logits, labels), logits)[0], softmax(logits) - labels.numpy(), rtol=0, atol=TOLERANCE
    )


def test_label_kl_is_the_divergence_torch_computes() -> None:
    logits = logits_of(14)
    labels = gaussian_labels(torch.linspace(0, 100, CLASSES, dtype=torch.float64), 0.5)  # many exact zeros
    library = torch.nn.functional.kl_div(torch.log_softmax(logits, 1), labels, reduction="none").sum(1)
    torch.testing.assert_close(label_kl(logits, labels), library, rtol=0, atol=TOLERANCE)


def test_expectation_and_its_gradient_are_those_of_dldl_v2() -> None:
    logits = logits_of(15).requires_grad_()
    ages = torch.linspace(0, 100, CLASSES, dtype=torch.float64)
    q = softmax(logits)
    mean = q @ np.arange(CLASSES)
    value = expectation_l1(logits, ages)
    np.testing.assert_allclose(value.detach().numpy(), np.abs(mean - ages.numpy()), rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(expected_age(logits).detach().numpy(), mean, rtol=0, atol=TOLERANCE)
    expected = np.sign(mean - ages.numpy())[:, None] * q * (np.arange(CLASSES) - mean[:, None])
    np.testing.assert_allclose(gradients(value, logits)[0], expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("year_jitter", [False, True])
@pytest.mark.parametrize("mode", ["overlap", "renormalised"])
def test_pair_loss_passes_gradcheck(mode: TranslatedMode, year_jitter: bool) -> None:
    gaps = torch.tensor([0, 2, 50, 100])
    younger = (logits_of(16)[:4] * 0.5).requires_grad_()
    older = (logits_of(17)[:4] * 0.5).requires_grad_()

    def total(n: Tensor, m: Tensor) -> Tensor:
        return pair_loss(n, m, gaps, PairWeights(0.5, 2.0, 1.5), mode=mode, year_jitter=year_jitter).total

    # One product with the Jacobian instead of all 808 columns: as strict, and a second instead of a minute.
    assert torch.autograd.gradcheck(total, (younger, older), fast_mode=True, atol=1e-6)


@pytest.mark.parametrize("gap", [0, 2, 50, 100])
def test_each_pair_term_passes_gradcheck(gap: int) -> None:
    gaps = torch.tensor([gap])
    younger, older = logits_of(18)[:1].requires_grad_(), logits_of(19)[:1].requires_grad_()
    for loss in (bound_cross_entropy, translated_kl):
        assert torch.autograd.gradcheck(lambda n, m, loss=loss: loss(n, m, gaps), (younger, older))
    assert torch.autograd.gradcheck(entropy, (younger,))


@pytest.mark.parametrize("year_jitter", [False, True])
@pytest.mark.parametrize("mode", ["overlap", "renormalised"])
def test_translated_kl_gradient_matches_finite_differences_at_every_gap(
    mode: TranslatedMode, year_jitter: bool
) -> None:
    younger, older = logits_of(20, scale=1.0).requires_grad_(), logits_of(21, scale=1.0).requires_grad_()
    away_n, away_m = logits_of(22, scale=1.0), logits_of(23, scale=1.0)
    value = translated_kl(younger, older, EVERY_GAP, mode=mode, year_jitter=year_jitter)
    g_younger, g_older = torch.autograd.grad(value.sum(), (younger, older))
    slope = (g_younger * away_n + g_older * away_m).sum(1)
    step = 1e-6
    with torch.no_grad():
        up, down = (
            translated_kl(
                younger + sign * step * away_n,
                older + sign * step * away_m,
                EVERY_GAP,
                mode=mode,
                year_jitter=year_jitter,
            )
            for sign in (1, -1)
        )
    torch.testing.assert_close(slope, (up - down) / (2 * step), rtol=1e-6, atol=1e-7)
