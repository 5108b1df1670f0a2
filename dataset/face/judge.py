"""Which face of a photo is kept, and why the others are not: a rule over stored scores only.

Because it reads nothing but columns of the catalog, changed thresholds are applied to faces found long ago.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dataset.face.reasons import DropReason
from dataset.face.recipes import Thresholds


@dataclass(frozen=True)
class FaceScores:
    """What the rule looks at; the names are those of the catalog's columns. None: not measured."""

    detection_score: float
    eye_distance: float
    blur: float | None = None
    yaw: float | None = None
    pitch: float | None = None
    roll: float | None = None
    dark_share: float | None = None
    bright_share: float | None = None
    landmark_score: float | None = None
    is_grey: bool | None = None
    box_width: float | None = None
    box_height: float | None = None


def judge_faces(
    faces: Sequence[FaceScores],
    thresholds: Thresholds,
    *,
    subject_count: int = 1,
    main: int | None = None,
) -> list[DropReason | None]:
    """Return the drop reason of each face of one photo (None: kept); the faces come in order of `rank_faces`.

    The main face is chosen before it is judged: when it is blurred, the photo gives no face, rather than the face of
    somebody behind. `main` names it where something else than the order knows. A photo of several subjects keeps none.
    """
    if main is None:
        main = main_index(faces, thresholds)
    return [
        DropReason.LOW_SCORE
        if face.detection_score < thresholds.min_score
        else DropReason.OTHER_FACE
        if index != main
        else DropReason.SEVERAL_SUBJECTS
        if subject_count > 1
        else gate(face, thresholds)
        for index, face in enumerate(faces)
    ]


def main_index(faces: Sequence[FaceScores], thresholds: Thresholds) -> int | None:
    """Return the place of the first face the detector is sure of, which is the main face of the photo."""
    return next((i for i, face in enumerate(faces) if face.detection_score >= thresholds.min_score), None)


def photo_reason(reasons: Sequence[str | None]) -> str | None:
    """Return why a photo with faces of these reasons gives none, or None when one is kept."""
    if not reasons:
        return DropReason.NO_FACE
    if None in reasons:
        return None
    of_main = [reason for reason in reasons if reason not in (DropReason.LOW_SCORE, DropReason.OTHER_FACE)]
    return of_main[0] if of_main else DropReason.LOW_SCORE


def gate(face: FaceScores, thresholds: Thresholds) -> DropReason | None:
    """Return the first reason for which a main face is not kept, the gravest first."""
    return next((reason for reason, is_below in _GATES if is_below(face, thresholds)), None)


def _below(value: float | None, least: float) -> bool:
    return value is not None and value < least


def _beyond(value: float | None, most: float) -> bool:
    return value is not None and abs(value) > most


def _face_side(face: FaceScores) -> float | None:
    return None if face.box_width is None or face.box_height is None else min(face.box_width, face.box_height)


_GATES: tuple[tuple[DropReason, Callable[[FaceScores, Thresholds], bool]], ...] = (
    (
        DropReason.SMALL_FACE,
        lambda f, t: _below(f.eye_distance, t.min_eye_distance) or _below(_face_side(f), t.min_face_side),
    ),
    (DropReason.BLURRED, lambda f, t: _below(f.blur, t.min_blur)),
    (DropReason.PROFILE, lambda f, t: _beyond(f.yaw, t.max_yaw)),
    (DropReason.TILTED, lambda f, t: _beyond(f.pitch, t.max_pitch) or _beyond(f.roll, t.max_roll)),
    (DropReason.DARK, lambda f, t: _beyond(f.dark_share, t.max_dark_share)),
    (DropReason.BRIGHT, lambda f, t: _beyond(f.bright_share, t.max_bright_share)),
    (DropReason.HIDDEN, lambda f, t: _below(f.landmark_score, t.min_landmark_score)),
    (DropReason.GREY, lambda f, t: f.is_grey is True and not t.keep_grey),
)
