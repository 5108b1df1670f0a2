"""The triplet loss against three loops, its gradient against the closed form and against finite differences."""

import pytest
import torch
from torch import Tensor

from train.losses import triplet
from train.losses.triplet import TopKScope, squared_distances, triplet_loss


def drawn(rows: int = 12, *, seed: int = 0, ages: int = 4) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(rows, 5, generator=generator, dtype=torch.float64)
    return features, torch.randint(0, ages, (rows,), generator=generator)


def by_loops(features: Tensor, ages: Tensor, *, margin: float, top_k: int, scope: str, normalise: bool) -> Tensor:
    """Every triplet one by one; the worst are summed."""
    rows = list(features / features.norm(dim=1, keepdim=True)) if normalise else list(features)
    of_batch, total = [], features.new_zeros(())
    for a in range(len(rows)):
        for p in range(len(rows)):
            if a == p or ages[a] != ages[p]:
                continue
            of_pair = [
                (margin + (rows[a] - rows[p]).square().sum() - (rows[a] - rows[n]).square().sum()).clamp(min=0)
                for n in range(len(rows))
                if ages[n] != ages[a]
            ]
            of_batch += of_pair
            if scope == "pair":
                total = total + sum(sorted(of_pair, key=Tensor.item)[-top_k:])
    return sum(sorted(of_batch, key=Tensor.item)[-top_k:], features.new_zeros(())) if scope == "batch" else total


@pytest.mark.parametrize("normalise", [True, False])
@pytest.mark.parametrize(("scope", "top_k"), [("batch", 1), ("batch", 7), ("batch", 10_000), ("pair", 1), ("pair", 4)])
def test_value_and_gradient_are_those_of_three_loops(scope: TopKScope, top_k: int, normalise: bool) -> None:
    features, ages = drawn()
    features.requires_grad_()
    found = triplet_loss(features, ages, margin=0.5, top_k=top_k, topk_scope=scope, normalise=normalise)
    expected = by_loops(features, ages, margin=0.5, top_k=top_k, scope=scope, normalise=normalise)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    slopes = [torch.autograd.grad(value, features)[0] for value in (found, expected)]
    assert slopes[0].count_nonzero() > 0
    torch.testing.assert_close(slopes[0], slopes[1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("scope", ["batch", "pair"])
def test_blocks_of_anchors_find_the_same_triplets(scope: TopKScope, monkeypatch: pytest.MonkeyPatch) -> None:
    features, ages = drawn(23)
    whole = triplet_loss(features, ages, top_k=9, topk_scope=scope)
    monkeypatch.setattr(triplet, "_BLOCK", 3 * 23 * 23)  # 8 blocks, the last one short
    torch.testing.assert_close(triplet_loss(features, ages, top_k=9, topk_scope=scope), whole, rtol=0, atol=0)


def test_the_gradient_of_one_triplet_is_twice_the_differences() -> None:
    e = torch.tensor([[0.0, 0.0], [1.0, 0.5], [0.3, -0.2]], dtype=torch.float64, requires_grad=True)
    value = triplet_loss(e, torch.tensor([30, 30, 31]), normalise=False, top_k=1)
    # Of the two triplets (a, p) = (0, 1), (1, 0) the first is worse: 0.5 + 1.25 - 0.13.
    assert value.item() == pytest.approx(1.62, abs=1e-12)
    a, p, n = e.detach()
    expected = torch.stack([2 * (n - p), 2 * (p - a), 2 * (a - n)])
    torch.testing.assert_close(torch.autograd.grad(value, e)[0], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("normalise", [True, False])
def test_it_passes_gradcheck(normalise: bool) -> None:
    features, ages = drawn(8, seed=3)
    assert torch.autograd.gradcheck(
        lambda e: triplet_loss(e, ages, top_k=5, normalise=normalise), (features.requires_grad_(),)
    )


def test_triplets_apart_by_the_margin_cost_nothing_and_pull_nothing() -> None:
    features = torch.tensor([[1.0, 0.0], [1.0, 0.01], [-1.0, 0.0], [-1.0, 0.01]], requires_grad=True)
    value = triplet_loss(features, torch.tensor([20, 20, 60, 60]))
    assert value.item() == 0.0
    assert torch.autograd.grad(value, features)[0].count_nonzero() == 0


@pytest.mark.parametrize("ages", [[5, 5, 5, 5], [1, 2, 3, 4]], ids=["no negative", "no positive"])
@pytest.mark.parametrize("scope", ["batch", "pair"])
def test_a_batch_without_a_triplet_is_zero(ages: list[int], scope: TopKScope) -> None:
    features = torch.randn(4, 3, requires_grad=True)
    value = triplet_loss(features, torch.tensor(ages), topk_scope=scope)
    assert value.item() == 0.0
    assert torch.autograd.grad(value, features)[0].count_nonzero() == 0
    assert triplet_loss(torch.zeros(0, 3), torch.zeros(0)).item() == 0.0


def test_ages_are_compared_as_whole_years() -> None:
    features, _ = drawn(6)
    said = triplet_loss(features, torch.tensor([20.2, 19.8, 30.0, 30.4, 29.9, 50.0]))
    assert said.item() == triplet_loss(features, torch.tensor([20, 20, 30, 30, 30, 50])).item() > 0


def test_distances_are_those_of_differences_and_never_negative() -> None:
    features = torch.randn(40, 4096, generator=torch.Generator().manual_seed(1)) * 1e2
    features[1] = features[0]
    found = squared_distances(features)
    expected = torch.cdist(features.double(), features.double()).square()
    assert (found >= 0).all() and found.diagonal().count_nonzero() == 0
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=features.square().sum(1).max().item() * 1e-6)


@pytest.mark.parametrize("normalise", [True, False])
def test_features_of_ten_thousand_and_of_zero_are_finite(normalise: bool) -> None:
    features, ages = drawn(16)
    huge = torch.cat([features.float() * 1e4, torch.zeros(4, 5)]).requires_grad_()
    value = triplet_loss(huge, torch.cat([ages, ages[:4]]), normalise=normalise)
    assert value.isfinite() and value.item() > 0
    assert torch.autograd.grad(value, huge)[0].isfinite().all()


def test_autocast_does_not_touch_it() -> None:
    features, ages = drawn(16)
    features = features.float()
    outside = triplet_loss(features, ages)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = triplet_loss(features, ages)
        assert triplet_loss(features.bfloat16(), ages).dtype == torch.float32
    torch.testing.assert_close(inside, outside, rtol=0, atol=0)


def test_two_steps_lower_it() -> None:
    features, ages = drawn(32)
    features.requires_grad_()
    optimizer = torch.optim.SGD([features], lr=0.01)
    values = []
    for _ in range(3):
        value = triplet_loss(features, ages, top_k=50)
        optimizer.zero_grad()
        torch.autograd.backward(value)
        optimizer.step()
        values.append(value.item())
    assert values[2] < values[1] < values[0]


def test_what_cannot_be_is_refused_with_the_reason() -> None:
    features, ages = drawn(4)
    with pytest.raises(ValueError, match=r"ages must be \(B,\)"):
        triplet_loss(features, ages[:3])
    with pytest.raises(ValueError, match="top_k must be at least 1"):
        triplet_loss(features, ages, top_k=0)
    with pytest.raises(ValueError, match="'batch' or 'pair'"):
        triplet_loss(features, ages, topk_scope="row")  # type: ignore[arg-type]
