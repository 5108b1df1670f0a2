"""Found faces against FG-NET's marked points: the right one, too many, eyes off."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dataset.face.find import FoundFace
from dataset.images import read_image

EYES, MOUTH = (31, 36), 66
Find = Callable[[npt.NDArray[np.uint8]], Sequence[FoundFace]]


@dataclass(frozen=True, eq=False)
class MarkedPhoto:
    """A photo of one person with marked eye centres and mouth."""

    path: Path
    subject: str
    eyes: npt.NDArray[np.float64]
    """(2, 2) x, y, the one on the left of the photo first."""
    mouth: npt.NDArray[np.float64]


def read_marked(folder: Path) -> list[MarkedPhoto]:
    """Return the photos of `folder`/images with the points of `folder`/points, in order of name."""
    found = []
    for path in sorted((folder / "images").iterdir()):
        marks = folder / "points" / f"{path.stem.lower()}.pts"
        numbers = marks.read_text().split("{")[1].split("}")[0].split()
        points = np.array(numbers, dtype=float).reshape(68, 2)
        found.append(MarkedPhoto(path, path.stem[:3], points[list(EYES)], points[MOUTH]))
    return found


def measure(marked: Sequence[MarkedPhoto], find: Find) -> dict[str, Any]:
    """Return the share of photos whose kept face's box holds eyes and mouth, of further sure faces, and eye errors.

    Errors are in percent of the distance of the marked eyes, a number an eye; `first` and `second` are every other
    person: what was chosen on the first half has to hold on the second.
    """
    right = further = 0
    errors: list[npt.NDArray[np.float64]] = []
    for photo in marked:
        faces = find(read_image(photo.path))
        kept = [face for face in faces if face.drop_reason is None]
        further += sum(face.drop_reason in (None, "other_face") for face in faces) - bool(kept)
        right += any(_holds(face, photo) for face in kept)
        distance = np.linalg.norm(photo.eyes[1] - photo.eyes[0])
        off = [np.linalg.norm(face.detection.landmarks[:2] - photo.eyes, axis=1) / distance for face in kept]
        errors.append(100 * off[0] if off else np.full(2, np.nan))
    people = sorted({photo.subject for photo in marked})
    is_first = np.array([people.index(photo.subject) % 2 == 0 for photo in marked])
    table = np.array(errors)
    return {
        "right_face_percent": round(100 * right / len(marked), 2),
        "further_faces_percent": round(100 * further / len(marked), 2),
        "eye_error_median": _median(table),
        "first": _median(table[is_first]),
        "second": _median(table[~is_first]),
        "eye_error_p95": round(float(np.nanpercentile(table, 95)), 2),
    }


def _holds(face: FoundFace, photo: MarkedPhoto) -> bool:
    seen = face.detection
    points = np.vstack([photo.eyes, photo.mouth])
    low, high = np.array([seen.x, seen.y]), np.array([seen.x + seen.width, seen.y + seen.height])
    return bool(((points >= low) & (points <= high)).all())


def _median(table: npt.NDArray[np.float64]) -> float:
    return round(float(np.nanmedian(table)), 2)
