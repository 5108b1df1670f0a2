"""What each loss means: hand-worked values, its minima, what it cannot see."""

import subprocess
import sys
from collections.abc import Callable
from math import log
from pathlib import Path

import pytest
import torch
from torch import Tensor

from agegap.errors import UnknownName
from tests.train.drawn_losses import CLASSES, arguments_of
from train.losses import BATCH_LOSSES, LOSSES, load_loss
from train.losses.bounds import bound_cross_entropy
from train.losses.entropy import entropy
from train.losses.gaussian import gaussian_labels, label_kl
from train.losses.pair import PairWeights, pair_loss
from train.losses.translated_kl import translated_kl


def logits_of(*rows: list[float]) -> Tensor:
    """Return logits whose softmax are these rows."""
    return torch.tensor(rows, dtype=torch.float64).log()


def sure_of(*ages: float, sigma: float = 2.0) -> Tensor:
    """Return logits of Gaussians around these ages."""
    return gaussian_labels(torch.tensor(ages, dtype=torch.float64), sigma).clamp(min=1e-300).log()


def test_three_classes_worked_by_hand() -> None:
    younger, older = logits_of([1 / 2, 1 / 4, 1 / 4]), logits_of([1 / 8, 3 / 8, 1 / 2])
    terms = pair_loss(younger, older, torch.tensor([1]), PairWeights(entropy=2.0, bounds=3.0, translated=5.0))
    h = (1.5 * log(2)) + (log(8) / 8 + 3 / 8 * log(8 / 3) + log(2) / 2)
    c = -log(3 / 4) - log(7 / 8)
    j = (1 / 2 - 3 / 8) * log(4 / 3) + (1 / 4 - 1 / 2) * log(1 / 2)
    assert terms.entropy.item() == pytest.approx(h, abs=1e-15)
    assert terms.bounds.item() == pytest.approx(c, abs=1e-15)
    assert terms.translated.item() == pytest.approx(j, abs=1e-15)
    assert terms.total.item() == pytest.approx(2 * h + 3 * c + 5 * j, abs=1e-14)


def test_parts_are_the_terms_by_name_without_gradient() -> None:
    logits = torch.zeros(2, CLASSES, requires_grad=True)
    parts = pair_loss(logits, logits, torch.tensor([3, 4])).parts
    assert list(parts) == ["entropy", "bounds", "translated"]
    assert not any(part.requires_grad for part in parts.values())
    assert parts["entropy"].tolist() == pytest.approx([2 * log(101)] * 2, abs=1e-5)


def test_uniform_logits_have_entropy_log_c_and_a_sure_face_has_none() -> None:
    assert entropy(torch.zeros(1, CLASSES)).item() == pytest.approx(4.61512, abs=1e-5)
    assert entropy(torch.eye(CLASSES)[:1] * 1e3).item() == 0.0


def test_bounds_and_their_gradient_are_exactly_zero_without_a_gap() -> None:
    younger, older = (torch.randn(4, CLASSES, requires_grad=True) for _ in range(2))
    value = bound_cross_entropy(younger, older, torch.zeros(4, dtype=torch.int64))
    torch.autograd.backward(value.sum())
    assert value.count_nonzero() == 0
    assert younger.grad is not None and younger.grad.count_nonzero() == 0
    assert older.grad is not None and older.grad.count_nonzero() == 0


def test_bounds_forbid_what_the_gap_rules_out_and_nothing_else() -> None:
    oldest_allowed, youngest_allowed = 60, 40
    allowed = bound_cross_entropy(
        sure_of(oldest_allowed, sigma=0.1), sure_of(youngest_allowed, sigma=0.1), torch.tensor([40])
    )
    assert allowed.item() == pytest.approx(0.0, abs=1e-12)
    too_old = bound_cross_entropy(sure_of(61, sigma=0.1), sure_of(youngest_allowed, sigma=0.1), torch.tensor([40]))
    too_young = bound_cross_entropy(sure_of(oldest_allowed, sigma=0.1), sure_of(39, sigma=0.1), torch.tensor([40]))
    assert too_old.item() > 10 and too_young.item() > 10


def test_translated_kl_is_zero_only_where_the_moved_distributions_are_equal() -> None:
    q = torch.softmax(torch.randn(1, CLASSES, generator=torch.Generator().manual_seed(2), dtype=torch.float64), 1)
    moved = q.roll(30, 1)  # what wraps around lies outside the overlap
    assert translated_kl(q.log(), moved.log(), torch.tensor([30])).item() == pytest.approx(0.0, abs=1e-15)
    moved[0, 70] *= 1.1
    assert translated_kl(q.log(), moved.log(), torch.tensor([30])).item() > 1e-8


def test_two_gaussians_that_miss_the_gap_by_three_years_cost_three_sigma_squared() -> None:
    value = translated_kl(sure_of(30, sigma=2.0), sure_of(43, sigma=2.0), torch.tensor([10]))
    assert value.item() == pytest.approx((3 / 2) ** 2, abs=1e-9)


def test_a_common_shift_of_both_ages_costs_nothing() -> None:
    gap = torch.tensor([10])
    early, late = pair_loss(sure_of(30), sure_of(41), gap), pair_loss(sure_of(60), sure_of(71), gap)
    assert early.total.item() == pytest.approx(late.total.item(), abs=1e-9)


def test_translated_kl_is_blind_to_mass_outside_the_overlap_and_the_bounds_are_not() -> None:
    younger, older, gap = sure_of(80, sigma=1.0), sure_of(3, sigma=1.0), torch.tensor([40])
    assert translated_kl(younger, older, gap).item() < 1e-6
    assert bound_cross_entropy(younger, older, gap).item() > 100


def test_renormalised_equals_overlap_where_all_mass_is_inside() -> None:
    younger, older, gap = sure_of(30), sure_of(38), torch.tensor([10])
    overlap = translated_kl(younger, older, gap)
    torch.testing.assert_close(translated_kl(younger, older, gap, mode="renormalised"), overlap, rtol=0, atol=1e-9)


def test_year_jitter_prefers_the_blurred_distribution() -> None:
    younger, gap = sure_of(30, sigma=1.0), torch.tensor([10])
    q = younger.softmax(1)
    blurred = (q.roll(9, 1) / 6 + q.roll(10, 1) * 2 / 3 + q.roll(11, 1) / 6).clamp(min=1e-300).log()
    assert translated_kl(younger, blurred, gap, year_jitter=True).item() == pytest.approx(0.0, abs=1e-12)
    assert translated_kl(younger, blurred, gap).item() > 0.01


@pytest.mark.parametrize("loss", [bound_cross_entropy, translated_kl])
def test_a_gap_above_the_oldest_age_counts_as_the_oldest_age(loss: Callable[..., Tensor]) -> None:
    younger, older = torch.randn(1, CLASSES), torch.randn(1, CLASSES)
    at_limit = loss(younger, older, torch.tensor([100]))
    torch.testing.assert_close(loss(younger, older, torch.tensor([150])), at_limit, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (torch.tensor([-1, 3]), "must not be negative"),
        (torch.tensor([1.0, 3.0]), "whole years"),
        (torch.tensor([1, 2, 3]), "must be"),
        (torch.tensor(3), "must be"),
    ],
)
def test_gaps_that_cannot_be_are_refused_with_the_reason(gap: Tensor, words: str) -> None:
    logits = torch.zeros(2, CLASSES)
    for loss in (bound_cross_entropy, translated_kl):
        with pytest.raises(ValueError, match=words):
            loss(logits, logits, gap)


def test_logits_of_two_shapes_and_an_unknown_mode_are_refused() -> None:
    gap = torch.tensor([1, 2])
    for loss in (bound_cross_entropy, translated_kl):
        with pytest.raises(ValueError, match="one shape"):
            loss(torch.zeros(2, 101), torch.zeros(2, 100), gap)
    with pytest.raises(ValueError, match="mode must be"):
        translated_kl(torch.zeros(2, 101), torch.zeros(2, 101), gap, mode="other")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", LOSSES)
def test_two_steps_lower_the_loss(name: str) -> None:
    loss = load_loss(name)
    torch.manual_seed(0)
    net = torch.nn.Linear(8, CLASSES)
    faces = torch.randn(16, 8)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02)
    values = []
    for _ in range(3):
        value = loss(net(faces), *arguments_of(name, 16)).mean()
        optimizer.zero_grad()
        torch.autograd.backward(value)
        optimizer.step()
        values.append(value.item())
    assert values[2] < values[1] < values[0]


def test_label_kl_of_the_label_itself_is_zero() -> None:
    labels = gaussian_labels(torch.tensor([0.0, 30.5, 100.0]), 2.0)
    assert label_kl(sure_of(0.0, 30.5, 100.0), labels).tolist() == pytest.approx([0.0] * 3, abs=1e-6)


def test_an_unknown_loss_is_told_with_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="did you mean 'translated-kl'"):
        load_loss("translated_kl")


def test_importing_the_packages_imports_no_torch() -> None:
    code = "import sys, train.losses, train.backbones; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", LOSSES | BATCH_LOSSES)
def test_every_loss_is_documented_with_the_place_it_lives(name: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "losses.md").read_text(encoding="utf-8")
    assert f"| `{name}` | `{(LOSSES | BATCH_LOSSES)[name]}(" in text
    assert callable(load_loss(name))
