"""By what a crop is known again."""

import hashlib

import cv2
import numpy as np
import pytest

from dataset.face.fingerprint import fingerprint, perceptual_hash

Crop = np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]


def picture(seed: int) -> Crop:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (9, 9, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (128, 128), interpolation=cv2.INTER_CUBIC))


def bits_apart(a: int, b: int) -> int:
    return ((a ^ b) & (2**64 - 1)).bit_count()


def slow_phash(crop: Crop) -> int:
    """The same hash by the definition of the cosine transform."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(float)
    k, n = np.mgrid[:8, :32]
    basis = np.cos(np.pi * k * (2 * n + 1) / 64) * np.where(k == 0, np.sqrt(1 / 32), np.sqrt(2 / 32))
    low = (basis @ small @ basis.T).ravel()
    unsigned = int("".join("1" if value > np.median(low) else "0" for value in low), 2)
    return unsigned - 2**64 if unsigned >= 2**63 else unsigned


@pytest.mark.parametrize("seed", range(10))
def test_the_perceptual_hash_is_that_of_the_definition(seed: int) -> None:
    assert perceptual_hash(picture(seed)) == slow_phash(picture(seed))


@pytest.mark.parametrize("seed", range(10))
def test_a_copy_that_was_saved_again_is_near_and_another_picture_far(seed: int) -> None:
    crop = picture(seed)
    jpeg = cv2.imdecode(cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR)
    smaller = cv2.resize(cv2.resize(crop, (90, 90), interpolation=cv2.INTER_AREA), (128, 128))
    brighter = np.clip(crop.astype(int) + 12, 0, 255).astype(np.uint8)
    for copy in (jpeg, smaller, brighter):
        assert bits_apart(perceptual_hash(crop), perceptual_hash(np.asarray(copy, np.uint8))) <= 5
    assert bits_apart(perceptual_hash(crop), perceptual_hash(picture(seed + 100))) > 10


def test_sha256_is_of_the_pixels_and_the_order_key_its_first_31_bits() -> None:
    crop = picture(1)
    marks = fingerprint(crop)
    digest = hashlib.sha256(crop.tobytes())
    assert marks.sha256 == digest.hexdigest()
    assert f"{marks.order_key:031b}" == f"{int.from_bytes(digest.digest(), 'big'):0256b}"[:31]


def test_a_view_of_other_memory_layout_has_the_same_hash() -> None:
    crop = picture(2)
    assert fingerprint(np.asfortranarray(crop)) == fingerprint(crop)


def test_the_perceptual_hash_fits_a_bigint() -> None:
    values = [perceptual_hash(picture(seed)) for seed in range(50)]
    assert all(-(2**63) <= value < 2**63 for value in values)
    assert len(set(values)) == 50
