"""Which face of a photo is kept, and why the others are not: a rule over stored scores only.

Because it reads nothing but columns of the catalog, changed thresholds are applied to faces found long ago.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dataset.face.reasons import DropReason
from dataset.face.settings import FaceSettings


@dataclass(frozen=True)
class FaceScores:
    """What the rule looks at."""

    detection_score: float
    eye_distance: float
    blur: float
    yaw: float


def judge_faces(
    faces: Sequence[FaceScores], settings: FaceSettings, *, subject_count: int = 1
) -> list[DropReason | None]:
    """Return the drop reason of each face of one photo (None: kept); the faces come in order of `rank_faces`.

    The main face is chosen before it is judged: when it is blurred, the photo gives no face, rather than the face of
    somebody behind. A photo of several subjects keeps none.
    """
    main = main_index(faces, settings)
    return [
        DropReason.LOW_SCORE
        if face.detection_score < settings.min_score
        else DropReason.OTHER_FACE
        if index != main
        else DropReason.SEVERAL_SUBJECTS
        if subject_count > 1
        else _gate(face, settings)
        for index, face in enumerate(faces)
    ]


def main_index(faces: Sequence[FaceScores], settings: FaceSettings) -> int | None:
    """Return the place of the first face the detector is sure of, which is the main face of the photo."""
    return next((i for i, face in enumerate(faces) if face.detection_score >= settings.min_score), None)


def photo_reason(reasons: Sequence[DropReason | None]) -> DropReason | None:
    """Return why a photo with faces of these reasons gives none, or None when one is kept."""
    if not reasons:
        return DropReason.NO_FACE
    if None in reasons:
        return None
    of_main = [reason for reason in reasons if reason not in (DropReason.LOW_SCORE, DropReason.OTHER_FACE)]
    return of_main[0] if of_main else DropReason.LOW_SCORE


def _gate(face: FaceScores, settings: FaceSettings) -> DropReason | None:
    if face.eye_distance < settings.min_eye_distance:
        return DropReason.SMALL_FACE
    if face.blur < settings.min_blur:
        return DropReason.BLURRED
    if abs(face.yaw) > settings.max_yaw:
        return DropReason.PROFILE
    return None
