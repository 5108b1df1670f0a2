"""Variation of crops: each strength does its own thing, none does nothing, and a seed repeats it."""

from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from train.augment import augment
from train.settings import AugmentSettings

NONE = AugmentSettings(**{field.name: 0.0 for field in fields(AugmentSettings)})


def _images(count: int = 6, side: int = 32) -> NDArray[np.uint8]:
    # Smooth, as faces are: a resampled pixel then stays near its neighbours.
    rng = np.random.default_rng(0)
    coarse = rng.integers(60, 190, (count, 5, 5, 3))
    places = np.linspace(0, 3.999, side)
    low = places.astype(int)
    share = (places - low)[:, None]
    rows = coarse[:, low] * (1 - share)[None, :, :, None] + coarse[:, low + 1] * share[None, :, :, None]
    columns = rows[:, :, low] * (1 - share)[None, None] + rows[:, :, low + 1] * share[None, None]
    return np.asarray(columns.round(), dtype=np.uint8)


def _vary(images: NDArray[np.uint8], settings: AugmentSettings, seed: int = 0) -> NDArray[np.uint8]:
    return augment(images, settings, rng=np.random.default_rng(seed))


def test_with_all_strengths_at_zero_nothing_changes() -> None:
    images = _images()
    assert np.array_equal(_vary(images, NONE), images)


def test_the_same_seed_gives_the_same_bytes_and_the_input_stays_as_it_was() -> None:
    images = _images()
    kept = images.copy()
    once, again, other = (
        _vary(images, AugmentSettings()),
        _vary(images, AugmentSettings()),
        _vary(images, AugmentSettings(), 1),
    )
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)
    assert np.array_equal(images, kept)


def test_a_sure_flip_is_the_mirror_image() -> None:
    images = _images()
    assert np.array_equal(_vary(images, replace(NONE, flip_probability=1.0)), images[:, :, ::-1])


def test_half_of_many_are_flipped_at_one_half() -> None:
    images = np.repeat(_images(1, 8), 1000, axis=0)
    flipped = (_vary(images, replace(NONE, flip_probability=0.5)) != images).any(axis=(1, 2, 3))
    assert 0.45 < flipped.mean() < 0.55


def test_a_sure_grey_has_three_equal_channels_of_the_luminance() -> None:
    images = _images()
    grey = _vary(images, replace(NONE, grey_probability=1.0))
    luminance = images @ np.array([0.299, 0.587, 0.114])
    assert np.array_equal(grey[..., 0], grey[..., 1])
    assert np.array_equal(grey[..., 0], grey[..., 2])
    assert np.abs(grey[..., 0] - luminance).max() <= 1


def test_a_shift_moves_the_content_by_at_most_its_share() -> None:
    side = 32
    image = np.zeros((1, side, side, 3), np.uint8)
    image[0, 14:18, 14:18] = 255
    for seed in range(20):
        moved = _vary(image, replace(NONE, shift=0.1), seed)[0, :, :, 0].astype(float)
        centre = np.array([(moved.sum(1) @ np.arange(side)), (moved.sum(0) @ np.arange(side))]) / moved.sum()
        assert np.abs(centre - 15.5).max() <= 0.1 * side + 0.1


def test_brightness_scales_all_levels_by_one_gain() -> None:
    images = _images()
    bright = _vary(images, replace(NONE, brightness=0.2)).astype(float)
    for before, after in zip(images.astype(float), bright, strict=True):
        gain = (after.sum() / before.sum()).round(4)
        assert 0.8 <= gain <= 1.2
        assert np.abs(after - before * gain).max() <= 1.0


def test_contrast_leaves_the_mean_where_it_was() -> None:
    images = _images()
    varied = _vary(images, replace(NONE, contrast=0.3))
    assert np.abs(varied.mean(axis=(1, 2, 3)) - images.mean(axis=(1, 2, 3))).max() < 1.0
    ratio = varied.std(axis=(1, 2, 3)) / images.std(axis=(1, 2, 3))
    assert (np.abs(ratio - 1) < 0.31).all()
    assert (np.abs(ratio - 1) > 0.01).any()


@pytest.mark.parametrize("name", [field.name for field in fields(AugmentSettings)])
def test_every_strength_alone_changes_something(name: str) -> None:
    images = _images()
    strong = replace(NONE, **{name: 20.0 if name == "rotate_degrees" else 1.0 if "probability" in name else 0.4})
    varied = _vary(images, strong)
    assert varied.shape == images.shape
    assert varied.dtype == np.uint8
    assert (varied != images).any(axis=(1, 2, 3)).sum() >= 5


def test_erasing_covers_between_two_and_ten_percent() -> None:
    images = np.full((200, 40, 40, 3), 128, np.uint8)
    erased = (_vary(images, replace(NONE, erase_probability=1.0)) != 128).any(axis=3).mean(axis=(1, 2))
    # A side is rounded to whole pixels, and a rectangle of 128 itself is seen by no one.
    assert erased.max() < 0.12
    assert np.median(erased) > 0.02
