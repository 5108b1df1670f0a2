"""What a crop and its five points say about themselves: columns of the catalog, never reasons by themselves."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

NOSE_DEPTH = 0.55
"""How far the nose tip stands before the eye line, in eye distances: about 35 of 63 mm in an adult."""
GREY_SPREAD = 6.0
"""Mean distance of the largest and smallest channel below which a crop has no colour; JPEG noise stays below 3."""


@dataclass(frozen=True)
class Quality:
    """Measures of one face."""

    eye_distance: float
    """Pixels of the photo."""
    blur: float
    """Variance of the Laplacian of the crop: low is blurred."""
    brightness: float
    """Mean grey of the crop, 0..255."""
    is_grey: bool
    yaw: float
    """Degrees, positive when the nose points to the right of the photo; estimated from five points."""
    roll: float
    """Degrees of the eye line, positive clockwise."""


def measure_quality(crop: npt.NDArray[np.uint8], landmarks: npt.NDArray[np.float64]) -> Quality:
    """Measure `crop` (uint8 RGB) and its five points in the photo."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    red, green, blue = cv2.split(crop)
    spread = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    return Quality(
        eye_distance=eye_distance(landmarks),
        blur=float(cv2.Laplacian(grey, cv2.CV_64F).var()),
        brightness=float(grey.mean()),
        is_grey=bool(spread.mean() < GREY_SPREAD),
        yaw=estimate_yaw(landmarks),
        roll=estimate_roll(landmarks),
    )


def eye_distance(landmarks: npt.NDArray[np.float64]) -> float:
    """Return the distance of the two eyes."""
    return float(np.linalg.norm(landmarks[1] - landmarks[0]))


def estimate_roll(landmarks: npt.NDArray[np.float64]) -> float:
    """Return the angle of the eye line in degrees, clockwise positive (y points down)."""
    dx, dy = landmarks[1] - landmarks[0]
    return float(np.degrees(np.arctan2(dy, dx)))


def estimate_yaw(landmarks: npt.NDArray[np.float64]) -> float:
    """Return the turn of the head in degrees, -90..90, from where the nose tip stands between the eyes.

    Seen from far, eyes at (-1/2, 0) and (1/2, 0) with the nose tip d before them turn by t to an eye distance cos t
    and a nose d sin t off the middle: tan t = (offset / eye distance) / d.
    """
    left, right, nose = landmarks[0], landmarks[1], landmarks[2]
    along = right - left
    length = float(np.linalg.norm(along))
    offset = float((nose - (left + right) / 2) @ along) / length if length > 0 else 0.0
    return float(np.degrees(np.arctan2(offset, length * NOSE_DEPTH)))
