"""How many steps fit into some minutes: measured once, before the first step, and then kept.

The schedule of the learning rate is a function of the planned steps, so the plan is stored in the run: a resumed run
follows it whatever the clock says.
"""

import copy
import time
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from torch import nn

from train.devices import Machine
from train.stages.loop import begin, time_steps
from train.stages.stage import Stage

B = TypeVar("B")

TIMED_STEPS = 6
WARM_STEPS = 2  # the first calls pay for choosing kernels and for memory
USED_SHARE = 0.9  # of the minutes; the rest is for loading, plots and a machine that slows down
LEAST_STEPS = 10  # a budget too small for anything still gives a run that ends


@dataclass(frozen=True)
class Plan:
    """Steps of a run, and the timing that decided them (None where there was no limit)."""

    steps: int
    seconds_per_step: float | None = None

    def noted(self) -> dict[str, Any]:
        """Return the plan as settings.json keeps it."""
        return asdict(self)


def plan_steps(stage: Stage[B], net: nn.Module, *, wanted: int, max_minutes: float, machine: Machine) -> Plan:
    """Return `wanted` steps, or as many as fit into `max_minutes` (0 = no limit) with their looks at validation."""
    if not max_minutes:
        return Plan(wanted)
    progress = begin(stage, copy.deepcopy(net), machine=machine)
    once = per_step = 0.0
    if stage.refresh_every:
        clock = time.monotonic()
        stage.refresh(progress.averaged.net, step=0, machine=machine)
        once = time.monotonic() - clock
        # Labels that stay are not made again, and cost nothing from here on.
        clock = time.monotonic()
        stage.refresh(progress.averaged.net, step=0, machine=machine)
        per_step += (time.monotonic() - clock) / stage.refresh_every
    time_steps(stage, progress, range(WARM_STEPS), machine=machine)
    clock = time.monotonic()
    time_steps(stage, progress, range(WARM_STEPS, WARM_STEPS + TIMED_STEPS), machine=machine)
    per_step += (time.monotonic() - clock) / TIMED_STEPS
    clock = time.monotonic()
    stage.validate(progress.averaged.net, machine=machine)
    per_step += (time.monotonic() - clock) / stage.validate_every
    fitting = int(max(0.0, max_minutes * 60 * USED_SHARE - once) / per_step)
    return Plan(max(min(wanted, fitting), min(wanted, LEAST_STEPS)), round(per_step, 5))
