"""Eye centres found again in the pixels: on drawn eyes, and against FG-NET's marked ones."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from dataset.face.align import TEMPLATES
from dataset.face.eyes import PRIOR, refine_eyes

Image = np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]


def face_points(eyes: float = 60, roll: float = 0, at: tuple[float, float] = (200, 200)) -> np.ndarray:
    """Five points of a face with `eyes` pixels between the eyes, leaning by `roll` degrees."""
    points = TEMPLATES["tight"] - TEMPLATES["tight"].mean(0)
    angle = np.radians(roll)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(points * eyes / np.linalg.norm(points[1] - points[0]) @ turn + at)


def drawn(points: np.ndarray, *, iris: int = 40, seed: int = 0) -> Image:
    """Skin with noise, and at each eye a white with a dark iris, three times smoother than a pixel."""
    size = np.linalg.norm(points[1] - points[0])
    image = np.full((400, 400, 3), 170, np.uint8)
    for x, y in points[:2]:
        centre = (round(x * 16), round(y * 16))
        cv2.circle(image, centre, round(0.18 * size * 16), (215, 215, 215), -1, cv2.LINE_AA, 4)
        cv2.circle(image, centre, round(0.09 * size * 16), (iris, iris, iris), -1, cv2.LINE_AA, 4)
    noise = np.random.default_rng(seed).normal(0, 4, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def off(found: np.ndarray, true: np.ndarray) -> float:
    """The larger of the two eyes' errors, of the eye distance."""
    return float(np.linalg.norm(found[:2] - true[:2], axis=1).max() / np.linalg.norm(true[1] - true[0]))


@pytest.mark.parametrize("roll", [0, -35, 90, 180])
@pytest.mark.parametrize("eyes", [20, 60, 130])
@pytest.mark.parametrize("shift", [(0.05, 0.03), (-0.05, 0.05), (0.04, -0.06)])
def test_eyes_that_a_detector_sees_beside_the_iris_are_put_into_it(
    roll: float, eyes: float, shift: tuple[float, float]
) -> None:
    true = face_points(eyes, roll)
    seen = true.copy()
    seen[:2] += np.array(shift) * eyes
    found = refine_eyes(drawn(true), seen)
    assert off(seen, true) > 0.05
    assert off(found, true) < 0.02
    np.testing.assert_array_equal(found[2:], seen[2:])


def test_where_there_is_nothing_to_see_the_eyes_stay() -> None:
    points = face_points()
    np.testing.assert_allclose(refine_eyes(np.full((400, 400, 3), 90, np.uint8), points), points, atol=0.02)


def test_eyes_are_never_moved_further_than_a_detector_errs() -> None:
    points = face_points(eyes=48)
    noise = np.random.default_rng(3).integers(0, 255, (400, 400, 3), dtype=np.uint8)
    assert np.abs(refine_eyes(noise, points) - points)[:2].max() <= 4 * max(PRIOR)


@pytest.mark.parametrize("at", [(0, 0), (399, 5), (-40, 200), (200, 460)])
def test_a_face_at_the_edge_of_the_photo_is_no_error(at: tuple[float, float]) -> None:
    found = refine_eyes(drawn(face_points()), face_points(at=at))
    assert np.isfinite(found).all()


def test_the_points_that_were_given_are_left_as_they_are() -> None:
    points = face_points()
    before = points.copy()
    refine_eyes(drawn(points), points)
    np.testing.assert_array_equal(points, before)


@pytest.mark.real_data
def test_on_fgnet_the_eyes_are_off_by_less_than_three_and_a_half_percent(shared_data: Path) -> None:
    from dataset.face.find import find_faces, main_face
    from dataset.face.settings import FaceSettings
    from dataset.images import read_image

    errors: dict[bool, list[float]] = {False: [], True: []}
    for path in sorted((shared_data / "fgnet" / "images").iterdir())[5::25]:
        marks = shared_data / "fgnet" / "points" / f"{path.stem.lower()}.pts"
        numbers = np.array(marks.read_text().split("{")[1].split("}")[0].split(), dtype=float)
        true = numbers.reshape(68, 2)[[31, 36]]
        for refine in errors:
            face = main_face(find_faces(read_image(path), FaceSettings(refine_eyes=refine)))
            assert face is not None
            found = face.detection.landmarks[:2]
            errors[refine] += list(np.linalg.norm(found - true, axis=1) / np.linalg.norm(true[1] - true[0]))
    assert np.median(errors[True]) < 0.035
    assert np.percentile(errors[True], 95) < np.percentile(errors[False], 95)
