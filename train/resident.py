"""Where a stage takes its crops from: the packed array on the host, or all of it on the device that trains.

On a processor each crop is read where it lies and written varied where the batch wants it; there are no worker
processes and no copies between. On a GPU the whole set is sent once, as bytes (100,000 faces of 128 pixels are 4.9 GB),
and a step gathers there, draws its pairs there and varies there: the host sends row numbers. A set that does not fit
stays in the packed array and is gathered there into page-locked memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from train.augment import augment
from train.batches import PairSampler, Places, generator
from train.crops import Crops, Images, Rows
from train.data import FacePairs
from train.device_augment import device_seed
from train.devices import PROCESSOR, Machine
from train.settings import AugmentSettings
from train.stages.curriculum import Curriculum

Known = TypeVar("Known", bound=NDArray[Any])

MEMORY_SHARE = 0.6
"""Of the device's free memory that crops may take: net and activations need the rest."""

CHUNK = 4096
"""Crops sent at once: 200 MB at 128 pixels."""


@dataclass(frozen=True, eq=False)
class Taken:
    """Crops of a step (B, S, S, 3) uint8: varied on the host, or as they are with the seed by which they are varied."""

    images: Images | Tensor
    vary_seed: int | None


class CropStore:
    """The crops of a stage, one or several sets of one shape."""

    def __init__(
        self,
        sets: Sequence[Crops],
        augmentation: AugmentSettings,
        *,
        machine: Machine,
        on_device: bool | None = None,
    ) -> None:
        """Send `sets` to the device where it is no processor and they fit; `on_device` decides otherwise."""
        self.device, self._sets, self._augmentation = machine.device, list(sets), augmentation
        self.on_device = machine.device.type != "cpu" if on_device is None else on_device
        self.is_resident = self.on_device and fits(self._sets, machine.device)
        self._resident = [send(crops, machine.device) for crops in self._sets] if self.is_resident else []

    def take(self, rows: Sequence[Rows | Tensor], *, places: Places, rng: np.random.Generator) -> Taken:
        """Return those at `places` of a batch made of `rows` of each set, one set after the other."""
        mine, start = [], 0
        for chosen in rows:
            here = places.rows[(places.rows >= start) & (places.rows < start + len(chosen))] - start
            mine.append(chosen if len(here) == len(chosen) and _counts_up(here) else _at(chosen, here))
            start += len(chosen)
        if not self.on_device:
            views = [image for crops, one in zip(self._sets, mine, strict=True) for image in crops.views(_on_host(one))]
            return Taken(augment(views, self._augmentation, rng=rng, places=places), None)
        return Taken(self._gathered(mine), device_seed(rng))

    def sent(self, values: Known) -> Known | Tensor:
        """Return what is known of the faces of a step: on the device where the crops are, else as it is."""
        return to_device(values, self.device) if self.on_device else values

    def _gathered(self, rows: Sequence[Rows | Tensor]) -> Tensor:
        if self.is_resident:
            there = zip(self._resident, rows, strict=True)
            return torch.cat([images[to_device(one, self.device)] for images, one in there])
        here = zip(self._sets, rows, strict=True)
        return to_device(np.concatenate([crops.gather(_on_host(one)) for crops, one in here]), self.device)


def fits(sets: Sequence[Crops], device: torch.device, *, share: float = MEMORY_SHARE) -> bool:
    """Say whether the crops fit into `share` of the free memory of the device; into that of a processor they do."""
    if device.type != "cuda":
        return True
    free, _total = torch.cuda.mem_get_info(device)
    return sum(len(crops) * int(np.prod(crops.shape)) for crops in sets if len(crops)) <= share * free


def send(crops: Crops, device: torch.device) -> Tensor:
    """Return all crops (N, S, S, 3) uint8 on the device."""
    everything = torch.empty((len(crops), *crops.shape), dtype=torch.uint8, device=device)
    for start in range(0, len(crops), CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(crops)), dtype=np.int64)
        everything[start : start + len(rows)] = torch.from_numpy(crops.gather(rows)).to(device)
    return everything


def to_device(values: NDArray[np.generic] | Tensor, device: torch.device) -> Tensor:
    """Return an array on the device; a GPU reads it from page-locked memory, so that the host need not wait for it."""
    tensor = torch.as_tensor(values)
    if device.type == "cuda" and not tensor.is_cuda:
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)


class ResidentPairs:
    """The tables of the pairs on the device, and their draws: subject, range of K, pair, as PairSampler draws them."""

    def __init__(self, pairs: FacePairs, curriculum: Curriculum, *, device: torch.device) -> None:
        self._curriculum, self._device = curriculum, device
        self.younger, self.older, self.gap_years = (
            torch.from_numpy(one).to(device) for one in (pairs.younger, pairs.older, pairs.gap_years)
        )
        # The limit of a curriculum rises eight times in a run.
        self._tables = lru_cache(maxsize=2)(self._build)

    def rows(self, step: int, count: int) -> Tensor:
        """Return the `count` pair numbers of `step` (count,) int64 on the device, with replacement."""
        curriculum = self._curriculum
        seed = device_seed(generator(curriculum.settings.seed, curriculum.key, step))
        drawer = torch.Generator(self._device).manual_seed(seed)
        u = torch.rand(3, count, generator=drawer, device=self._device, dtype=torch.float64)
        return self._tables(curriculum.limit(step)).rows_at(u)

    def _build(self, limit: int) -> "PairTables":
        sampler, numbers = self._curriculum.drawer(limit)
        return tables_of(sampler, numbers=numbers, device=self._device)


@dataclass(frozen=True, eq=False)
class PairTables:
    """Pair numbers in the order (subject, range of K), where each range begins, and each subject: with one end more."""

    order: Tensor
    cell_starts: Tensor
    subject_starts: Tensor

    def rows_at(self, u: Tensor) -> Tensor:
        """Return the pair numbers (B,) that three uniform numbers each (3, B) choose."""
        subject = (u[0] * (len(self.subject_starts) - 1)).long()
        cell = _within(self.subject_starts, subject, u[1])
        return self.order[_within(self.cell_starts, cell, u[2])]


def tables_of(
    sampler: PairSampler, *, numbers: Rows | None = None, device: torch.device = PROCESSOR.device
) -> PairTables:
    """Return the tables of a sampler on a device; `numbers` are those of its pairs among all, None where it has all."""
    order = sampler.order if numbers is None else numbers[sampler.order]
    arrays = (order, sampler.cell_starts, sampler.subject_starts)
    return PairTables(*(torch.from_numpy(np.asarray(one, np.int64)).to(device) for one in arrays))


def _within(starts: Tensor, place: Tensor, u: Tensor) -> Tensor:
    first = starts[place]
    return first + (u * (starts[place + 1] - first)).long()


def _counts_up(rows: Rows) -> bool:
    return bool((rows == np.arange(len(rows))).all())


def _at(chosen: Rows | Tensor, here: Rows) -> Rows | Tensor:
    return chosen[to_device(here, chosen.device)] if isinstance(chosen, Tensor) else chosen[here]


def _on_host(rows: Rows | Tensor) -> Rows:
    return rows.cpu().numpy() if isinstance(rows, Tensor) else rows
