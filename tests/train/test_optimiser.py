"""Rates and optimisers: what each schedule and each name means."""

import math

import pytest
import torch
from torch import nn

from train.optimiser import RatePlan, build_optimiser, learning_rate_at, rate_of
from train.settings import OptimiserName


def test_a_cosine_is_what_it_was() -> None:
    plan = RatePlan(peak=0.3, warmup=0.1, weight_decay=0.0)
    assert [rate_of(plan, step, steps=50) for step in range(50)] == [
        learning_rate_at(step, steps=50, peak=0.3, warmup=0.1) for step in range(50)
    ]


def test_a_step_schedule_falls_by_its_factor_every_so_many_steps() -> None:
    plan = RatePlan(peak=1.0, warmup=0.0, weight_decay=0.0, schedule="step", step_every=10, step_factor=0.1)
    rates = [rate_of(plan, step, steps=35) for step in range(35)]
    assert rates == pytest.approx([1.0] * 10 + [0.1] * 10 + [0.01] * 10 + [0.001] * 5)


def test_a_constant_schedule_stays_after_its_warm_up() -> None:
    plan = RatePlan(peak=2.0, warmup=0.2, weight_decay=0.0, schedule="constant")
    assert [rate_of(plan, step, steps=10) for step in range(10)] == pytest.approx([1.0] + [2.0] * 9)


@pytest.mark.parametrize("name", ["adamw", "adam", "sgd"])
def test_one_step_of_each_optimiser_is_its_formula(name: OptimiserName) -> None:
    net = nn.Linear(1, 1, bias=False)
    net.weight.data.fill_(2.0)
    optimiser = build_optimiser(net, weight_decay=0.1, name=name, momentum=0.9)
    for group in optimiser.param_groups:
        group["lr"] = 0.5
    weights = [2.0]
    for gradient in (1.0, 3.0):
        net.weight.grad = torch.full((1, 1), gradient)
        optimiser.step()
        weights.append(net.weight.item())
    expected = _by_hand(name, gradients=(1.0, 3.0), rate=0.5, decay=0.1)
    assert weights == pytest.approx(expected, rel=1e-5)


def _by_hand(name: OptimiserName, *, gradients: tuple[float, ...], rate: float, decay: float) -> list[float]:
    weight, first, second, velocity = 2.0, 0.0, 0.0, 0.0
    weights = [weight]
    for step, raw in enumerate(gradients, start=1):
        if name == "adamw":
            gradient, weight = raw, weight * (1 - rate * decay)
        else:
            gradient = raw + decay * weight  # the gradient of decay / 2 * weight^2
        if name == "sgd":
            velocity = 0.9 * velocity + gradient
            weight -= rate * velocity
        else:
            first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
            weight -= rate * (first / (1 - 0.9**step)) / (math.sqrt(second / (1 - 0.999**step)) + 1e-8)
        weights.append(weight)
    return weights
