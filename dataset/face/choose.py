"""Which of several faces a photo is about: the rules by name, one line each."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from dataset.face.detection import Detection
from dataset.face.settings import MainFace

SAME_SIZE = 0.8
"""Faces whose side is at least this share of the largest one's are told apart by their place, not their size."""

Middle = npt.NDArray[np.float64]


def rank_faces(
    faces: Sequence[Detection], *, width: float, height: float, rule: MainFace = "largest"
) -> list[Detection]:
    """Return the faces of a photo of `width` x `height`, the one it is about first, the others by size.

    `subject` is decided later, from stored faces (curation/face_subjects.py); here it is `largest`.
    """
    by_size = sorted(faces, key=_side, reverse=True)
    if not by_size:
        return []
    lead = _RULES[rule](by_size, np.array([width / 2, height / 2]))
    return [lead, *(face for face in by_size if face is not lead)]


def _largest(by_size: Sequence[Detection], centre: Middle) -> Detection:
    """Return the largest; of those about as large, the one nearest to the centre."""
    return _most_central([face for face in by_size if _side(face) >= SAME_SIZE * _side(by_size[0])], centre)


def _most_central(faces: Sequence[Detection], centre: Middle) -> Detection:
    return min(faces, key=lambda face: float(np.linalg.norm(_middle(face) - centre)))


def _best_score(by_size: Sequence[Detection], centre: Middle) -> Detection:
    return max(by_size, key=lambda face: face.score)


_RULES: dict[MainFace, Callable[[Sequence[Detection], Middle], Detection]] = {
    "largest": _largest,
    "centre": _most_central,
    "best_score": _best_score,
    "subject": _largest,
}


def _side(face: Detection) -> float:
    return float(np.sqrt(max(face.width, 0.0) * max(face.height, 0.0)))


def _middle(face: Detection) -> Middle:
    return np.array([face.x + face.width / 2, face.y + face.height / 2])
