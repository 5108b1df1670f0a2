"""What is said of a photo or of a person in a video; ages in years, boxes in pixels of the photo, times in seconds."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train.evaluation.calibration import said_ages

Shares = NDArray[np.float32]


@dataclass(frozen=True)
class PredictedAge:
    """The age of one face of a photo, with its 90 % interval."""

    image: str
    age: float
    low: float
    high: float
    # Faces seen in the photo, and which of them this is: 1 is the main one.
    faces: int
    face: int
    # Left, top, width, height; it may reach over the edge.
    box: tuple[float, float, float, float]
    # 0..1 that it is a face.
    score: float


@dataclass(frozen=True)
class NoAge:
    """A photo that gave no age, and why."""

    image: str
    reason: str
    detail: str


@dataclass(frozen=True)
class PersonAge:
    """The age of a person followed through a video, by the mean of the distributions of all looks."""

    video: str
    person: int
    age: float
    low: float
    high: float
    from_s: float
    to_s: float
    # Frames in which the face was seen.
    looks: int
    # Second and age of each look, in their order.
    ages: tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class PhotoFaces:
    """What was found in one photo: the faces asked for, and their distributions over ages (F, C)."""

    path: Path
    ages: tuple[PredictedAge, ...]
    crops: NDArray[np.uint8]
    """(F, 128, 128, 3), as a dataset would hold them."""
    shares: Shares
    pixels: NDArray[np.uint8] | None
    """The photo as it was read, where it was to be kept."""
    scale: float
    """How many pixels of the photo one of `pixels` stands for."""


@dataclass(frozen=True)
class Years:
    """An age and its interval as they are told: to a tenth of a year."""

    age: float
    low: float
    high: float


def told(shares: Shares, scale: float | None) -> list[Years]:
    """Return what is told of distributions (N, C); `scale` is the model's factor on its intervals."""
    if not len(shares):
        return []
    said = said_ages(np.ascontiguousarray(shares), scale=scale)
    columns = zip(said.age.tolist(), said.low.tolist(), said.high.tolist(), strict=True)
    return [Years(*(round(value, 1) for value in row)) for row in columns]
