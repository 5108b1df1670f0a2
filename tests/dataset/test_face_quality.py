"""What a crop and its points say about themselves."""

import cv2
import numpy as np
import pytest

from dataset.face.quality import NOSE_DEPTH, estimate_roll, estimate_yaw, eye_distance, measure_quality

# A head from far away: eyes, nose tip, corners of the mouth; eye distance 1, z towards the viewer.
HEAD = np.array(
    [(-0.5, 0.0, 0.0), (0.5, 0.0, 0.0), (0.0, 0.55, NOSE_DEPTH), (-0.4, 1.1, 0.1), (0.4, 1.1, 0.1)], dtype=float
)


def seen(yaw: float = 0, roll: float = 0, size: float = 60) -> np.ndarray:
    """Turn the head to the right of the photo by `yaw`, lean it clockwise by `roll` (degrees), look from far away."""
    a, b = np.radians([yaw, roll])
    turned = HEAD @ np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    leaned = turned[:, :2] @ np.array([[np.cos(b), np.sin(b)], [-np.sin(b), np.cos(b)]])
    return np.asarray(leaned * size + 100)


@pytest.mark.parametrize("yaw", [-70, -30, -5, 0, 12, 45, 80])
@pytest.mark.parametrize("roll", [-90, -20, 0, 35])
def test_yaw_and_roll_of_a_turned_head_are_found(yaw: float, roll: float) -> None:
    points = seen(yaw, roll)
    assert estimate_yaw(points) == pytest.approx(yaw, abs=1e-6)
    assert estimate_roll(points) == pytest.approx(roll, abs=1e-6)


def test_the_nose_on_the_right_of_the_photo_is_a_positive_yaw() -> None:
    points = seen()
    points[2, 0] += 10
    assert estimate_yaw(points) > 0


def test_eyes_in_one_place_are_a_profile_and_no_error() -> None:
    points = seen()
    points[1] = points[0]
    assert eye_distance(points) == 0
    assert -90 <= estimate_yaw(points) <= 90


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
