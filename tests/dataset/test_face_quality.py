"""What a crop and its points say about themselves."""

import cv2
import numpy as np
import pytest

from dataset.face.quality import measure_quality


def seen(size: float = 60) -> np.ndarray:
    """The five points of a frontal face with `size` pixels between the eyes."""
    face = np.array([(-0.5, 0.0), (0.5, 0.0), (0.0, 0.55), (-0.4, 1.1), (0.4, 1.1)])
    return face * size + 100


def texture() -> np.ndarray:
    rng = np.random.default_rng(3)
    return cv2.resize(rng.integers(0, 255, (32, 32, 3), dtype=np.uint8), (128, 128), interpolation=cv2.INTER_NEAREST)


def test_blur_falls_as_a_crop_is_blurred() -> None:
    blurred = [np.asarray(cv2.GaussianBlur(texture(), (0, 0), sigma), np.uint8) for sigma in (0.5, 1, 2, 4, 8)]
    values = [measure_quality(crop, seen()).blur for crop in blurred]
    assert values == sorted(values, reverse=True)
    assert measure_quality(np.full((128, 128, 3), 80, np.uint8), seen()).blur == 0


def test_blur_is_the_variance_of_the_laplacian() -> None:
    grey = cv2.cvtColor(texture(), cv2.COLOR_RGB2GRAY).astype(float)
    wide = np.pad(grey, 1, mode="reflect")
    laplacian = wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:] - 4 * grey
    assert measure_quality(texture(), seen()).blur == pytest.approx(laplacian.var())


def test_dark_and_bright_shares_count_the_pixels_at_the_ends() -> None:
    crop = np.full((128, 128, 3), 128, np.uint8)
    crop[:32], crop[32:48] = 0, 255
    crop[48:64], crop[64:80] = 20, 235  # dark and light, but not without detail
    quality = measure_quality(crop, seen())
    assert (quality.dark_share, quality.bright_share) == (0.25, 0.125)


def test_brightness_is_the_mean_grey() -> None:
    assert measure_quality(np.full((128, 128, 3), 80, np.uint8), seen()).brightness == pytest.approx(80)


def test_a_crop_without_colour_is_grey_even_with_a_little_noise() -> None:
    grey = np.repeat(texture()[..., :1], 3, axis=2)
    noise = np.random.default_rng(0).integers(-2, 3, grey.shape)
    assert measure_quality(grey, seen()).is_grey
    assert measure_quality(np.clip(grey + noise, 0, 255).astype(np.uint8), seen()).is_grey
    assert not measure_quality(texture(), seen()).is_grey


def test_the_eye_distance_is_in_pixels_of_the_photo() -> None:
    assert measure_quality(texture(), seen(size=41)).eye_distance == pytest.approx(41)
