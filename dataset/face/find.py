"""The way from a photo's pixels to its faces; `curate faces` and `train predict` both go it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dataset.face.align import align_face
from dataset.face.choose import rank_faces
from dataset.face.detection import Detection, Detector
from dataset.face.detectors import load_detector
from dataset.face.eyes import refine_eyes
from dataset.face.judge import FaceScores, judge_faces
from dataset.face.pose import eye_distance
from dataset.face.quality import Quality, measure_quality
from dataset.face.reasons import DropReason
from dataset.face.recipes import RECIPES, Thresholds
from dataset.face.settings import FaceSettings

MAX_FACES = 20
"""Faces of one photo that are stored; a crowd has more and none of them matters."""


@dataclass(frozen=True, eq=False)
class FoundFace:
    """One face of a photo, aligned, measured and judged."""

    detection: Detection
    crop: npt.NDArray[np.uint8]
    """uint8 RGB (128, 128, 3)."""
    quality: Quality
    drop_reason: DropReason | None

    @property
    def scores(self) -> FaceScores:
        """Return what the judgement looks at."""
        return _scores(self.detection, self.quality)


def find_faces(
    image: npt.NDArray[np.uint8],
    settings: FaceSettings | None = None,
    *,
    thresholds: Thresholds | None = None,
    scale: float = 1.0,
    detector: Detector | None = None,
) -> list[FoundFace]:
    """Return the faces of `image` (uint8 RGB HWC), the main one first, dropped ones with their reason.

    `scale` is how many pixels of the photo one pixel of `image` stands for, where the photo was read smaller than it
    is: boxes, points and the eye distance are in pixels of the photo. Without `thresholds` the built-in `default`
    recipe judges.
    """
    settings = settings or FaceSettings()
    detector = detector or load_detector(settings.detector, settings.detection_side, settings.weights)
    height, width = image.shape[:2]
    seen = [face for face in detector.detect(image) if _has_place(face, width, height)]
    ranked = rank_faces(seen, width=width, height=height, rule=settings.found_order)[:MAX_FACES]
    if settings.refine_eyes:
        ranked = [_with_better_eyes(image, face) for face in ranked]
    crops = [align_face(image, face.landmarks, template=settings.template) for face in ranked]
    in_photo = [face.scaled(scale) for face in ranked]
    measured = [measure_quality(crop, face.landmarks, face.points) for face, crop in zip(in_photo, crops, strict=True)]
    scores = [_scores(face, quality) for face, quality in zip(in_photo, measured, strict=True)]
    reasons = judge_faces(scores, thresholds or RECIPES["default"])
    return [
        FoundFace(face, crop, quality, reason)
        for face, crop, quality, reason in zip(in_photo, crops, measured, reasons, strict=True)
    ]


def main_face(faces: Sequence[FoundFace]) -> FoundFace | None:
    """Return the face the photo is about, though it may be blurred or turned away; None without a sure face."""
    others = (DropReason.LOW_SCORE, DropReason.OTHER_FACE)
    return next((face for face in faces if face.drop_reason not in others), None)


def _with_better_eyes(image: npt.NDArray[np.uint8], face: Detection) -> Detection:
    better = face.with_landmarks(refine_eyes(image, face.landmarks))
    return better if _has_place(better, image.shape[1], image.shape[0]) else face


def _has_place(face: Detection, width: float, height: float) -> bool:
    """Return whether the five points are somewhere near the photo and apart: nets also answer with nonsense."""
    size = np.array([width, height])
    is_near = bool(((face.landmarks > -size) & (face.landmarks < 2 * size)).all())  # False for NaN
    return is_near and eye_distance(face.landmarks) >= 1


def _scores(face: Detection, quality: Quality) -> FaceScores:
    return FaceScores(
        detection_score=face.score,
        eye_distance=quality.eye_distance,
        blur=quality.blur,
        yaw=quality.yaw,
        pitch=quality.pitch,
        roll=quality.roll,
        dark_share=quality.dark_share,
        bright_share=quality.bright_share,
        landmark_score=face.landmark_score,
        is_grey=quality.is_grey,
        box_width=face.width,
        box_height=face.height,
    )
