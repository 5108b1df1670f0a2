"""Hand-made features: distances in closed form, edges where lines are drawn."""

import importlib.util
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from agegap.errors import SettingsError, WrongUse
from agegap.settings import load_settings
from dataset.face.detection import Detection
from train.geometric.distances import INDEPENDENT, RATIOS, ratios
from train.geometric.landmarks import Landmarks, choose_landmarks, find_landmarks, landmarks_of
from train.geometric.measuring import COLUMNS, feature_names, features_of, measure_face
from train.geometric.settings import GeometricSettings
from train.geometric.wrinkles import REGIONS, look, wrinkle_shares

# Eyes 40 apart about (64, 50): a nose 30 below, a mouth 50 below, a chin 80 below.
FACE = Landmarks(*(np.array(one, np.float64) for one in ((44, 50), (84, 50), (64, 80), (64, 100), (64, 130))))


def _blank() -> NDArray[np.uint8]:
    return np.full((128, 128, 3), 140, np.uint8)


def test_the_ratios_of_a_known_face_are_those_of_its_distances() -> None:
    assert ratios(FACE) == pytest.approx([40 / 30, 40 / 50, 30 / 80, 30 / 50])
    # A nose to the side: 3-4-5.
    turned = Landmarks(FACE.left_eye, FACE.right_eye, np.array([64 + 18.0, 50 + 24.0]), FACE.mouth, FACE.chin)
    assert ratios(turned)[0] == pytest.approx(40 / 30)


@pytest.mark.parametrize(("degrees", "scale"), [(0, 3.0), (30, 1.0), (-75, 0.5)])
def test_turning_and_scaling_a_face_changes_no_ratio(degrees: float, scale: float) -> None:
    angle = np.deg2rad(degrees)
    matrix = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = Landmarks(**{name: matrix @ point + (7.0, -3.0) for name, point in vars(FACE).items()})
    assert ratios(moved) == pytest.approx(ratios(FACE))


def test_the_second_ratio_is_the_product_of_first_and_fourth_and_is_left_out() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        f1, f2, _, f4 = ratios(Landmarks(*(point + rng.normal(0, 5, 2) for point in vars(FACE).values())))
        assert f2 == pytest.approx(f1 * f4)
    assert set(RATIOS) - set(INDEPENDENT) == {"F2"}
    assert "F2" not in feature_names("sum")


def test_f5_is_the_sum_of_all_regions() -> None:
    measures = np.random.default_rng(0).random((5, len(COLUMNS)))
    shares = measures[:, [COLUMNS.index(name) for name in REGIONS]]
    f5 = features_of(measures, "sum")[:, feature_names("sum").index("F5")]
    assert f5 == pytest.approx(shares.sum(axis=1))
    assert features_of(measures, "regions")[:, -4:] == pytest.approx(shares)
    assert features_of(measures, "none").shape[1] == 3


def test_a_face_without_lines_has_no_wrinkles() -> None:
    assert wrinkle_shares(_blank(), FACE, GeometricSettings()) == pytest.approx([0, 0, 0, 0])


@pytest.mark.parametrize("region", REGIONS)
def test_lines_drawn_in_a_region_raise_its_share_and_no_other(region: str) -> None:
    settings = GeometricSettings()
    before = wrinkle_shares(_blank(), FACE, settings)
    found = [before]
    for count in (1, 2):
        crop = _blank()
        left, top, right, bottom = getattr(settings, region)
        height = bottom - top
        for line in range(count):
            y = round(50 + 40 * (top + height * (line + 1) / (count + 1)))
            cv2.line(crop, (round(64 + 40 * left) + 3, y), (round(64 + 40 * right) - 3, y), (70, 60, 60), 1)
        found.append(wrinkle_shares(crop, FACE, settings))
    place = REGIONS.index(region)
    none, one, two = (shares[place] for shares in found)
    assert none < one < two
    others = [other for other in range(len(REGIONS)) if other != place]
    assert found[2][others] == pytest.approx(0)


def test_the_share_of_a_region_is_its_edge_pixels_over_its_area() -> None:
    crop = np.random.default_rng(3).integers(0, 255, (128, 128, 3), np.uint8)
    view = look(crop, FACE, GeometricSettings())
    counted = []
    for name in REGIONS:
        share = 0.0
        for left, top, right, bottom in view.boxes[name]:
            pixels = [(y, x) for y in range(top, bottom) for x in range(left, right) if view.inside[y, x]]
            share += sum(bool(view.edges[pixel]) for pixel in pixels) / len(pixels)
        counted.append(share)
    assert min(counted) > 0
    assert wrinkle_shares(crop, FACE, GeometricSettings()) == pytest.approx(counted)


def test_a_region_outside_the_crop_has_no_wrinkles() -> None:
    high = Landmarks(**{name: point - (0, 50.0) for name, point in vars(FACE).items()})
    crop = np.random.default_rng(3).integers(0, 255, (128, 128, 3), np.uint8)
    shares = wrinkle_shares(crop, high, GeometricSettings())
    assert shares[REGIONS.index("forehead")] == 0
    assert shares[REGIONS.index("cheek")] > 0


def test_the_same_face_at_half_the_size_has_about_the_same_wrinkles() -> None:
    rng = np.random.default_rng(1)
    crop = cv2.GaussianBlur(rng.integers(0, 255, (256, 256, 3), np.uint8), (0, 0), 6).astype(np.uint8)
    large = Landmarks(**{name: 2 * point + 0.5 for name, point in vars(FACE).items()})
    small = cv2.resize(crop, (128, 128), interpolation=cv2.INTER_AREA).astype(np.uint8)
    settings = GeometricSettings()
    assert wrinkle_shares(crop, large, settings) == pytest.approx(wrinkle_shares(small, FACE, settings), abs=0.06)


def _seen(points: Any = None) -> Detection:
    five = np.array([(44, 50), (84, 50), (64, 80), (50, 100), (78, 100)], np.float64)
    return Detection(x=30, y=20, width=68, height=115, score=0.9, landmarks=five, points=points)


def test_with_five_points_the_chin_is_where_the_line_of_eyes_and_mouth_leaves_the_box() -> None:
    found = landmarks_of(_seen())
    assert found is not None
    assert found.mouth == pytest.approx([64, 100])
    assert found.chin == pytest.approx([64, 135])


def test_with_68_points_chin_and_mouth_are_among_them() -> None:
    points = np.zeros((68, 2))
    points[8] = (64, 128)
    points[48:68] = (63, 101)
    found = landmarks_of(_seen(points))
    assert found is not None
    assert (found.chin.tolist(), found.mouth.tolist()) == ([64, 128], [63, 101])


def test_points_that_make_no_face_are_no_landmarks() -> None:
    upside_down = np.zeros((68, 2))
    upside_down[8] = (64, 60)
    upside_down[48:68] = (64, 110)
    assert landmarks_of(_seen(upside_down)) is None


def test_a_crop_without_a_face_is_measured_as_unknown() -> None:
    assert find_landmarks(_blank(), "yunet") is None
    assert np.isnan(measure_face(_blank(), "yunet", GeometricSettings())).all()


def test_points_come_from_dlib_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: object())
    assert choose_landmarks("auto") == "dlib"
    assert choose_landmarks("yunet") == "yunet"
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert choose_landmarks("auto") == "yunet"
    with pytest.raises(WrongUse, match=r"pip install 'agegap\[dlib\]'"):
        choose_landmarks("dlib")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"canny_low": "50", "canny_high": "20"}, "must not be below"),
        ({"forehead": [0.5, 0, 0.1, 1]}, "'forehead' must be"),
        ({"classifier": "forest"}, "'classifier'"),
        ({"clusters": "0"}, "'clusters'"),
    ],
)
def test_settings_no_face_can_have_are_told(typed: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load_settings("train.geometric", GeometricSettings, flags=typed)
