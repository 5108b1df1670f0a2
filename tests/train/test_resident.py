"""The set on the device gives the very crops, labels and draws of the packed array; a device of the host stands in."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.train.conftest import Drawn
from tests.train.small import small_recipe
from train.augment import augment
from train.batches import PairSampler, Places, all_places
from train.checkpoint import fresh_net
from train.crops import Crops, Part, part_of
from train.data import FacePairs, face_pairs, labelled_faces, open_datasets
from train.device_augment import varied_input
from train.devices import PROCESSOR
from train.distributed import Ranks
from train.presets import Recipe
from train.resident import CropStore, ResidentPairs, fits, tables_of
from train.settings import AugmentSettings, FinetuneSettings
from train.stages.curriculum import Curriculum
from train.stages.finetuning import FinetuneData, Finetuning, PairBatch
from train.stages.pretraining import LabelledBatch, Pretraining

SIDE = 32


def _crops(count: int, *, seed: int = 0, side: int = SIDE) -> Crops:
    array = np.random.default_rng(seed).integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    return Crops((part_of(array, np.arange(count), input_size=SIDE),))


def _pairs(count: int = 200, *, people: int = 9, seed: int = 3) -> FacePairs:
    rng = np.random.default_rng(seed)
    subject = np.sort(rng.integers(0, people, count))
    younger, older = rng.integers(0, 30, (2, count))
    return FacePairs(_crops(30), younger, older, rng.integers(0, 50, count), subject)


def _rng() -> np.random.Generator:
    return np.random.default_rng(8)


def _on_host(images: object) -> NDArray[np.uint8]:
    return np.asarray(images, dtype=np.uint8)


def test_a_resident_set_gives_the_crops_that_the_array_gives_in_their_order() -> None:
    sets = [_crops(20), _crops(12, seed=1)]
    store = CropStore(sets, AugmentSettings(), machine=PROCESSOR, on_device=True)
    first = np.array([3, 19, 3, 0])
    taken = store.take([first, torch.tensor([11, 2])], places=all_places(6), rng=_rng())
    expected = np.concatenate([sets[0].gather(first), sets[1].gather(np.array([11, 2]))])
    assert store.is_resident
    assert isinstance(taken.images, torch.Tensor)
    assert np.array_equal(_on_host(taken.images), expected)
    assert taken.vary_seed is not None


@pytest.mark.parametrize("side", [SIDE, 24])
def test_crops_seen_where_they_lie_are_those_that_are_gathered(side: int) -> None:
    whole = np.random.default_rng(0).integers(0, 256, (9, side, side, 3), dtype=np.uint8)
    whole.flags.writeable = False  # as a memory map
    crops = Crops(tuple(part_of(whole, rows, input_size=SIDE) for rows in (np.arange(4), np.arange(4, 9))))
    rows = np.array([8, 0, 4, 3])
    seen = crops.views(rows)
    assert np.array_equal(np.stack(seen), crops.gather(rows))
    assert all(np.shares_memory(one, whole) for one in seen) == (side == SIDE)
    assert np.array_equal(
        augment(seen, AugmentSettings(), rng=_rng()), augment(crops.gather(rows), AugmentSettings(), rng=_rng())
    )


@pytest.mark.parametrize("on_device", [False, True])
def test_a_crop_is_varied_alike_alone_and_among_the_whole_batch(on_device: bool) -> None:
    settings = replace(AugmentSettings(), noise_probability=0.7, erase_probability=0.7)
    store = CropStore([_crops(20)], settings, machine=PROCESSOR, on_device=on_device)
    rows = np.array([5, 6, 7, 8, 5, 9])
    mine = Places(np.array([1, 4]), 6)

    def varied(places: Places) -> NDArray[np.float32]:
        taken = store.take([rows], places=places, rng=_rng())
        return varied_input(taken.images, settings, machine=PROCESSOR, seed=taken.vary_seed, places=places).numpy()

    among_all = varied(all_places(6))[mine.rows]
    assert np.allclose(varied(mine), among_all, atol=1e-5)
    # The same crop at two places is not varied alike.
    assert np.abs(varied(all_places(6))[0] - among_all[1]).max() > 0.1


def test_on_the_device_the_same_numbers_choose_the_same_pairs() -> None:
    sampler = PairSampler(_pairs(), seed=0, key=1)
    u = np.random.default_rng(5).random((3, 4000))
    # By hand: the subject's cells, the cell's pairs.
    subject = np.floor(u[0] * (len(sampler.subject_starts) - 1)).astype(int)
    first, last = sampler.subject_starts[subject], sampler.subject_starts[subject + 1]
    cell = first + np.floor(u[1] * (last - first)).astype(int)
    first, last = sampler.cell_starts[cell], sampler.cell_starts[cell + 1]
    expected = sampler.order[first + np.floor(u[2] * (last - first)).astype(int)]
    assert np.array_equal(tables_of(sampler).rows_at(torch.from_numpy(u)).numpy(), expected)


def test_pairs_drawn_on_the_device_are_as_often_of_each_subject_and_within_the_curriculum() -> None:
    pairs, settings = _pairs(), FinetuneSettings(steps=10, curriculum=0.5, k_start=5, k_max=60)
    resident = ResidentPairs(pairs, Curriculum(pairs, settings, key=1), device=torch.device("cpu"))
    early = resident.rows(0, 500).numpy()
    assert pairs.gap_years[early].max() <= 5
    late = resident.rows(9, 9000).numpy()
    assert pairs.gap_years[late].max() > 40
    shares = np.bincount(pairs.subject[late]) / len(late)
    # Of 9 subjects, each 1/9 of 9000 draws: deviation 0.0033, five of them.
    assert np.abs(shares - 1 / 9).max() < 0.017
    assert torch.equal(resident.rows(9, 50), resident.rows(9, 50))
    assert not torch.equal(resident.rows(9, 50), resident.rows(8, 50))


def test_what_does_not_fit_stays_on_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    crops = [_crops(10)]
    bytes_of_ten = 10 * SIDE * SIDE * 3
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _device: (2 * bytes_of_ten, 1 << 40))
    assert fits(crops, torch.device("cuda"), share=0.5)
    assert not fits(crops, torch.device("cuda"), share=0.49)
    assert fits(crops, torch.device("cpu"), share=0.0)


def _recipe() -> Recipe:
    return small_recipe(finetune={"timeline_per_batch": 4, "timeline_refresh": 3})


def _finetuning(drawn: Drawn, *, on_device: bool | None = None, ranks: Ranks | None = None) -> Finetuning:
    recipe, machine = _recipe(), replace(PROCESSOR, ranks=ranks or Ranks())
    pairs, labelled = open_datasets([drawn.pairs, drawn.labelled])
    faces = labelled_faces([labelled], "train", input_size=SIDE)
    data = FinetuneData(
        pairs=face_pairs(pairs, "train", input_size=SIDE, k_max=60),
        held_out_pairs=face_pairs(pairs, "val", input_size=SIDE, k_max=60),
        replay=faces,
        held_out=faces,
    )
    net = fresh_net(recipe.net, seed=0)
    stage = Finetuning(
        data, net, settings=recipe.finetune, augmentation=recipe.augment, machine=machine, on_device=on_device
    )
    stage.refresh(net, step=0, machine=machine)
    return stage


def test_a_stage_with_everything_on_the_device_learns_from_pairs_and_repeats_itself(drawn: Drawn) -> None:
    stage = _finetuning(drawn, on_device=True)
    batch = stage.batch(2)
    for known in (batch.images, batch.gaps.years, batch.taught, batch.ages):
        assert isinstance(known, torch.Tensor)
    younger, older = np.split(_on_host(batch.images)[: 2 * stage.pairs_per_step], 2)
    # The crops of each pair are of one pair of the table, K years apart.
    pairs = stage.data.pairs
    table = {
        (pairs.crops.gather(np.array([a])).tobytes(), pairs.crops.gather(np.array([b])).tobytes()): k
        for a, b, k in zip(pairs.younger, pairs.older, pairs.gap_years, strict=True)
    }
    drawn_gaps = [table[one.tobytes(), other.tobytes()] for one, other in zip(younger, older, strict=True)]
    assert drawn_gaps == np.asarray(batch.gaps.years).tolist()
    net = fresh_net(_recipe().net, seed=0)
    stage.prepare(net)
    losses = [float(stage.loss(net, one, machine=PROCESSOR).total.detach()) for one in (batch, stage.batch(2))]
    assert losses[0] == losses[1]
    assert np.isfinite(losses[0])


@pytest.mark.parametrize("on_device", [False, True])
def test_the_shares_of_the_processes_make_up_the_batch_of_one(drawn: Drawn, on_device: bool) -> None:
    whole = _finetuning(drawn, on_device=on_device).batch(1)
    shares = [_finetuning(drawn, on_device=on_device, ranks=Ranks(rank, 3)).batch(1) for rank in range(3)]
    _same_rows(whole, shares)
    recipe = small_recipe(pretrain={"mixup": 0.4})
    faces = labelled_faces(open_datasets([drawn.labelled]), "train", input_size=SIDE)

    def pretraining(ranks: Ranks) -> LabelledBatch:
        machine = replace(PROCESSOR, ranks=ranks)
        stage = Pretraining(
            faces,
            faces,
            settings=recipe.pretrain,
            augmentation=recipe.augment,
            machine=machine,
            on_device=on_device,
        )
        return stage.batch(1)

    parts = [pretraining(Ranks(rank, 3)) for rank in range(3)]
    one = pretraining(Ranks())
    _same_rows(one, parts)
    assert one.mix is not None
    for part in parts:
        assert part.mix is not None
        # Each has its own crops and those they are blended with, at the places it says.
        assert np.array_equal(part.places.rows[part.mix.own], part.mine)
        assert np.array_equal(part.places.rows[part.mix.others], part.mix.partner[part.mine])


def _same_rows(whole: PairBatch | LabelledBatch, shares: list[PairBatch] | list[LabelledBatch]) -> None:
    images = _on_host(whole.images)
    seen: set[int] = set()
    for share in shares:
        assert np.array_equal(_on_host(share.images), images[share.places.rows])
        assert np.array_equal(np.asarray(share.ages), np.asarray(whole.ages))
        seen |= set(share.places.rows.tolist())
    assert seen == set(range(len(images)))


def test_an_array_of_other_shape_is_enlarged_once_for_the_device() -> None:
    store = CropStore([Crops((Part(_crops(5).parts[0].array, np.arange(5)),))], AugmentSettings(), machine=PROCESSOR)
    assert not store.is_resident
    small = _crops(6, side=24)
    resident = CropStore([small], AugmentSettings(), machine=PROCESSOR, on_device=True)
    taken = resident.take([np.array([4, 1])], places=all_places(2), rng=_rng())
    assert np.array_equal(_on_host(taken.images), small.gather(np.array([4, 1])))
