"""K as shares of several years: the mixture against convolutions and closed forms in numpy, and its special cases."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from train.losses.bounds import bound_cross_entropy
from train.losses.gaps import YEAR_KERNEL, gaps_of, shares_between
from train.losses.pair import PairWeights, pair_loss
from train.losses.translated_kl import TranslatedMode, translated_kl

Array = NDArray[np.float64]
CLASSES = 101
EVERY_GAP = torch.arange(CLASSES)
TOLERANCE = 1e-12


def logits_of(seed: int, *, scale: float = 2.0, rows: int = CLASSES) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(rows, CLASSES, generator=generator, dtype=torch.float64) * scale


def drawn_shares(rows: int = CLASSES, width: int = 6) -> Tensor:
    """Return shares that sum to 1, some of them 0."""
    generator = torch.Generator().manual_seed(9)
    shares = torch.rand(rows, width, generator=generator, dtype=torch.float64)
    shares = shares * (torch.rand(rows, width, generator=generator) > 0.3)
    shares[:, 2] += 0.1  # no row of zeros
    return shares / shares.sum(1, keepdim=True)


def softmax(logits: Tensor) -> Array:
    q: Array = torch.softmax(logits.detach(), 1).numpy()
    return q


def moved(q: Array, first: int, shares: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return the mixture of q moved by each year and which ages it reaches, one age at a time."""
    p, is_reached = np.zeros(CLASSES), np.zeros(CLASSES, dtype=bool)
    for place, share in enumerate(shares):
        for age in range(CLASSES):
            source = age - first - place
            if share > 0 and 0 <= source < CLASSES:
                p[age] += share * q[source]
                is_reached[age] = True
    return p, is_reached


@pytest.mark.parametrize("first_of", [lambda k: k - 2, lambda k: k - 60], ids=["forward", "back and forward"])
def test_value_and_gradients_are_the_closed_forms_of_the_mixture_at_every_gap(first_of: Callable[[int], int]) -> None:
    younger, older = logits_of(1).requires_grad_(), logits_of(2).requires_grad_()
    shares, first = drawn_shares(), torch.tensor([first_of(k) for k in range(CLASSES)])
    value = translated_kl(younger, older, EVERY_GAP, gap_shares=shares, first_gap=first)
    g_younger, g_older = torch.autograd.grad(value.sum(), (younger, older))
    q_n, q_m = softmax(younger), softmax(older)
    for row in range(CLASSES):
        w = shares[row].numpy()
        p, reached = moved(q_n[row], int(first[row]), w)
        q = q_m[row]
        r, s = np.zeros(CLASSES), np.zeros(CLASSES)
        r[reached] = np.log(p[reached] / q[reached]) + 1 - q[reached] / p[reached]
        s[reached] = np.log(q[reached] / p[reached]) + 1 - p[reached] / q[reached]
        expected = ((p - q)[reached] * np.log(p[reached] / q[reached])).sum()
        assert value[row].item() == pytest.approx(expected, abs=TOLERANCE)
        # r moved back: what each source age meets where it goes.
        back = np.zeros(CLASSES)
        for place, share in enumerate(w):
            goes_to = np.arange(CLASSES) + int(first[row]) + place
            inside = (goes_to >= 0) & (goes_to < CLASSES)
            back[inside] += share * r[goes_to[inside]]
        np.testing.assert_allclose(g_younger[row], q_n[row] * (back - (r * p).sum()), rtol=0, atol=TOLERANCE)
        np.testing.assert_allclose(g_older[row], q * (s - (s * q).sum()), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("mode", ["overlap", "renormalised"])
def test_one_share_is_the_number_itself_at_every_gap(mode: TranslatedMode) -> None:
    younger, older, one = logits_of(3), logits_of(4), torch.ones(CLASSES, 1, dtype=torch.float64)
    plain = pair_loss(younger, older, EVERY_GAP, mode=mode)
    shared = pair_loss(younger, older, torch.zeros_like(EVERY_GAP), mode=mode, gap_shares=one, first_gap=EVERY_GAP)
    torch.testing.assert_close(shared.total, plain.total, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("mode", ["overlap", "renormalised"])
def test_year_jitter_is_the_shares_of_its_kernel_at_every_gap(mode: TranslatedMode) -> None:
    younger, older = logits_of(5), logits_of(6)
    kernel = torch.tensor([weight for _, weight in YEAR_KERNEL], dtype=torch.float64).expand(CLASSES, -1)
    jittered = pair_loss(younger, older, EVERY_GAP, mode=mode, year_jitter=True)
    shared = pair_loss(younger, older, EVERY_GAP, mode=mode, gap_shares=kernel, first_gap=EVERY_GAP - 1)
    torch.testing.assert_close(shared.bounds, jittered.bounds, rtol=0, atol=TOLERANCE)
    torch.testing.assert_close(shared.translated, jittered.translated, rtol=0, atol=TOLERANCE)


def test_year_jitter_of_shares_is_their_convolution_with_the_kernel() -> None:
    shares = drawn_shares(3)
    gaps = gaps_of(
        EVERY_GAP[:3], logits=logits_of(0, rows=3), year_jitter=True, gap_shares=shares, first_gap=EVERY_GAP[:3]
    )
    expected = [np.convolve(row, [1 / 6, 2 / 3, 1 / 6]) for row in shares.numpy()]
    np.testing.assert_allclose(gaps.shares.numpy(), expected, rtol=0, atol=1e-15)
    assert gaps.first[:, 0].tolist() == [-1, 0, 1]


def test_shares_of_zero_around_change_nothing() -> None:
    younger, older, shares = logits_of(7), logits_of(8), drawn_shares()
    plain = pair_loss(younger, older, EVERY_GAP, gap_shares=shares, first_gap=EVERY_GAP)
    padded = torch.nn.functional.pad(shares, (3, 2))
    wider = pair_loss(younger, older, EVERY_GAP, gap_shares=padded, first_gap=EVERY_GAP - 3)
    keep = slice(3, 95)  # a distribution that starts beyond the classes is moved to their end
    torch.testing.assert_close(wider.total[keep], plain.total[keep], rtol=0, atol=TOLERANCE)


def test_shares_that_sum_to_less_than_one_are_scaled_up() -> None:
    younger, older, shares = logits_of(7), logits_of(8), drawn_shares()
    whole = pair_loss(younger, older, EVERY_GAP, gap_shares=shares, first_gap=EVERY_GAP)
    part = pair_loss(younger, older, EVERY_GAP, gap_shares=shares * 0.4, first_gap=EVERY_GAP)
    torch.testing.assert_close(part.total, whole.total, rtol=0, atol=TOLERANCE)


def test_a_row_that_knows_nothing_of_k_costs_its_entropy_alone() -> None:
    younger, older = logits_of(9, rows=2).requires_grad_(), logits_of(10, rows=2).requires_grad_()
    terms = pair_loss(
        younger,
        older,
        EVERY_GAP[:2],
        PairWeights(entropy=0.0),
        gap_shares=torch.zeros(2, 3),
        first_gap=torch.tensor([40, 2]),
    )
    assert terms.total.tolist() == [0.0, 0.0]
    for gradient in torch.autograd.grad(terms.total.sum(), (younger, older)):
        assert gradient.count_nonzero() == 0


def test_bounds_are_those_of_the_least_gap_with_a_share() -> None:
    younger, older = logits_of(11), logits_of(12)
    shares = torch.tensor([[0.0, 0.2, 0.8]], dtype=torch.float64).expand(CLASSES, 3)
    value = bound_cross_entropy(younger, older, EVERY_GAP, gap_shares=shares, first_gap=EVERY_GAP)
    expected = bound_cross_entropy(younger, older, EVERY_GAP + 1)
    torch.testing.assert_close(value, expected, rtol=0, atol=TOLERANCE)


def test_a_pair_that_is_surely_the_other_way_round_is_bound_the_other_way_round() -> None:
    younger, older, one = logits_of(13), logits_of(14), torch.ones(CLASSES, 1, dtype=torch.float64)
    swapped = pair_loss(younger, older, EVERY_GAP, gap_shares=one, first_gap=-EVERY_GAP)
    expected = pair_loss(older, younger, EVERY_GAP)
    torch.testing.assert_close(swapped.total, expected.total, rtol=0, atol=TOLERANCE)


def test_a_pair_whose_order_is_not_sure_is_bound_by_nothing() -> None:
    shares, first = torch.tensor([[0.5, 0.0, 0.5]]), torch.tensor([-1])
    younger, older = torch.randn(1, CLASSES), torch.randn(1, CLASSES)
    value = bound_cross_entropy(younger, older, torch.tensor([5]), gap_shares=shares, first_gap=first)
    assert value.item() == 0.0


@pytest.mark.parametrize("mode", ["overlap", "renormalised"])
def test_shares_pass_gradcheck(mode: TranslatedMode) -> None:
    younger, older = (logits_of(seed, rows=4, scale=1.0).requires_grad_() for seed in (15, 16))
    first, shares = torch.tensor([-3, 0, 48, 98]), drawn_shares(4)

    def total(n: Tensor, m: Tensor) -> Tensor:
        return pair_loss(n, m, first, mode=mode, gap_shares=shares, first_gap=first).total

    assert torch.autograd.gradcheck(total, (younger, older), fast_mode=True, atol=1e-6)


@pytest.mark.parametrize("mode", ["overlap", "renormalised"])
@pytest.mark.parametrize("year_jitter", [False, True])
def test_shares_of_huge_logits_are_finite(mode: TranslatedMode, year_jitter: bool) -> None:
    signs = torch.randint(0, 2, (CLASSES, CLASSES), generator=torch.Generator().manual_seed(1)) * 2.0 - 1.0
    younger = (torch.cat([torch.eye(CLASSES), signs]) * 1e4).requires_grad_()
    older = (torch.cat([-torch.eye(CLASSES), signs.flip(0)]) * 1e4).requires_grad_()
    shares, first = drawn_shares(2 * CLASSES).float(), torch.cat([EVERY_GAP, EVERY_GAP - 50])
    terms = pair_loss(younger, older, first, mode=mode, year_jitter=year_jitter, gap_shares=shares, first_gap=first)
    assert terms.total.isfinite().all()
    for gradient in torch.autograd.grad(terms.total.sum(), (younger, older)):
        assert gradient.isfinite().all()


def test_shares_stay_in_float32_under_autocast() -> None:
    younger, older, shares = torch.randn(8, CLASSES), torch.randn(8, CLASSES), drawn_shares(8).float()
    outside = pair_loss(younger, older, EVERY_GAP[:8], gap_shares=shares, first_gap=EVERY_GAP[:8]).total
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = pair_loss(younger, older, EVERY_GAP[:8], gap_shares=shares, first_gap=EVERY_GAP[:8]).total
    torch.testing.assert_close(inside, outside, rtol=0, atol=0)


def test_the_mixture_prefers_the_distribution_that_k_gives() -> None:
    # Sure of 30, and K is 10 or 14: 40 or 44 as likely, and not 42.
    younger, gap = torch.zeros(2, CLASSES, dtype=torch.float64), torch.tensor([10, 10])
    younger[:, 30] = 50.0
    older = torch.zeros(2, CLASSES, dtype=torch.float64)
    older[0, [40, 44]], older[1, 42] = 50.0, 50.0
    shares = torch.tensor([[0.5, 0, 0, 0, 0.5]]).double().expand(2, 5)
    both, middle = translated_kl(younger, older, gap, gap_shares=shares, first_gap=gap).tolist()
    assert both < 1e-9 < 10 < middle


def test_shares_between_two_gaps_leave_the_doubt_to_the_others_evenly() -> None:
    said, least, most = torch.tensor([10, 3, 7, 20]), torch.tensor([8, 3, 6, 0]), torch.tensor([12, 3, 7, 40])
    shares, first = shares_between(said, least, most, confidence=torch.tensor([0.6, 0.2, 1.0, 0.9]), width=5)
    assert first.tolist() == [8, 3, 6, 16]
    expected = [[0.1, 0.1, 0.6, 0.1, 0.1], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0.1 / 40] * 4 + [0.9]]
    torch.testing.assert_close(shares, torch.tensor(expected))


@pytest.mark.parametrize(
    ("shares", "first", "words"),
    [
        (torch.ones(2), torch.zeros(2).long(), r"must be \(B, G\)"),
        (torch.ones(3, 1), torch.zeros(3).long(), r"must be \(B, G\)"),
        (torch.ones(2, 1), None, "first_gap must be whole years"),
        (torch.ones(2, 1), torch.zeros(2), "first_gap must be whole years"),
        (-torch.ones(2, 1), torch.zeros(2).long(), "must not be negative"),
        (None, torch.zeros(2).long(), "both or neither"),
    ],
)
def test_shares_that_cannot_be_are_refused_with_the_reason(
    shares: Tensor | None, first: Tensor | None, words: str
) -> None:
    logits = torch.zeros(2, CLASSES)
    with pytest.raises(ValueError, match=words):
        pair_loss(logits, logits, torch.tensor([1, 2]), gap_shares=shares, first_gap=first)
