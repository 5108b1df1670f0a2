"""The way from a photo's pixels to its faces; `curate faces` and `train predict` both go it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dataset.face.align import align_face
from dataset.face.detection import Detection, Detector
from dataset.face.detectors import load_detector
from dataset.face.judge import FaceScores, judge_faces
from dataset.face.quality import Quality, eye_distance, measure_quality
from dataset.face.reasons import DropReason
from dataset.face.settings import FaceSettings

MAX_FACES = 20
"""Faces of one photo that are stored; a crowd has more and none of them matters."""

SAME_SIZE = 0.8
"""Faces whose side is at least this share of the largest one's are told apart by their place, not their size."""


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
        return FaceScores(
            detection_score=self.detection.score,
            eye_distance=self.quality.eye_distance,
            blur=self.quality.blur,
            yaw=self.quality.yaw,
        )


def find_faces(
    image: npt.NDArray[np.uint8],
    settings: FaceSettings | None = None,
    *,
    scale: float = 1.0,
    detector: Detector | None = None,
) -> list[FoundFace]:
    """Return the faces of `image` (uint8 RGB HWC), the main one first, dropped ones with their reason.

    `scale` is how many pixels of the photo one pixel of `image` stands for, where the photo was read smaller than it
    is: boxes, points and the eye distance are in pixels of the photo.
    """
    settings = settings or FaceSettings()
    detector = detector or load_detector(settings.detector, settings.detection_side)
    height, width = image.shape[:2]
    seen = [face for face in detector.detect(image) if _has_place(face, width, height)]
    ranked = rank_faces(seen, width=width, height=height)[:MAX_FACES]
    crops = [align_face(image, detection.landmarks, template=settings.template) for detection in ranked]
    in_photo = [detection.scaled(scale) for detection in ranked]
    unjudged = [
        FoundFace(detection, crop, measure_quality(crop, detection.landmarks), None)
        for detection, crop in zip(in_photo, crops, strict=True)
    ]
    reasons = judge_faces([face.scores for face in unjudged], settings)
    return [
        FoundFace(face.detection, face.crop, face.quality, reason)
        for face, reason in zip(unjudged, reasons, strict=True)
    ]


def main_face(faces: Sequence[FoundFace]) -> FoundFace | None:
    """Return the face the photo is about, though it may be blurred or turned away; None without a sure face."""
    others = (DropReason.LOW_SCORE, DropReason.OTHER_FACE)
    return next((face for face in faces if face.drop_reason not in others), None)


def rank_faces(faces: Sequence[Detection], *, width: float, height: float) -> list[Detection]:
    """Return the faces, largest first; of those about as large as the largest, the one nearest to the centre leads."""
    by_size = sorted(faces, key=_side, reverse=True)
    if not by_size:
        return []
    rivals = [face for face in by_size if _side(face) >= SAME_SIZE * _side(by_size[0])]
    centre = np.array([width / 2, height / 2])
    lead = min(rivals, key=lambda face: float(np.linalg.norm(_middle(face) - centre)))
    return [lead, *(face for face in by_size if face is not lead)]


def _has_place(face: Detection, width: float, height: float) -> bool:
    """Return whether the five points are somewhere near the photo and apart: nets also answer with nonsense."""
    size = np.array([width, height])
    is_near = bool(((face.landmarks > -size) & (face.landmarks < 2 * size)).all())  # False for NaN
    return is_near and eye_distance(face.landmarks) >= 1


def _side(face: Detection) -> float:
    return float(np.sqrt(max(face.width, 0.0) * max(face.height, 0.0)))


def _middle(face: Detection) -> npt.NDArray[np.float64]:
    return np.array([face.x + face.width / 2, face.y + face.height / 2])
