"""Which face is kept."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from dataset.face.choose import rank_faces
from dataset.face.detection import Detection
from dataset.face.judge import FaceScores, judge_faces, main_index, photo_reason
from dataset.face.reasons import JUDGED_REASONS, DropReason
from dataset.face.recipes import RECIPES, Thresholds, recipe_mark
from dataset.face.settings import FaceSettings, MainFace

SETTINGS = FaceSettings()
DEFAULT = Thresholds()
ALL = Thresholds(
    min_face_side=50,
    max_pitch=30,
    max_roll=40,
    max_dark_share=0.4,
    max_bright_share=0.3,
    min_landmark_score=0.2,
    keep_grey=False,
)
"""A recipe that looks at every measure."""
GOOD = FaceScores(
    detection_score=0.95,
    eye_distance=60,
    blur=100,
    yaw=5,
    pitch=5,
    roll=5,
    dark_share=0.1,
    bright_share=0.1,
    landmark_score=0.8,
    is_grey=False,
    box_width=120,
    box_height=130,
)


def but(**changes: Any) -> FaceScores:
    return dataclasses.replace(GOOD, **changes)


def test_a_good_face_is_kept() -> None:
    assert judge_faces([GOOD], ALL) == [None]


@pytest.mark.parametrize(
    ("face", "reason"),
    [
        (but(detection_score=0.6), DropReason.LOW_SCORE),
        (but(eye_distance=5), DropReason.SMALL_FACE),
        (but(box_width=49), DropReason.SMALL_FACE),
        (but(box_height=49), DropReason.SMALL_FACE),
        (but(blur=0.5), DropReason.BLURRED),
        (but(yaw=80), DropReason.PROFILE),
        (but(yaw=-80), DropReason.PROFILE),
        (but(pitch=-31), DropReason.TILTED),
        (but(pitch=31), DropReason.TILTED),
        (but(roll=-90), DropReason.TILTED),
        (but(dark_share=0.5), DropReason.DARK),
        (but(bright_share=0.5), DropReason.BRIGHT),
        (but(landmark_score=0.1), DropReason.HIDDEN),
        (but(is_grey=True), DropReason.GREY),
        (but(detection_score=0.6, eye_distance=5, blur=0, yaw=80), DropReason.LOW_SCORE),
    ],
)
def test_a_bad_face_is_dropped_with_its_reason(face: FaceScores, reason: DropReason) -> None:
    assert judge_faces([face], ALL) == [reason]
    assert photo_reason([reason]) is reason
    assert reason in JUDGED_REASONS


AT_THRESHOLD = {
    "min_score": "detection_score",
    "min_eye_distance": "eye_distance",
    "min_face_side": "box_width",
    "min_blur": "blur",
    "max_yaw": "yaw",
    "max_pitch": "pitch",
    "max_roll": "roll",
    "max_dark_share": "dark_share",
    "max_bright_share": "bright_share",
    "min_landmark_score": "landmark_score",
}


@pytest.mark.parametrize("name", AT_THRESHOLD)
def test_a_face_exactly_at_a_threshold_is_kept(name: str) -> None:
    assert judge_faces([but(**{AT_THRESHOLD[name]: getattr(ALL, name)})], ALL) == [None]


def test_every_threshold_is_looked_at_here() -> None:
    assert {field.name for field in dataclasses.fields(Thresholds)} == {*AT_THRESHOLD, "keep_grey"}


@pytest.mark.parametrize("name", [f.name for f in dataclasses.fields(FaceScores) if f.default is None])
def test_what_was_not_measured_drops_no_face(name: str) -> None:
    assert judge_faces([but(**{name: None})], ALL) == [None]


def test_grey_faces_are_kept_by_every_built_in_recipe() -> None:
    for thresholds in RECIPES.values():
        assert judge_faces([but(is_grey=True)], thresholds) == [None]


def test_each_built_in_recipe_keeps_what_a_stricter_one_keeps() -> None:
    for lenient, strict in (("lenient", "default"), ("default", "strict")):
        less, more = RECIPES[lenient], RECIPES[strict]
        for field in dataclasses.fields(Thresholds):
            a, b = getattr(less, field.name), getattr(more, field.name)
            assert (a <= b) if field.name.startswith("min_") else (a >= b), field.name


def test_only_the_main_face_of_a_photo_is_kept() -> None:
    assert judge_faces([GOOD, GOOD, but(detection_score=0.5)], DEFAULT) == [
        None,
        DropReason.OTHER_FACE,
        DropReason.LOW_SCORE,
    ]


def test_when_the_main_face_is_blurred_nobody_behind_takes_its_place() -> None:
    reasons = judge_faces([but(blur=0), GOOD], DEFAULT)
    assert reasons == [DropReason.BLURRED, DropReason.OTHER_FACE]
    assert photo_reason(reasons) is DropReason.BLURRED


def test_something_the_detector_doubts_is_not_the_main_face() -> None:
    assert judge_faces([but(detection_score=0.55), GOOD], DEFAULT) == [DropReason.LOW_SCORE, None]
    assert main_index([but(detection_score=0.55), GOOD], DEFAULT) == 1


def test_a_photo_of_several_subjects_keeps_no_face() -> None:
    reasons = judge_faces([GOOD, GOOD], DEFAULT, subject_count=2)
    assert reasons == [DropReason.SEVERAL_SUBJECTS, DropReason.OTHER_FACE]
    assert photo_reason(reasons) is DropReason.SEVERAL_SUBJECTS


def test_a_photo_without_faces_says_so() -> None:
    assert photo_reason(judge_faces([], DEFAULT)) is DropReason.NO_FACE


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


@pytest.mark.parametrize(
    ("rule", "expected"), [("largest", "large"), ("centre", "central"), ("best_score", "sure"), ("subject", "large")]
)
def test_the_main_face_is_chosen_by_the_rule_and_the_others_follow_by_size(rule: MainFace, expected: str) -> None:
    faces = {
        "large": box(0, 0, 120),
        "central": box(180, 130, 40),
        "sure": dataclasses.replace(box(300, 0, 60), score=0.99),
    }
    ranked = rank_faces(list(faces.values()), width=400, height=300, rule=rule)
    assert ranked[0] is faces[expected]
    sides = [face.width for face in ranked[1:]]
    assert sides == sorted(sides, reverse=True)
    assert len(ranked) == 3


def test_something_else_than_the_order_can_name_the_main_face() -> None:
    assert judge_faces([GOOD, GOOD], DEFAULT, main=1) == [DropReason.OTHER_FACE, None]


def test_a_new_threshold_changes_the_mark_and_not_the_scan() -> None:
    strict, default = recipe_mark(SETTINGS, Thresholds(min_blur=50)), recipe_mark(SETTINGS, DEFAULT)
    assert strict != default
    assert strict.partition("#")[0] == default.partition("#")[0] == SETTINGS.scan_recipe


def test_a_face_chosen_by_likeness_needs_no_new_look_and_other_rules_do() -> None:
    by_subject = dataclasses.replace(SETTINGS, main_face="subject")
    assert by_subject.scan_recipe == SETTINGS.scan_recipe
    assert recipe_mark(by_subject, DEFAULT) != recipe_mark(SETTINGS, DEFAULT)
    assert dataclasses.replace(SETTINGS, main_face="centre").scan_recipe != SETTINGS.scan_recipe


@pytest.mark.parametrize(
    "change", [{"template": "tight"}, {"detection_side": 320}, {"min_side": 20}, {"refine_eyes": False}]
)
def test_another_way_of_looking_changes_the_scan(change: dict[str, object]) -> None:
    other = dataclasses.replace(SETTINGS, **change)  # type: ignore[arg-type]
    assert other.scan_recipe != SETTINGS.scan_recipe


def test_the_longest_mark_fits_its_column() -> None:
    longest = FaceSettings(detector="face_alignment-blazeface", detection_side=4096, template="close", recipe="a" * 10)
    assert len(recipe_mark(longest, DEFAULT)) <= 64
