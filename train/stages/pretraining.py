"""Stage one: label distributions of faces whose age is known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from train.augment import augment
from train.batches import EndlessOrder, age_weights, generator
from train.calibration import said_ages
from train.crops import Images
from train.data import LabelledFaces
from train.devices import Machine, autocast, to_input
from train.inference import distributions
from train.metrics import cumulative_score, mae
from train.settings import AugmentSettings, PretrainSettings
from train.stages.labelled import ages_to, labelled_loss
from train.stages.stage import StepLoss

ORDER, VARY = 1, 2
"""Keys of the two kinds of draws."""


@dataclass(frozen=True, eq=False)
class LabelledBatch:
    """Varied crops (B, S, S, 3) and their ages (B,)."""

    images: Images
    ages: NDArray[np.float32]


class Pretraining:
    """Learns from `faces`; keeps the average with the least MAE on `held_out`."""

    name = "pretrain"
    refresh_every = 0

    def __init__(
        self,
        faces: LabelledFaces,
        held_out: LabelledFaces,
        *,
        settings: PretrainSettings,
        augmentation: AugmentSettings,
    ) -> None:
        self.faces, self.held_out = faces, held_out
        self.settings, self.augmentation = settings, augmentation
        self.images_per_step = min(settings.batch_size, len(faces))
        self.validate_every = max(1, round(len(faces) / self.images_per_step))
        weights = age_weights(faces.ages, settings.balance)
        self._order = EndlessOrder(len(faces), seed=settings.seed, key=ORDER, weights=weights)

    def refresh(self, net: nn.Module, *, step: int, machine: Machine) -> None:
        """Labels are given: there is nothing to refresh."""

    def batch(self, step: int) -> LabelledBatch:
        """Return the batch of `step`."""
        rows = self._order.rows(step * self.images_per_step, self.images_per_step)
        rng = generator(self.settings.seed, VARY, step)
        return LabelledBatch(augment(self.faces.crops.gather(rows), self.augmentation, rng=rng), self.faces.ages[rows])

    def prepare(self, net: nn.Module) -> None:
        """Let every weight learn."""
        net.train()

    def loss(self, net: nn.Module, batch: LabelledBatch, *, machine: Machine) -> StepLoss:
        """Return KL + expectation_weight * L1 of the batch."""
        with autocast(machine):
            logits = net(to_input(batch.images, machine))
        loss = labelled_loss(logits.float(), ages_to(batch.ages, machine.device), self.settings)
        return StepLoss(loss.total, {"label_kl": loss.label_kl, "expectation_l1": loss.expectation_l1})

    def check(self, means: dict[str, float], *, step: int) -> None:
        """Nothing can go astray with labels that a non-finite loss would not show."""

    def validate(self, net: nn.Module, *, machine: Machine) -> dict[str, float]:
        """Return MAE and CS(5) on the validation split."""
        return validation_measures(net, self.held_out, machine=machine)

    def score(self, measures: dict[str, float]) -> float | None:
        """Keep the weights with the least validation MAE."""
        return measures["val_mae"]

    def is_stale(self, steps_since_best: int) -> bool:
        """Say whether `patience` epochs brought nothing."""
        patience = self.settings.patience
        return bool(patience) and steps_since_best >= patience * self.validate_every


def validation_measures(net: nn.Module, faces: LabelledFaces, *, machine: Machine) -> dict[str, float]:
    """Return MAE and CS(5) of a net on labelled faces, one view each."""
    said = said_ages(distributions(net, faces.crops, machine=machine, flip=False), scale=None)
    return {"val_mae": mae(faces.ages, said.age), "val_cs5": cumulative_score(said.age - faces.ages)}
