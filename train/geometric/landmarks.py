"""The points that the distances are between: both eyes, nose tip, mouth, chin, found again on the stored crop."""

import importlib.util
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from agegap.errors import WrongUse
from dataset.face.detection import Detection, Detector
from dataset.face.detectors import load_detector
from train.geometric.settings import LandmarkName

Points = NDArray[np.float64]
Crop = NDArray[np.uint8]

# iBUG's order: point of the chin, and all points of the mouth.
_CHIN, _MOUTH = 8, slice(48, 68)

# Crops end close around the face, and detectors know a face by what is around it too: of 60 FG-NET crops dlib finds 59
# without a border and 60 with a quarter (2026-11-22).
_BORDER_SHARE = 0.25
_SIDE = 512  # longest side shown to a detector: no crop is larger, none is shrunk


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Points of one face in pixels, (2,) x, y each; left and right are those of the picture."""

    left_eye: Points
    right_eye: Points
    nose: Points
    mouth: Points
    chin: Points

    @property
    def middle(self) -> Points:
        """Return the middle between the eyes."""
        middle: Points = (self.left_eye + self.right_eye) / 2
        return middle


def choose_landmarks(wanted: Literal["auto", "dlib", "yunet"]) -> LandmarkName:
    """Return "dlib" or "yunet"; raise WrongUse where dlib is wanted and not installed."""
    if wanted == "yunet":
        return "yunet"
    has_dlib = all(importlib.util.find_spec(name) for name in ("dlib", "face_recognition_models"))
    if wanted == "dlib" and not has_dlib:
        raise WrongUse("the 68 points of dlib are not installed; run `pip install 'agegap[dlib]'`")
    return "dlib" if has_dlib else "yunet"


def find_landmarks(crop: Crop, name: LandmarkName, *, detector: Detector | None = None) -> Landmarks | None:
    """Return the points of the face in a crop (S, S, 3) uint8 RGB, None where the detector sees none.

    Of several faces the one nearest to the middle of the crop counts: the crop was cut around it.
    """
    border = round(_BORDER_SHARE * crop.shape[0])
    shown = cv2.copyMakeBorder(crop, border, border, border, border, cv2.BORDER_REPLICATE).astype(np.uint8, copy=False)
    found = (detector or load_detector(name, _SIDE)).detect(shown)
    if not found:
        return None
    middle = np.array(shown.shape[1::-1]) / 2
    nearest = min(found, key=lambda one: float(np.linalg.norm(one.landmarks[:3].mean(axis=0) - middle)))
    return landmarks_of(nearest.shifted(-border, -border))


def landmarks_of(face: Detection) -> Landmarks | None:
    """Return the points of a detected face; None where they make no face.

    With 68 points mouth and chin are among them. With five the mouth is the middle of its corners, and the chin lies
    where the line from the eyes through the mouth leaves the box.
    """
    left, right, nose = face.landmarks[:3]
    if face.points is not None:
        mouth, chin = face.points[_MOUTH].mean(axis=0), face.points[_CHIN]
    else:
        mouth = face.landmarks[3:].mean(axis=0)
        chin = _bottom_of_box(face, (left + right) / 2, mouth)
    points = Landmarks(left, right, nose, mouth, chin)
    return points if _is_a_face(points) else None


def _bottom_of_box(face: Detection, middle: Points, mouth: Points) -> Points:
    down = mouth - middle
    if down[1] <= 0:
        return mouth
    reach = (face.y + face.height - middle[1]) / down[1]
    below: Points = middle + max(reach, 1.0) * down
    return below


def _is_a_face(points: Landmarks) -> bool:
    """Say whether no two points that are divided by coincide, and the chin is below the mouth, the mouth below."""
    middle = points.middle
    eyes = float(np.linalg.norm(points.right_eye - points.left_eye))
    reaches = [float(np.linalg.norm(one - middle)) for one in (points.nose, points.mouth, points.chin)]
    return bool(np.isfinite(reaches).all()) and eyes >= 1 and min(reaches) >= 1 and reaches[1] <= reaches[2]
