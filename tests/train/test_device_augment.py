"""Variation on the device does what the one on the processor does: the same moves and light, by the same settings."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

import train.augment as by_opencv
import train.device_augment as on_device
from tests.train.conftest import Drawn
from tests.train.small import small_recipe
from tests.train.test_augment import NONE, _images
from train.data import labelled_faces, open_datasets
from train.devices import choose_machine, to_input
from train.settings import AugmentSettings
from train.stages.pretraining import Pretraining

MACHINE = choose_machine("float32")


def _tensor(images: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(images).permute(0, 3, 1, 2).float()


def _vary(images: NDArray[np.uint8], settings: AugmentSettings, seed: int = 0) -> NDArray[np.float32]:
    varied = on_device.vary(_tensor(images), settings, generator=torch.Generator().manual_seed(seed))
    return np.asarray(varied.permute(0, 2, 3, 1).numpy())


@pytest.mark.parametrize("side", [32, 64])
def test_a_pose_moves_a_smooth_image_as_opencv_does(side: int) -> None:
    images = _images(12, side)
    u = np.random.default_rng(4).random((12, 5))
    settings = replace(NONE, flip_probability=0.5, shift=0.1, scale=0.2, rotate_degrees=25.0)
    expected = np.empty(images.shape, np.uint8)
    for image, pose, out in zip(images, by_opencv._poses(u, settings, side=side), expected, strict=True):
        by_opencv._move(image, pose, out)
    poses = on_device.poses(torch.from_numpy(u).float(), settings, side=side)
    found = on_device.move(_tensor(images), poses).permute(0, 2, 3, 1).numpy()
    # OpenCV works in fixed point: a place to 1/32 of a pixel, a level to a whole one.
    error = np.abs(found - expected)
    assert error.mean() < 0.6
    assert error.max() < 6.0
    assert np.abs(images.astype(float) - expected).mean() > 5  # and the images did move


def test_light_is_that_of_opencv() -> None:
    images = _images(12)
    u = np.random.default_rng(5).random((12, 7))
    settings = replace(AugmentSettings(), saturation=0.5)
    expected = np.array(images, order="C")
    tables = by_opencv._tables(u, images.mean(axis=(1, 2, 3)), settings)
    for image, table, spread in zip(expected, tables, 2 * u[:, 6] - 1, strict=True):
        by_opencv._shade(image, table, float(spread), settings)
    found = on_device._light(_tensor(images), settings, torch.from_numpy(2 * u - 1).float())
    assert np.abs(found.permute(0, 2, 3, 1).numpy() - expected).max() < 3.0


def test_with_all_strengths_at_zero_nothing_changes() -> None:
    images = _images()
    assert np.abs(_vary(images, NONE) - images).max() < 1e-2


def test_a_sure_flip_is_the_mirror_image() -> None:
    images = _images()
    assert np.abs(_vary(images, replace(NONE, flip_probability=1.0)) - images[:, :, ::-1]).max() < 1e-2


def test_a_seed_gives_the_same_values_and_the_input_stays_as_it_was() -> None:
    batch = _tensor(_images())
    kept = batch.clone()
    once, again, other = (
        on_device.vary(batch, AugmentSettings(), generator=torch.Generator().manual_seed(seed)) for seed in (3, 3, 4)
    )
    assert torch.equal(once, again)
    assert not torch.equal(once, other)
    assert torch.equal(batch, kept)


@pytest.mark.parametrize("name", [field.name for field in fields(AugmentSettings)])
def test_every_strength_alone_changes_something_and_stays_within_the_levels(name: str) -> None:
    images = _images()
    strong = replace(NONE, **{name: 20.0 if name == "rotate_degrees" else 1.0 if "probability" in name else 0.4})
    varied = _vary(images, strong)
    assert (np.abs(varied - images) > 0.5).any(axis=(1, 2, 3)).sum() >= 5
    assert varied.min() >= -1e-3
    assert varied.max() <= 255 + 1e-3


def test_a_sure_grey_has_three_equal_channels_of_the_luminance() -> None:
    images = _images()
    grey = _vary(images, replace(NONE, grey_probability=1.0))
    assert np.abs(grey - (images @ np.array([0.299, 0.587, 0.114]))[..., None]).max() < 1e-2


def test_half_of_many_are_grey_at_one_half() -> None:
    images = np.repeat(_images(1, 8), 1000, axis=0)
    varied = _vary(images, replace(NONE, grey_probability=0.5))
    assert 0.45 < (np.ptp(varied, axis=3).max(axis=(1, 2)) < 1e-2).mean() < 0.55


def test_erasing_covers_between_two_and_ten_percent_in_one_rectangle() -> None:
    images = np.full((200, 40, 40, 3), 128, np.uint8)
    varied = _vary(images, replace(NONE, erase_probability=1.0))
    covered: NDArray[np.bool_] = np.any(np.abs(varied - 128) > 0.5, axis=3)
    shares = covered.mean(axis=(1, 2))
    assert shares.max() < 0.12
    assert np.median(shares) > 0.02
    for one in covered[shares > 0]:
        rows, columns = np.flatnonzero(one.any(axis=1)), np.flatnonzero(one.any(axis=0))
        assert one[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()


def test_grain_has_the_deviation_it_was_drawn_with_and_no_hue() -> None:
    images = np.full((50, 64, 64, 3), 128, np.uint8)
    varied = _vary(images, replace(NONE, noise_probability=1.0)) - 128
    deviations = varied[..., 0].std(axis=(1, 2))
    low, high = by_opencv.NOISE_LEVELS
    assert deviations.min() > 0.9 * low
    assert deviations.max() < 1.1 * high
    assert np.ptp(varied, axis=3).max() < 1e-3


def test_crops_without_a_seed_pass_as_they_are() -> None:
    images = _images()
    passed = on_device.varied_input(images, AugmentSettings(), machine=MACHINE, seed=None)
    assert torch.equal(passed, to_input(images, MACHINE))


def test_a_stage_on_a_device_leaves_the_crops_to_it_and_learns(drawn: Drawn, tmp_path: Path) -> None:
    recipe = small_recipe()
    faces = labelled_faces(open_datasets([drawn.labelled]), "train", input_size=32)
    stage = Pretraining(faces, faces, settings=recipe.pretrain, augmentation=recipe.augment, on_device=True)
    batch = stage.batch(2)
    rows = stage._order.rows(2 * stage.images_per_step, stage.images_per_step)
    assert np.array_equal(batch.images, faces.crops.gather(rows))
    assert batch.vary_seed == stage.batch(2).vary_seed != stage.batch(3).vary_seed
    seen: list[Tensor] = []

    class Looking(torch.nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            seen.append(images)
            return images.mean(dim=(1, 2, 3))[:, None].expand(-1, 101)

    for _ in range(2):
        stage.loss(Looking(), batch, machine=MACHINE)
    assert torch.equal(seen[0], seen[1])
    assert not torch.allclose(seen[0], to_input(batch.images, MACHINE), atol=0.05)
