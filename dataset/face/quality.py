"""What a crop and its points say about themselves: columns of the catalog, never reasons by themselves."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from dataset.face.pose import estimate_pose, eye_distance

GREY_SPREAD = 6.0
"""Mean distance of the largest and smallest channel below which a crop has no colour; JPEG noise stays below 3."""
BLACK, WHITE = 12, 243
"""Grey values up to and from which a pixel shows nothing: 5 % of the range at each end."""


@dataclass(frozen=True)
class Quality:
    """Measures of one face."""

    eye_distance: float
    """Pixels of the photo."""
    blur: float
    """Variance of the Laplacian of the crop: low is blurred."""
    brightness: float
    """Mean grey of the crop, 0..255."""
    dark_share: float
    """0..1 of the crop's pixels that are black."""
    bright_share: float
    """0..1 of the crop's pixels that are white."""
    is_grey: bool
    yaw: float
    """Degrees, positive when the nose points to the right of the photo."""
    pitch: float
    """Degrees, positive when the face looks down."""
    roll: float
    """Degrees of the eye line, positive clockwise."""


def measure_quality(
    crop: npt.NDArray[np.uint8],
    landmarks: npt.NDArray[np.float64],
    points: npt.NDArray[np.float64] | None = None,
) -> Quality:
    """Measure `crop` (uint8 RGB) and its five points in the photo; `points` are all 68 where a detector gives them."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    red, green, blue = cv2.split(crop)
    spread = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    pose = estimate_pose(landmarks, points)
    return Quality(
        eye_distance=eye_distance(landmarks),
        blur=float(cv2.Laplacian(grey, cv2.CV_64F).var()),
        brightness=float(grey.mean()),
        dark_share=float(np.count_nonzero(grey <= BLACK) / grey.size),
        bright_share=float(np.count_nonzero(grey >= WHITE) / grey.size),
        is_grey=bool(spread.mean() < GREY_SPREAD),
        yaw=pose.yaw,
        pitch=pose.pitch,
        roll=pose.roll,
    )
