"""Stage two: pairs of one subject with K years between, ages unknown, beside replayed labelled faces.

The pairs teach in two ways, by settings: each pair by the three pair losses, and all pairs of a subject together by
the labels of its timeline.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from train.augment import augment
from train.batches import EndlessOrder, PairSampler, age_weights, generator
from train.calibration import said_ages
from train.crops import Images
from train.data import FacePairs, LabelledFaces
from train.device_augment import device_seed, varied_input
from train.devices import Machine, autocast, to_input
from train.inference import distributions
from train.losses.expectation import expectation_l1
from train.losses.gaussian import label_kl
from train.losses.numerics import ages_of
from train.optimiser import RatePlan
from train.settings import AugmentSettings, FinetuneSettings
from train.stages.answers import validation_measures
from train.stages.collapse import Spread, check_collapse, spread_of, spread_parts
from train.stages.curriculum import Curriculum
from train.stages.labelled import ages_to, face_labels, label_rule, labelled_loss
from train.stages.layers import let_learn
from train.stages.normalisation import forward_both, set_training
from train.stages.pair_step import KnownGaps, known_gaps, pair_step
from train.stages.stage import StepLoss
from train.stages.teaching import Teacher
from train.timelines import Shares

PAIRS, REPLAY, VARY = 11, 12, 13
"""Keys of the kinds of draws."""

VALIDATIONS = 5
"""Looks at the validation split in a run: enough for a curve, little beside the training."""

START_PAIRS = 128
"""Pairs on which the answers of the starting net are measured, for the alarms."""


@dataclass(frozen=True, eq=False)
class PairBatch:
    """Varied crops: B younger faces, their B older ones, T of timelines, R labelled ones; and what is known of each."""

    images: Images
    gaps: KnownGaps
    taught: Shares
    ages: NDArray[np.float32]
    # By which the device varies the crops; None where they are varied already.
    vary_seed: int | None = None

    @property
    def gap_years(self) -> NDArray[np.int64]:
        """Return K of each pair (B,)."""
        return self.gaps.years


@dataclass(frozen=True, eq=False)
class FinetuneData:
    """What the stage reads; `replay` and `held_out` are None where no labelled folder was given."""

    pairs: FacePairs
    held_out_pairs: FacePairs
    replay: LabelledFaces | None
    held_out: LabelledFaces | None


class Finetuning:
    """Learns from pairs; keeps the last average, for nothing it may look at says which is best on the new photos."""

    name = "finetune"
    looks_first = True  # what the pairs change is told from where they began

    def __init__(
        self,
        data: FinetuneData,
        start: nn.Module,
        *,
        settings: FinetuneSettings,
        augmentation: AugmentSettings,
        machine: Machine,
    ) -> None:
        self.data, self.settings, self.augmentation = data, settings, augmentation
        self.on_device = machine.device.type != "cpu"
        self.pairs_per_step = settings.pairs_per_batch if settings.use_pairs else 0
        self.taught_per_step = settings.timeline_per_batch if settings.use_pairs else 0
        self.replay_per_step = settings.replay_per_batch if data.replay is not None else 0
        self.images_per_step = 2 * self.pairs_per_step + self.taught_per_step + self.replay_per_step
        self.refresh_every = settings.timeline_refresh if self.taught_per_step else 0
        self.validate_every = max(1, settings.steps // VALIDATIONS)
        self.rates = RatePlan(peak=settings.learning_rate, warmup=settings.warmup, weight_decay=settings.weight_decay)
        self._rule = label_rule(settings)
        self._curriculum = Curriculum(data.pairs, settings, key=PAIRS) if settings.use_pairs else None
        self._teacher = Teacher(data.pairs, settings) if self.taught_per_step else None
        self._replay = None
        if data.replay is not None:
            weights = age_weights(data.replay.ages, settings.balance)
            self._replay = EndlessOrder(len(data.replay), seed=settings.seed, key=REPLAY, weights=weights)
        self._start = self._measure(start, machine)

    def planned(self, steps: int) -> None:
        """Let the curriculum end where it should of the steps there will be."""
        if self._curriculum is not None:
            self._curriculum.steps = steps

    def refresh(self, net: nn.Module, *, step: int, machine: Machine) -> None:
        """Label the timelines by what the averaged net says now."""
        if self._teacher is not None:
            self._teacher.look(net, step=step, machine=machine)

    def batch(self, step: int) -> PairBatch:
        """Return the batch of `step`."""
        data, images = self.data, []
        chosen, taught = np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
        if self._curriculum is not None and self.pairs_per_step:
            chosen = self._curriculum.rows(step, self.pairs_per_step)
            images.append(data.pairs.crops.gather(np.r_[data.pairs.younger[chosen], data.pairs.older[chosen]]))
        if self._teacher is not None:
            drawn = self._teacher.draw(step, self.taught_per_step)
            images.append(data.pairs.crops.gather(drawn.rows))
            taught = drawn.labels
        ages = np.zeros(0, np.float32)
        if self._replay is not None and data.replay is not None and self.replay_per_step:
            rows = self._replay.rows(step * self.replay_per_step, self.replay_per_step)
            images.append(data.replay.crops.gather(rows))
            ages = data.replay.ages[rows]
        rng = generator(self.settings.seed, VARY, step)
        crops, gaps = np.concatenate(images), known_gaps(data.pairs, chosen, is_spread=self.settings.gap_spread)
        if self.on_device:
            return PairBatch(crops, gaps, taught, ages, device_seed(rng))
        return PairBatch(augment(crops, self.augmentation, rng=rng), gaps, taught, ages)

    def prepare(self, net: nn.Module) -> None:
        """Let the chosen layers learn, with the chosen normalisation."""
        let_learn(net, self.settings.layers)
        set_training(net, self.settings.batch_norm)

    def loss(self, net: nn.Module, batch: PairBatch, *, machine: Machine) -> StepLoss:
        """Return the mean pair loss, the loss of the taught faces and that of the labelled ones, each by its weight."""
        pairs, taught = len(batch.gap_years), len(batch.taught)
        new = 2 * pairs + taught
        images = varied_input(batch.images, self.augmentation, machine=machine, seed=batch.vary_seed)
        with autocast(machine):
            both = forward_both(net, images[:new], images[new:], mode=self.settings.batch_norm)
        total = torch.zeros((), device=machine.device)
        parts: dict[str, Tensor] = {}
        if both.pairs is not None:
            logits = both.pairs.float()
            parts |= spread_parts(logits)
            if pairs:
                loss = pair_step(logits[: 2 * pairs], batch.gaps, self.settings)
                total, parts = total + loss.total, parts | loss.parts
            if taught:
                loss = self._of_taught(logits[2 * pairs :], batch)
                total, parts = total + self.settings.timeline_weight * loss.total, parts | loss.parts
        if both.replay is not None:
            ages = ages_to(batch.ages, machine.device)
            labels = face_labels(ages, self._rule, classes=both.replay.shape[1])
            replay = labelled_loss(both.replay.float(), labels, self._rule)
            total = total + self.settings.replay_weight * replay.total
            parts |= {"label_kl": replay.label_kl, "expectation_l1": replay.expectation_l1}
        return StepLoss(total, parts)

    def _of_taught(self, logits: Tensor, batch: PairBatch) -> StepLoss:
        labels = torch.from_numpy(batch.taught).to(logits.device)
        divergence = label_kl(logits, labels).mean()
        distance = expectation_l1(logits, (labels * ages_of(labels)).sum(dim=1)).mean()
        total = divergence + self.settings.timeline_expectation_weight * distance
        return StepLoss(total, {"timeline_kl": divergence.detach(), "timeline_l1": distance.detach()})

    def check(self, means: dict[str, float], *, step: int) -> None:
        """Raise DataFailed when the answers have collapsed."""
        if self._start is not None:
            now = Spread(means["mean_entropy"], means["mean_age"], means["age_spread"], self._start.classes)
            check_collapse(now, self._start, step=step)

    def validate(self, net: nn.Module, *, machine: Machine) -> dict[str, float]:
        """Return how the net does on held-out labelled faces, and by how much it misses K on held-out pairs."""
        measures: dict[str, float] = {}
        if self.data.held_out is not None:
            measures |= validation_measures(net, self.data.held_out, machine=machine)
        pairs = self.data.held_out_pairs
        if len(pairs):
            said = said_ages(distributions(net, pairs.crops, machine=machine, flip=False), scale=None).age
            missed = said[pairs.older] - said[pairs.younger] - pairs.gap_years
            measures |= {"val_gap_mae": float(np.abs(missed).mean()), "val_mean_age": float(said.mean())}
        return measures

    def score(self, measures: dict[str, float]) -> float | None:
        """Keep the last weights: the labelled MAE is of the old photos, and it can only rise."""
        return None

    def is_stale(self, steps_since_best: int) -> bool:
        """Never stop early."""
        return False

    @torch.no_grad()
    def _measure(self, net: nn.Module, machine: Machine) -> Spread | None:
        if not self.settings.use_pairs:
            return None
        pairs = self.data.pairs
        # Of every K, whatever the curriculum begins with: the alarms compare with the answers to all of them.
        chosen = PairSampler(pairs, seed=self.settings.seed, key=PAIRS).rows(0, START_PAIRS)
        images = pairs.crops.gather(np.r_[pairs.younger[chosen], pairs.older[chosen]])
        net.eval()
        with autocast(machine):
            return spread_of(net(to_input(images, machine)).float())
