"""The small parts of a stage: rates, averages, statistics, layers, alarms, budgets, meters."""

import copy
import itertools
import math
from typing import cast

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from agegap.errors import DataFailed
from train.averaging import AveragedNet
from train.devices import choose_machine, to_input
from train.evaluation.calibration import interval_scale, said_ages
from train.optimiser import build_optimiser, learning_rate_at
from train.settings import BatchNormMode
from train.stages.collapse import Spread, check_collapse, spread_of
from train.stages.layers import let_learn
from train.stages.meter import Meter
from train.stages.normalisation import forward_both, set_training

MACHINE = choose_machine("float32")


def test_the_rate_climbs_to_its_peak_and_falls_to_nothing() -> None:
    rates = [learning_rate_at(step, steps=100, peak=2.0, warmup=0.1) for step in range(100)]
    assert rates[:10] == pytest.approx([0.2 * k for k in range(1, 11)])
    assert rates[10] == pytest.approx(2.0)
    assert rates[55] == pytest.approx(1.0)  # half of the cosine
    assert all(after < before for before, after in itertools.pairwise(rates[10:]))
    assert 0 < rates[-1] < 0.002


def test_a_run_of_one_step_has_a_rate() -> None:
    assert learning_rate_at(0, steps=1, peak=0.5, warmup=0.05) == pytest.approx(0.5)
    assert learning_rate_at(0, steps=1, peak=0.5, warmup=0.0) == pytest.approx(0.5)


def test_only_matrices_decay() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    groups = build_optimiser(net, weight_decay=0.1).param_groups
    decayed = {id(one) for group in groups if group["weight_decay"] for one in group["params"]}
    assert decayed == {id(one) for one in net.parameters() if one.ndim > 1}
    assert sum(len(group["params"]) for group in groups) == len(list(net.parameters()))


def test_the_average_is_the_mean_at_first_and_then_follows_its_decay() -> None:
    net = nn.Linear(1, 1, bias=False)
    net.weight.data.fill_(0.0)
    averaged = AveragedNet(net, decay=0.5)
    expected = 0.0
    for step, value in enumerate([4.0, -2.0, 10.0, 1.0]):
        net.weight.data.fill_(value)
        averaged.update(net, step=step)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    assert float(averaged.net.weight) == pytest.approx(expected)  # type: ignore[arg-type]
    assert not any(one.requires_grad for one in averaged.net.parameters())


def _norm_net() -> nn.Sequential:
    return nn.Sequential(nn.BatchNorm2d(3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 5))


def _normal(count: int, mean: float, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return mean + torch.randn(count, 3, 8, 8, generator=generator)


@pytest.mark.parametrize(
    ("mode", "moved_to"),
    [("live", 0.1 * (8 * 10.0 - 4 * 5.0) / 12), ("frozen", 0.0), ("pairs-only", 1.0), ("per-domain", 1.0)],
)
def test_the_running_mean_follows_the_images_of_its_mode(mode: BatchNormMode, moved_to: float) -> None:
    net = _norm_net()
    pairs, replay = _normal(8, 10.0, 0), _normal(4, -5.0, 1)
    set_training(net, mode)
    both = forward_both(net, pairs, replay, mode=mode)
    assert both.pairs is not None
    assert both.replay is not None
    assert (len(both.pairs), len(both.replay)) == (8, 4)
    running = cast(nn.BatchNorm2d, net[0]).running_mean
    assert running is not None
    # Momentum 0.1: a tenth of the mean of the batch that counts.
    assert running.mean().item() == pytest.approx(moved_to, abs=0.05)


def test_per_domain_normalises_the_replay_by_itself() -> None:
    net = _norm_net()
    pairs, replay = _normal(8, 10.0, 0), _normal(4, -5.0, 1)
    set_training(net, "per-domain")
    both = forward_both(net, pairs, replay, mode="per-domain")
    alone = copy.deepcopy(net)
    alone.train()
    assert both.replay is not None
    assert torch.allclose(both.replay, alone(replay), atol=1e-5)


def test_pairs_only_normalises_the_replay_by_the_running_statistics() -> None:
    net = _norm_net()
    replay = _normal(4, -5.0, 1)
    set_training(net, "pairs-only")
    both = forward_both(net, _normal(8, 10.0, 0), replay, mode="pairs-only")
    alone = copy.deepcopy(net).eval()
    assert both.replay is not None
    assert torch.allclose(both.replay, alone(replay), atol=1e-5)
    assert net[0].training


@pytest.mark.parametrize("mode", ["live", "frozen", "pairs-only", "per-domain"])
def test_a_step_without_pairs_or_without_replay_has_no_logits_of_them(mode: BatchNormMode) -> None:
    net = _norm_net()
    set_training(net, mode)
    nothing = torch.zeros(0, 3, 8, 8)
    without_pairs = forward_both(net, nothing, _normal(4, 0.0, 0), mode=mode)
    without_replay = forward_both(net, _normal(4, 0.0, 0), nothing, mode=mode)
    assert without_pairs.pairs is None and without_pairs.replay is not None
    assert without_replay.replay is None and without_replay.pairs is not None


def test_layers_say_which_weights_learn() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.trunk = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2))
            self.head = nn.Linear(2, 2)

    net = Net()
    learning = {}
    for layers in ("all", "last-half", "head"):
        let_learn(net, layers)
        learning[layers] = {name for name, one in net.named_parameters() if one.requires_grad}
    assert learning["all"] == {name for name, _ in net.named_parameters()}
    assert learning["last-half"] == {"trunk.2.weight", "trunk.2.bias", "head.weight", "head.bias"}
    assert learning["head"] == {"head.weight", "head.bias"}


def test_the_spread_of_known_answers() -> None:
    logits = torch.full((2, 101), -1e4)
    logits[0, 20] = logits[1, 40] = 0.0
    spread = spread_of(logits)
    assert spread.entropy == pytest.approx(0.0, abs=1e-5)
    assert spread.mean_age == pytest.approx(30.0, abs=1e-3)
    assert spread.age_spread == pytest.approx(10.0, abs=1e-3)
    assert spread_of(torch.zeros(3, 101)).entropy == pytest.approx(math.log(101), abs=1e-5)


GOOD = Spread(entropy=2.5, mean_age=25.0, age_spread=15.0, classes=101)


def test_a_healthy_net_raises_no_alarm() -> None:
    check_collapse(Spread(2.0, 20.0, 12.0, 101), GOOD, step=1)


def test_a_net_that_went_flat_raises_the_alarm() -> None:
    with pytest.raises(DataFailed, match=r"nearly every age of every face at step 40 .*raise replay_weight"):
        check_collapse(Spread(4.55, 50.0, 1.0, 101), GOOD, step=40)


def test_a_net_that_says_one_age_of_all_raises_the_alarm() -> None:
    with pytest.raises(DataFailed, match="nearly the same age of every face at step 7"):
        check_collapse(Spread(0.3, 33.0, 0.4, 101), GOOD, step=7)


def test_a_net_that_makes_every_face_young_is_told() -> None:
    with pytest.raises(DataFailed, match=r"every face young at step 75 .*raise replay_weight"):
        check_collapse(Spread(2.0, 8.0, 6.0, 101), GOOD, step=75)


def test_people_who_were_said_too_old_may_become_younger() -> None:
    check_collapse(Spread(2.9, 16.5, 10.5, 101), GOOD, step=900)
    check_collapse(Spread(2.9, 10.0, 9.0, 101), GOOD, step=900)  # young, and yet apart


def test_a_net_that_began_flat_is_no_news() -> None:
    start = Spread(entropy=4.6, mean_age=50.0, age_spread=1.0, classes=101)
    check_collapse(Spread(4.6, 50.0, 1.0, 101), start, step=1)


def test_the_meter_gives_means_and_goes_on_from_what_was_saved() -> None:
    meter = Meter()
    for value in (1.0, 2.0):
        meter.add({"loss": torch.tensor(value)})
    later = Meter(meter.saved(), count=meter.count)
    later.add({"loss": torch.tensor(6.0)})
    assert later.take() == {"loss": pytest.approx(3.0)}
    later.add({"loss": torch.tensor(5.0)})
    assert later.take() == {"loss": pytest.approx(5.0)}


def test_the_input_of_a_net_is_the_crop_with_channels_first_and_about_unit_scale() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)
    batch = to_input(images, MACHINE)
    expected = (images.transpose(0, 3, 1, 2).astype(np.float32) - 127.5) / 64.0
    assert batch.dtype == torch.float32
    assert np.allclose(batch.numpy(), expected)
    assert batch.is_contiguous(memory_format=torch.channels_last)


def _shares(ages: NDArray[np.float64], width: float) -> NDArray[np.float32]:
    grid = np.arange(101)
    raw = np.exp(-0.5 * ((grid - ages[:, None]) / width) ** 2)
    return np.asarray(raw / raw.sum(1, keepdims=True), dtype=np.float32)


def test_intervals_of_a_net_that_is_too_sure_are_widened_until_nine_in_ten_hold() -> None:
    rng = np.random.default_rng(0)
    true = rng.uniform(25, 75, 8000)
    said = true + rng.normal(0, 6.0, 8000)
    shares = _shares(said, 3.0)  # says 3 years, is 6 years off
    scale = interval_scale(shares[:4000], true[:4000].astype(np.float32))
    assert scale == pytest.approx(2.0, abs=0.12)
    fresh = said_ages(shares[4000:], scale=scale)
    held = ((fresh.low <= true[4000:]) & (true[4000:] <= fresh.high)).mean()
    assert held == pytest.approx(0.9, abs=0.02)


def test_intervals_of_a_net_that_is_too_unsure_are_narrowed() -> None:
    true = np.random.default_rng(1).uniform(30, 70, 2000)
    said = true + np.random.default_rng(2).normal(0, 2.0, 2000)
    assert interval_scale(_shares(said, 8.0), true.astype(np.float32)) < 0.4


def test_intervals_stay_within_the_classes() -> None:
    said = said_ages(_shares(np.array([1.0, 99.0]), 3.0), scale=10.0)
    assert said.low.min() >= 0
    assert said.high.max() <= 100
