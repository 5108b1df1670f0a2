"""Cross-entropy over classes and the difference of expected ages: values and gradients in numpy float64."""

import numpy as np
import pytest
import torch
from torch import Tensor

from train.losses.cross_entropy import NO_CLASS, cross_entropy
from train.losses.difference import difference_l1

CLASSES = 101
EVERY_CLASS = torch.arange(CLASSES)
TOLERANCE = 1e-12


def logits_of(seed: int, *, scale: float = 2.0, classes: int = CLASSES) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(CLASSES, classes, generator=generator, dtype=torch.float64) * scale


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_and_its_gradient_are_the_closed_forms_for_every_class(smoothing: float) -> None:
    logits = logits_of(0).requires_grad_()
    q = torch.softmax(logits, 1).detach().numpy()
    target = (1 - smoothing) * np.eye(CLASSES) + smoothing / CLASSES
    value = cross_entropy(logits, EVERY_CLASS, label_smoothing=smoothing)
    np.testing.assert_allclose(value.detach().numpy(), -(target * np.log(q)).sum(1), rtol=0, atol=TOLERANCE)
    gradient = torch.autograd.grad(value.sum(), logits)[0].numpy()
    np.testing.assert_allclose(gradient, q - target, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("classes", [2, 8, 10])
def test_bins_are_classes_too_and_torch_agrees(classes: int) -> None:
    logits, targets = logits_of(1, classes=classes), EVERY_CLASS % classes
    library = torch.nn.functional.cross_entropy(logits, targets, reduction="none", label_smoothing=0.2)
    torch.testing.assert_close(cross_entropy(logits, targets, label_smoothing=0.2), library, rtol=0, atol=TOLERANCE)


def test_a_face_in_no_class_costs_and_teaches_nothing() -> None:
    logits = logits_of(2)[:2].requires_grad_()
    value = cross_entropy(logits, torch.tensor([NO_CLASS, 4]))
    assert value[0].item() == 0.0 and value[1].item() > 0
    assert torch.autograd.grad(value.sum(), logits)[0][0].count_nonzero() == 0


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (torch.tensor([1.0, 2.0]), "whole classes"),
        (torch.tensor([1]), "whole classes"),
        (torch.tensor([0, 10]), "last"),
    ],
)
def test_targets_that_cannot_be_are_refused_with_the_reason(targets: Tensor, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        cross_entropy(torch.zeros(2, 10), targets)


def test_the_difference_and_its_gradients_are_the_closed_forms_at_every_gap() -> None:
    younger, older = logits_of(3).requires_grad_(), logits_of(4).requires_grad_()
    ages, gaps = np.arange(CLASSES), np.arange(CLASSES)
    q_n, q_m = (torch.softmax(logits, 1).detach().numpy() for logits in (younger, older))
    mean_n, mean_m = q_n @ ages, q_m @ ages
    value = difference_l1(younger, older, EVERY_CLASS)
    np.testing.assert_allclose(value.detach().numpy(), np.abs(mean_m - mean_n - gaps), rtol=0, atol=TOLERANCE)
    g_younger, g_older = (g.numpy() for g in torch.autograd.grad(value.sum(), (younger, older)))
    sign = np.sign(mean_m - mean_n - gaps)[:, None]
    np.testing.assert_allclose(g_younger, -sign * q_n * (ages - mean_n[:, None]), rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(g_older, sign * q_m * (ages - mean_m[:, None]), rtol=0, atol=TOLERANCE)


def test_both_pass_gradcheck() -> None:
    younger, older = logits_of(5)[:3].requires_grad_(), logits_of(6)[:3].requires_grad_()
    gaps = torch.tensor([0, 30, 100])
    assert torch.autograd.gradcheck(lambda n, m: difference_l1(n, m, gaps), (younger, older), fast_mode=True)
    assert torch.autograd.gradcheck(lambda n: cross_entropy(n, gaps, label_smoothing=0.1), (younger,), fast_mode=True)


def test_the_difference_does_not_see_a_common_shift_nor_how_sure_a_face_is() -> None:
    logits = torch.zeros(4, CLASSES, dtype=torch.float64)
    logits[0, 30], logits[1, 41], logits[2, 60] = 60.0, 60.0, 60.0
    logits[3, [61, 81]] = 60.0  # 71, and not sure of it
    early, late = difference_l1(logits[[0, 2]], logits[[1, 3]], torch.tensor([10, 10])).tolist()
    assert early == pytest.approx(1.0) and late == pytest.approx(1.0)
