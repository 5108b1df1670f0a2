"""What a detector says, and what a detector is: the seam at which another one plugs in."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt


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

    def scaled(self, factor: float) -> "Detection":
        """Return the same face in a photo `factor` times as large."""
        return Detection(
            x=self.x * factor,
            y=self.y * factor,
            width=self.width * factor,
            height=self.height * factor,
            score=self.score,
            landmarks=self.landmarks * factor,
        )

    def shifted(self, dx: float, dy: float) -> "Detection":
        """Return the same face moved by `dx`, `dy` pixels."""
        return Detection(
            x=self.x + dx,
            y=self.y + dy,
            width=self.width,
            height=self.height,
            score=self.score,
            landmarks=self.landmarks + np.array([dx, dy]),
        )


class Detector(Protocol):
    """Finds faces in one image at a time. An instance belongs to one thread."""

    def detect(self, image: npt.NDArray[np.uint8]) -> list[Detection]:
        """Return the faces of `image` (uint8 RGB HWC) in pixels of `image`, in any order."""
        ...
