"""Stage two: pairs of one subject with K years between, ages unknown, beside replayed labelled faces.

The pairs teach in two ways, by settings: each pair by the three pair losses, and all pairs of a subject together by
the labels of its timeline.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from train.batches import EndlessOrder, PairSampler, Places, age_weights, generator
from train.crops import Images, Rows
from train.data import FacePairs, LabelledFaces
from train.device_augment import varied_input
from train.devices import Machine, autocast, to_input
from train.losses.expectation import expectation_l1
from train.losses.gaussian import label_kl
from train.losses.numerics import ages_of
from train.optimiser import RatePlan
from train.resident import CropStore, ResidentPairs, to_device
from train.settings import AugmentSettings, FinetuneSettings
from train.stages.answers import held_out_measures
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

    images: Images | Tensor
    gaps: KnownGaps
    taught: Shares | Tensor
    ages: NDArray[np.float32] | Tensor
    # Which rows `images` are: all, or those of one process.
    places: Places
    # By which the device varies the crops; None where they are varied already.
    vary_seed: int | None = None

    @property
    def gap_years(self) -> NDArray[np.int64] | Tensor:
        """Return K of each pair (B,)."""
        return self.gaps.years


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Rows of the pairs of a step, and K of each; on the device where they were drawn there."""

    younger: Rows | Tensor
    older: Rows | Tensor
    gaps: KnownGaps


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
        on_device: bool | None = None,
    ) -> None:
        self.data, self.settings, self.augmentation = data, settings, augmentation
        self._ranks = machine.ranks
        sets = [data.pairs.crops] if data.replay is None else [data.pairs.crops, data.replay.crops]
        self._store = CropStore(sets, augmentation, machine=machine, on_device=on_device)
        self.pairs_per_step = settings.pairs_per_batch if settings.use_pairs else 0
        self.taught_per_step = settings.timeline_per_batch if settings.use_pairs else 0
        self.replay_per_step = settings.replay_per_batch if data.replay is not None else 0
        self.images_per_step = 2 * self.pairs_per_step + self.taught_per_step + self.replay_per_step
        self.refresh_every = settings.timeline_refresh if self.taught_per_step else 0
        self.validate_every = max(1, settings.steps // VALIDATIONS)
        self.rates = RatePlan(peak=settings.learning_rate, warmup=settings.warmup, weight_decay=settings.weight_decay)
        self._rule = label_rule(settings)
        self._curriculum = Curriculum(data.pairs, settings, key=PAIRS) if settings.use_pairs else None
        self._resident = None
        if self._curriculum is not None and self._store.on_device and not settings.gap_spread:
            self._resident = ResidentPairs(data.pairs, self._curriculum, device=machine.device)
        self._teacher = Teacher(data.pairs, settings, start=start) if self.taught_per_step else None
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
        """Let the teacher of the timelines look at them."""
        if self._teacher is not None:
            self._teacher.look(net, step=step, machine=machine)

    def batch(self, step: int) -> PairBatch:
        """Return the batch of `step`."""
        data, seed, sent = self.data, self.settings.seed, self._store.sent
        drawn = self._drawn(step)
        new, taught = [drawn.younger, drawn.older], np.zeros((0, 0), np.float32)
        if self._teacher is not None:
            lesson = self._teacher.draw(step, self.taught_per_step)
            new.append(lesson.rows)
            taught = lesson.labels
        rows, ages = [_joined(new)], np.zeros(0, np.float32)
        if self._replay is not None and data.replay is not None:
            rows.append(self._replay.rows(step * self.replay_per_step, self.replay_per_step))
            ages = data.replay.ages[rows[-1]]
        places = self._ranks.places(*(len(one) for one in rows))
        taken = self._store.take(rows, places=places, rng=generator(seed, VARY, step))
        return PairBatch(taken.images, drawn.gaps, sent(taught), sent(ages), places, taken.vary_seed)

    def _drawn(self, step: int) -> "_Drawn":
        pairs, count = self.data.pairs, self.pairs_per_step
        if self._curriculum is None or not count:
            nobody = np.zeros(0, np.int64)
            return _Drawn(nobody, nobody, known_gaps(pairs, nobody, is_spread=self.settings.gap_spread))
        if self._resident is not None:
            there = self._resident.rows(step, count)
            gaps = KnownGaps(self._resident.gap_years[there])
            return _Drawn(self._resident.younger[there], self._resident.older[there], gaps)
        chosen = self._curriculum.rows(step, count)
        gaps = known_gaps(pairs, chosen, is_spread=self.settings.gap_spread)
        return _Drawn(pairs.younger[chosen], pairs.older[chosen], gaps)

    def prepare(self, net: nn.Module) -> None:
        """Let the chosen layers learn, with the chosen normalisation."""
        let_learn(net, self.settings.layers)
        set_training(net, self.settings.batch_norm)

    def loss(self, net: nn.Module, batch: PairBatch, *, machine: Machine) -> StepLoss:
        """Return the mean pair loss, the loss of the taught faces and that of the labelled ones, each by its weight."""
        pairs, taught = len(batch.gap_years), len(batch.taught)
        new, ranks = 2 * pairs + taught, machine.ranks
        seed, places = batch.vary_seed, batch.places
        images = varied_input(batch.images, self.augmentation, machine=machine, seed=seed, places=places)
        mine = int((places.rows < new).sum())
        with autocast(machine):
            both = forward_both(net, images[:mine], images[mine:], mode=self.settings.batch_norm)
        both = both.map(ranks.whole, new, len(batch.ages))
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
        labels = torch.as_tensor(batch.taught, device=logits.device)
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
        chosen_by = {} if self._teacher is None else self._teacher.chosen_by
        return chosen_by | held_out_measures(net, self.data.held_out, self.data.held_out_pairs, machine=machine)

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


def _joined(rows: Sequence[Rows | Tensor]) -> Rows | Tensor:
    there = [one for one in rows if isinstance(one, Tensor)]
    if not there:
        return np.concatenate([np.asarray(one) for one in rows])
    return torch.cat([to_device(one, there[0].device) for one in rows])
