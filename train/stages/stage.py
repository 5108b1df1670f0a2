"""What the training loop asks of a stage."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from torch import Tensor, nn

from train.devices import Machine
from train.optimiser import RatePlan
from train.settings import FinetuneSettings, PretrainSettings

B = TypeVar("B")


@dataclass(frozen=True)
class StepLoss:
    """The loss of one batch: what is minimised (a scalar with gradient), and numbers for the log without."""

    total: Tensor
    parts: dict[str, Tensor]


class Stage(Protocol[B]):
    """One way to train a net; every method is a function of its arguments and of the stage's data and settings."""

    @property
    def name(self) -> str:
        """What the log and the run call it."""
        ...

    @property
    def settings(self) -> PretrainSettings | FinetuneSettings:
        """What it was set to."""
        ...

    @property
    def rates(self) -> RatePlan:
        """How its weights move."""
        ...

    @property
    def images_per_step(self) -> int:
        """Crops that pass through the net in a step."""
        ...

    @property
    def validate_every(self) -> int:
        """Steps from one look at the validation split to the next; there is one more after the last step."""
        ...

    @property
    def looks_first(self) -> bool:
        """Say whether to look at the validation split before the first step."""
        ...

    @property
    def refresh_every(self) -> int:
        """Steps from one `refresh` to the next, 0 where there is none; checkpoints are saved at such steps only."""
        ...

    def planned(self, steps: int) -> None:
        """Take note of how many steps there will be; called once, before the first batch."""
        ...

    def refresh(self, net: nn.Module, *, step: int, machine: Machine) -> None:
        """Let the averaged net say what the batches from `step` on are to teach."""
        ...

    def batch(self, step: int) -> B:
        """Return the batch of `step`, varied by generators seeded with (seed, step) alone."""
        ...

    def prepare(self, net: nn.Module) -> None:
        """Set modes and which weights learn, before the first step."""
        ...

    def loss(self, net: nn.Module, batch: B, *, machine: Machine) -> StepLoss:
        """Return the loss of a batch."""
        ...

    def check(self, means: dict[str, float], *, step: int) -> None:
        """Look at the means of the parts over a group of steps; raise DataFailed where training went astray."""
        ...

    def validate(self, net: nn.Module, *, machine: Machine) -> dict[str, float]:
        """Return measures on the validation split, for the log."""
        ...

    def score(self, measures: dict[str, float]) -> float | None:
        """Return the measure by which the best weights are kept (less is better); None: the last are kept."""
        ...

    def is_stale(self, steps_since_best: int) -> bool:
        """Say whether it is no use to go on."""
        ...
