"""What a detector says, and what a detector is: the seam at which another one plugs in."""

import dataclasses
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

# Of the 68 points of dlib and FAN (iBUG's order): the six around each eye, nose tip, corners of the mouth.
_LEFT_EYE, _RIGHT_EYE, _NOSE, _MOUTH = slice(36, 42), slice(42, 48), 30, (48, 54)


@dataclass(frozen=True, eq=False)
class Detection:
    """A face as a detector saw it, in pixels; the box may reach over the edge of the photo."""

    x: float
    y: float
    width: float
    height: float
    score: float
    """0..1 that it is a face."""
    landmarks: npt.NDArray[np.float64]
    """(5, 2) x, y: eye on the left of the photo, eye on the right, nose tip, left and right corner of the mouth."""
    points: npt.NDArray[np.float64] | None = None
    """(68, 2) x, y in iBUG's order, of a detector that finds them."""
    landmark_score: float | None = None
    """0..1 least of the five points' scores, of a detector that gives them: low where something hides a point."""

    def scaled(self, factor: float) -> "Detection":
        """Return the same face in a photo `factor` times as large."""
        return dataclasses.replace(
            self,
            x=self.x * factor,
            y=self.y * factor,
            width=self.width * factor,
            height=self.height * factor,
            landmarks=self.landmarks * factor,
            points=None if self.points is None else self.points * factor,
        )

    def shifted(self, dx: float, dy: float) -> "Detection":
        """Return the same face moved by `dx`, `dy` pixels."""
        move = np.array([dx, dy])
        return dataclasses.replace(
            self,
            x=self.x + dx,
            y=self.y + dy,
            landmarks=self.landmarks + move,
            points=None if self.points is None else self.points + move,
        )

    def with_landmarks(self, landmarks: npt.NDArray[np.float64]) -> "Detection":
        """Return the same face with other five points."""
        return dataclasses.replace(self, landmarks=landmarks)


class Detector(Protocol):
    """Finds faces in one image at a time. An instance belongs to one thread."""

    def detect(self, image: npt.NDArray[np.uint8]) -> list[Detection]:
        """Return the faces of `image` (uint8 RGB HWC) in pixels of `image`, in any order."""
        ...


def five_of_68(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the five points of 68 (68, 2): an eye is the mean of the six points around it."""
    eyes = [points[_LEFT_EYE].mean(axis=0), points[_RIGHT_EYE].mean(axis=0)]
    return np.array([*eyes, points[_NOSE], points[_MOUTH[0]], points[_MOUTH[1]]])


def five_scores(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the scores of the five points from those of 68: an eye's is the mean of its six."""
    eyes = [scores[_LEFT_EYE].mean(), scores[_RIGHT_EYE].mean()]
    return np.array([*eyes, scores[_NOSE], scores[_MOUTH[0]], scores[_MOUTH[1]]])
