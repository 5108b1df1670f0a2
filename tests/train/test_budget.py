"""Minutes to steps: what is done once is paid once, what comes again is paid each time."""

from dataclasses import dataclass, field

import pytest
import torch
from torch import nn

from train.devices import PROCESSOR, Machine
from train.optimiser import RatePlan
from train.settings import FinetuneSettings
from train.stages.budget import LEAST_STEPS, USED_SHARE, plan_steps
from train.stages.stage import StepLoss


@dataclass
class Clocked:
    """A stage whose work takes the seconds it says, by a clock of its own."""

    first_refresh: float = 0.0
    later_refresh: float = 0.0
    a_step: float = 1.0
    a_look: float = 0.0
    now: float = 0.0
    refreshed: int = 0
    name: str = "clocked"
    settings: FinetuneSettings = field(default_factory=FinetuneSettings)
    rates: RatePlan = field(default_factory=lambda: RatePlan(peak=1e-3, warmup=0.0, weight_decay=0.0))
    images_per_step: int = 1
    validate_every: int = 20
    looks_first: bool = False
    refresh_every: int = 50

    def planned(self, steps: int) -> None:
        """Nothing to plan."""

    def refresh(self, net: nn.Module, *, step: int, machine: Machine) -> None:
        """Take the seconds of the first look or of a later one."""
        self.now += self.later_refresh if self.refreshed else self.first_refresh
        self.refreshed += 1

    def batch(self, step: int) -> int:
        """Return the step."""
        return step

    def prepare(self, net: nn.Module) -> None:
        """Nothing to prepare."""

    def loss(self, net: nn.Module, batch: int, *, machine: Machine) -> StepLoss:
        """Take the seconds of a step."""
        self.now += self.a_step
        return StepLoss(sum((one.sum() for one in net.parameters()), torch.zeros(())), {})

    def check(self, means: dict[str, float], *, step: int) -> None:
        """Nothing can go astray."""

    def validate(self, net: nn.Module, *, machine: Machine) -> dict[str, float]:
        """Take the seconds of a look at the validation split."""
        self.now += self.a_look
        return {}

    def score(self, measures: dict[str, float]) -> float | None:
        """Keep the last."""
        return None

    def is_stale(self, steps_since_best: int) -> bool:
        """Never."""
        return False


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Clocked(), 600),
        (Clocked(a_look=4.0), 500),  # a fifth of a second a step
        (Clocked(first_refresh=300.0), 300),
        (Clocked(first_refresh=50.0, later_refresh=50.0), 275),  # one at once, then a second a step
        (Clocked(first_refresh=1e4), LEAST_STEPS),
    ],
)
def test_minutes_buy_what_the_clock_says(stage: Clocked, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("train.stages.budget.time.monotonic", lambda: stage.now)
    minutes = 600 / 60 / USED_SHARE
    plan = plan_steps(stage, nn.Linear(2, 1), wanted=10_000, max_minutes=minutes, machine=PROCESSOR)
    assert plan.steps == pytest.approx(expected, abs=1)
