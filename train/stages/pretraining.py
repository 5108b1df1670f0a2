"""Stage one: labels of faces whose age is known, and, where asked, a ranking of their features."""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from train.batches import EndlessOrder, Places, age_weights, generator
from train.bins import BinsName
from train.crops import Images, Rows
from train.data import LabelledFaces
from train.device_augment import varied_input
from train.devices import PROCESSOR, Machine, autocast
from train.losses.mixed import mixture
from train.losses.numerics import at_least_float32, without_autocast
from train.losses.triplet import triplet_loss
from train.optimiser import RatePlan
from train.resident import CropStore, to_device
from train.settings import AugmentSettings, PretrainSettings
from train.stages.answers import validation_measures
from train.stages.labelled import ages_to, face_labels, label_rule, labelled_loss
from train.stages.stage import StepLoss

ORDER, VARY, MIX, NOISE = 1, 2, 3, 4
"""Keys of the kinds of draws."""


@dataclass(frozen=True, eq=False)
class Mix:
    """With which face of the batch each is blended (B,), and how much of itself is left (B,).

    `own` and `others` are the places of the two among the images of this process.
    """

    partner: Rows
    share: NDArray[np.float32]
    own: Rows
    others: Rows


@dataclass(frozen=True, eq=False)
class LabelledBatch:
    """Varied crops (B, S, S, 3), their ages (B,), the spread of the votes on them, and how they are blended.

    Of several processes each has the crops of its own `mine` rows and what is known of all.
    """

    images: Images | Tensor
    ages: NDArray[np.float32] | Tensor
    mine: Rows
    # Which rows `images` are: its own, and with mixup those they are blended with.
    places: Places
    stds: NDArray[np.float32] | Tensor | None = None
    mix: Mix | None = None
    # By which the device varies the crops; None where they are varied already.
    vary_seed: int | None = None


class Pretraining:
    """Learns from `faces`; keeps the average with the least MAE on `held_out`.

    On a GPU, or with `on_device`, crops are kept and varied where the net is (train/resident.py).
    """

    name = "pretrain"
    refresh_every = 0
    looks_first = False  # fresh weights know nothing, and a large net takes minutes to say so

    def __init__(
        self,
        faces: LabelledFaces,
        held_out: LabelledFaces,
        *,
        settings: PretrainSettings,
        augmentation: AugmentSettings,
        bins: BinsName = "",
        machine: Machine = PROCESSOR,
        on_device: bool | None = None,
    ) -> None:
        self._ranks = machine.ranks
        self._store = CropStore([faces.crops], augmentation, machine=machine, on_device=on_device)
        self.faces, self.held_out, self.bins = faces, held_out, bins
        self.settings, self.augmentation = settings, augmentation
        self.images_per_step = min(settings.batch_size, len(faces))
        self.validate_every = max(1, round(len(faces) / self.images_per_step))
        self.rates = _rates(settings, steps_per_epoch=self.validate_every)
        self._rule = label_rule(settings, bins=bins)
        weights = age_weights(faces.ages, settings.balance)
        self._order = EndlessOrder(len(faces), seed=settings.seed, key=ORDER, weights=weights)

    def planned(self, steps: int) -> None:
        """Nothing here depends on how many steps there will be."""

    def refresh(self, net: nn.Module, *, step: int, machine: Machine) -> None:
        """Labels are given: there is nothing to refresh."""

    def batch(self, step: int) -> LabelledBatch:
        """Return the batch of `step`."""
        settings, faces, sent = self.settings, self.faces, self._store.sent
        rows = self._order.rows(step * self.images_per_step, self.images_per_step)
        places = self._ranks.places(len(rows))
        mine = places.rows
        mix = self._mix(step, mine, len(rows)) if settings.mixup else None
        if mix is not None:
            places = Places(np.unique(np.r_[mine, mix.partner[mine]]), len(rows))
        taken = self._store.take([rows], places=places, rng=generator(settings.seed, VARY, step))
        ages = faces.ages[rows]
        if settings.label_noise:
            noise = generator(settings.seed, NOISE, step).standard_normal(len(rows), dtype=np.float32)
            ages = np.maximum(ages + np.float32(settings.label_noise) * noise, 0)
        stds = faces.stds[rows] if settings.std_labels and faces.stds is not None else None
        known = None if stds is None else sent(stds)
        return LabelledBatch(taken.images, sent(ages), mine, places, known, mix, taken.vary_seed)

    def prepare(self, net: nn.Module) -> None:
        """Let every weight learn."""
        net.train()

    def loss(self, net: nn.Module, batch: LabelledBatch, *, machine: Machine) -> StepLoss:
        """Return label_weight * (divergence + expectation_weight * L1) + triplet_weight * ranking of the batch."""
        settings, device = self.settings, machine.device
        seed, places = batch.vary_seed, batch.places
        images = varied_input(batch.images, self.augmentation, machine=machine, seed=seed, places=places)
        ages, mix, ranks = ages_to(batch.ages, device), batch.mix, machine.ranks
        if mix is not None:
            share = to_device(mix.share, device)
            own, others = images[to_device(mix.own, device)], images[to_device(mix.others, device)]
            images = mixture(own, others, share[to_device(batch.mine, device)])
        features: Tensor | None = None
        with autocast(machine):
            if settings.triplet_weight:
                features, logits = _features_and_logits(net, images)
            else:
                logits = net(images)
        logits = ranks.whole(logits, len(ages))
        stds = None if batch.stds is None else ages_to(batch.stds, device)
        labels = face_labels(ages, self._rule, classes=logits.shape[1], stds=stds)
        if mix is not None:
            labels = labels.mixed(to_device(mix.partner, device), share)
        loss = labelled_loss(logits.float(), labels, self._rule)
        faces = len(batch.ages) if settings.batch_reduction == "sum" else 1
        total = loss.total * (settings.label_weight * faces)
        parts = {"label_kl": loss.label_kl, "expectation_l1": loss.expectation_l1}
        if features is not None:
            # The triplets are a sum as the paper prints it; a mean of the labels takes it by its share of the batch.
            ranking = self._ranking(ranks.whole(features.float(), len(ages)), ages) * (faces / len(batch.ages))
            total, parts = total + settings.triplet_weight * ranking, {**parts, "triplet": ranking.detach()}
        return StepLoss(total, parts)

    def check(self, means: dict[str, float], *, step: int) -> None:
        """Nothing can go astray with labels that a non-finite loss would not show."""

    def validate(self, net: nn.Module, *, machine: Machine) -> dict[str, float]:
        """Return MAE and CS(5) on the validation split, and the share of right groups where the classes are groups."""
        return validation_measures(net, self.held_out, machine=machine, bins=self.bins)

    def score(self, measures: dict[str, float]) -> float | None:
        """Keep the weights with the least validation MAE."""
        return measures["val_mae"]

    def is_stale(self, steps_since_best: int) -> bool:
        """Say whether `patience` epochs brought nothing."""
        patience = self.settings.patience
        return bool(patience) and steps_since_best >= patience * self.validate_every

    def _mix(self, step: int, mine: Rows, count: int) -> Mix:
        rng = generator(self.settings.seed, MIX, step)
        partner = rng.permutation(count).astype(np.int64)
        share = rng.beta(self.settings.mixup, self.settings.mixup, count).astype(np.float32)
        own, others = np.unique(np.r_[mine, partner[mine]], return_inverse=True)[1].reshape(2, -1)
        return Mix(partner, share, own, others)

    def _ranking(self, features: Tensor, ages: Tensor) -> Tensor:
        settings = self.settings
        return triplet_loss(
            features,
            ages,
            margin=settings.triplet_margin,
            top_k=settings.triplet_top_k,
            topk_scope=settings.triplet_scope,
        )


def _rates(settings: PretrainSettings, *, steps_per_epoch: int) -> RatePlan:
    return RatePlan(
        peak=settings.learning_rate,
        warmup=settings.warmup,
        weight_decay=settings.weight_decay,
        optimiser=settings.optimiser,
        momentum=settings.momentum,
        schedule=settings.schedule,
        step_every=max(1, round(settings.step_epochs * steps_per_epoch)),
        step_factor=settings.step_factor,
    )


def _features_and_logits(net: nn.Module, images: Tensor) -> tuple[Tensor, Tensor]:
    """Return what a backbone compares and what it says, of one pass: `features` (B, D) and `forward` (B, C)."""
    features: Tensor = net.features(images)  # type: ignore[operator]
    with without_autocast(features):
        head = cast(nn.Linear, net.head)
        return features, at_least_float32(head(net.dropout(features.to(head.weight.dtype))))  # type: ignore[operator]
