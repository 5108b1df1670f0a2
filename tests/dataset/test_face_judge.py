"""Which face is kept."""

import dataclasses

import numpy as np
import pytest

from dataset.face.detection import Detection
from dataset.face.find import rank_faces
from dataset.face.judge import FaceScores, judge_faces, main_index, photo_reason
from dataset.face.reasons import DropReason
from dataset.face.settings import FaceSettings

SETTINGS = FaceSettings()
GOOD = FaceScores(detection_score=0.95, eye_distance=60, blur=100, yaw=5)


def but(**changes: float) -> FaceScores:
    return dataclasses.replace(GOOD, **changes)


def test_a_good_face_is_kept() -> None:
    assert judge_faces([GOOD], SETTINGS) == [None]


@pytest.mark.parametrize(
    ("face", "reason"),
    [
        (but(detection_score=0.6), DropReason.LOW_SCORE),
        (but(eye_distance=5), DropReason.SMALL_FACE),
        (but(blur=0.5), DropReason.BLURRED),
        (but(yaw=80), DropReason.PROFILE),
        (but(yaw=-80), DropReason.PROFILE),
        (but(detection_score=0.6, eye_distance=5, blur=0, yaw=80), DropReason.LOW_SCORE),
    ],
)
def test_a_bad_face_is_dropped_with_its_reason(face: FaceScores, reason: DropReason) -> None:
    assert judge_faces([face], SETTINGS) == [reason]
    assert photo_reason([reason]) is reason


@pytest.mark.parametrize("name", ["min_score", "min_eye_distance", "min_blur", "max_yaw"])
def test_a_face_exactly_at_a_threshold_is_kept(name: str) -> None:
    field = {"min_score": "detection_score", "min_eye_distance": "eye_distance", "min_blur": "blur", "max_yaw": "yaw"}
    assert judge_faces([but(**{field[name]: getattr(SETTINGS, name)})], SETTINGS) == [None]


def test_only_the_main_face_of_a_photo_is_kept() -> None:
    assert judge_faces([GOOD, GOOD, but(detection_score=0.5)], SETTINGS) == [
        None,
        DropReason.OTHER_FACE,
        DropReason.LOW_SCORE,
    ]


def test_when_the_main_face_is_blurred_nobody_behind_takes_its_place() -> None:
    reasons = judge_faces([but(blur=0), GOOD], SETTINGS)
    assert reasons == [DropReason.BLURRED, DropReason.OTHER_FACE]
    assert photo_reason(reasons) is DropReason.BLURRED


def test_something_the_detector_doubts_is_not_the_main_face() -> None:
    assert judge_faces([but(detection_score=0.55), GOOD], SETTINGS) == [DropReason.LOW_SCORE, None]
    assert main_index([but(detection_score=0.55), GOOD], SETTINGS) == 1


def test_a_photo_of_several_subjects_keeps_no_face() -> None:
    reasons = judge_faces([GOOD, GOOD], SETTINGS, subject_count=2)
    assert reasons == [DropReason.SEVERAL_SUBJECTS, DropReason.OTHER_FACE]
    assert photo_reason(reasons) is DropReason.SEVERAL_SUBJECTS


def test_a_photo_without_faces_says_so() -> None:
    assert photo_reason(judge_faces([], SETTINGS)) is DropReason.NO_FACE


def test_a_reason_fits_its_column() -> None:
    assert all(len(reason.value) <= 32 for reason in DropReason)


def box(x: float, y: float, side: float) -> Detection:
    return Detection(x=x, y=y, width=side, height=side, score=0.9, landmarks=np.zeros((5, 2)))


def test_the_largest_face_leads() -> None:
    small, large = box(180, 130, 40), box(0, 0, 100)
    assert rank_faces([small, large], width=400, height=300) == [large, small]


def test_of_faces_of_about_one_size_the_one_in_the_middle_leads() -> None:
    edge, middle = box(0, 0, 100), box(150, 100, 90)
    assert rank_faces([edge, middle], width=400, height=300) == [middle, edge]


def test_no_faces_have_no_order() -> None:
    assert rank_faces([], width=10, height=10) == []


def test_a_new_threshold_changes_the_recipe_and_not_the_scan() -> None:
    strict = FaceSettings(min_blur=50)
    assert strict.scan_recipe == SETTINGS.scan_recipe
    assert strict.recipe != SETTINGS.recipe


@pytest.mark.parametrize("change", [{"template": "tight"}, {"detection_side": 320}, {"min_side": 20}])
def test_another_way_of_looking_changes_the_scan(change: dict[str, object]) -> None:
    other = dataclasses.replace(SETTINGS, **change)  # type: ignore[arg-type]
    assert other.scan_recipe != SETTINGS.scan_recipe
    assert len(other.recipe) <= 64
