"""What an embedder is, and how a face is cut for one: by the five stored points and the net's own template."""

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from dataset.face.align import fit_similarity

Pixels = npt.NDArray[np.uint8]
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Cut:
    """One way of cutting a face: where the five points lie in a square of `side` pixels, (5, 2) x, y."""

    side: int
    points: npt.NDArray[np.float64]


class Embedder(Protocol):
    """Makes a vector of length 1 of each face. An instance belongs to one thread."""

    @property
    def name(self) -> str:
        """Net, version and how faces are cut: what is stored with each vector; at most 64 characters."""
        ...

    def embed(self, image: Pixels, landmarks: npt.NDArray[np.float64]) -> Vectors:
        """Return the float32 vector of the face of `image` (uint8 RGB HWC) with these five points (5, 2)."""
        ...


def cut_face(image: Pixels, landmarks: npt.NDArray[np.float64], cut: Cut) -> Pixels:
    """Return the face as uint8 (side, side, 3); black where the cut reaches over the edge of the photo.

    Raises ValueError when the five points are one.
    """
    matrix = fit_similarity(landmarks, cut.points)
    # warpAffine reads four pixels for one it writes: what is much larger is averaged first, or it would alias.
    k = max(1, int(1 / float(np.hypot(matrix[0, 0], matrix[1, 0]))))
    if k > 1:
        height, width = image.shape[:2]
        small = (max(1, width // k), max(1, height // k))
        image = cv2.resize(image, small, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        scale = np.array([small[0] / width, small[1] / height])
        matrix = fit_similarity((landmarks + 0.5) * scale - 0.5, cut.points)
    size = (cut.side, cut.side)
    return cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def with_mirrors(views: list[Pixels]) -> list[Pixels]:
    """Return the views and their mirror images: what a net says of all of them is steadier than of one."""
    return [*views, *(np.ascontiguousarray(view[:, ::-1]) for view in views)]


def unit_mean(vectors: npt.NDArray[np.floating]) -> Vectors:
    """Return the mean of the rows, of length 1."""
    mean = np.asarray(vectors, np.float64).mean(axis=0)
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length if length > 0 else mean, np.float32)
