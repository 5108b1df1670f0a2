"""Whether two crops are one picture, where their hashes leave a doubt."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dataset.images import ImageRefused, read_crop

_SIDE = 32  # pixels: enough to see another expression, too few to see another JPEG quality
_HELD = 20_000  # crops held small, 4 kB each

Grey = NDArray[np.float32]


class CropReader:
    """Reads crops by face id as small grey pictures, and holds the last ones."""

    def __init__(self, data: Path, paths: dict[int, str]) -> None:
        self._data, self._paths = data, paths
        self._held: dict[int, Grey | None] = {}

    def read(self, face_id: int) -> Grey | None:
        """Return the crop of a face, float32 (32, 32); None where there is none that can be read."""
        if face_id not in self._held:
            if len(self._held) >= _HELD:
                self._held.pop(next(iter(self._held)))
            self._held[face_id] = self._load(face_id)
        return self._held[face_id]

    def _load(self, face_id: int) -> Grey | None:
        if face_id not in self._paths:
            return None
        try:
            return small_grey(read_crop(self._data / self._paths[face_id]))
        except ImageRefused:
            return None


def small_grey(crop: NDArray[np.uint8]) -> Grey:
    """Return `crop` (uint8 RGB) as float32 grey (32, 32)."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)


def are_same_picture(one: Grey | None, other: Grey | None, *, least: float) -> bool:
    """Return whether the pixels of two crops correlate by at least `least`; brightness and contrast do not count.

    An even picture correlates with nothing.
    """
    return one is not None and other is not None and correlation(one, other) >= least


def correlation(one: Grey, other: Grey) -> float:
    """Return the correlation of two pictures' pixels, -1..1; 0 where one is even."""
    a, b = one - one.mean(), other - other.mean()
    scale = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float((a * b).sum()) / scale if scale > 1e-6 else 0.0
