"""F5: how much of forehead, eyelids, upper cheeks and eye corners is an edge of Canny's. Reference equations 1.5."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dataset.face.align import fit_similarity
from train.geometric.landmarks import Crop, Landmarks
from train.geometric.settings import Box, GeometricSettings

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]

REGIONS = ("forehead", "eyelid", "cheek", "eye_corner")
PAIRED = REGIONS[1:]
"""Regions with one box on each side of the face."""

# The view reaches so many eye distances to each side, above and below the eye line: beyond every box.
_ACROSS, _ABOVE, _BELOW = 1.3, 1.2, 1.2

_MEAN, _SPREAD = 128.0, 40.0  # grey level and deviation that the boxes of every view are brought to
_LEAST_SPREAD = 4.0  # below it there is only noise to enlarge


@dataclass(frozen=True, eq=False)
class View:
    """A face upright and at one scale: grey, its edges, where the crop reaches, and how the boxes lie in it."""

    grey: Grey
    edges: Mask
    inside: Mask
    boxes: dict[str, tuple[tuple[int, int, int, int], ...]]
    """Left, top, right, bottom in pixels; right and bottom are not included. One box a region, or one a side."""


def wrinkle_shares(crop: Crop, points: Landmarks, settings: GeometricSettings) -> NDArray[np.float64]:
    """Return the share of edge pixels of forehead, eyelids, cheeks and eye corners, (4,).

    A pair of boxes gives the sum of both shares, so that F5 is the sum of the four. Of a box that reaches over the edge
    of the crop only what is inside counts; a box that is wholly outside has a share of 0.
    """
    view = look(crop, points, settings)
    return np.array([sum(_share(view, box) for box in view.boxes[name]) for name in REGIONS])


def look(crop: Crop, points: Landmarks, settings: GeometricSettings) -> View:
    """Return the upright view of a face, with its edges."""
    unit = settings.view_eyes
    width, height = round(2 * _ACROSS * unit), round((_ABOVE + _BELOW) * unit)
    middle = np.array([_ACROSS, _ABOVE]) * unit
    half = np.array([unit / 2, 0.0])
    matrix = fit_similarity(np.array([points.left_eye, points.right_eye]), np.array([middle - half, middle + half]))
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    shown = cv2.warpAffine(grey, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpAffine(np.full_like(grey, 255), matrix, (width, height), flags=cv2.INTER_NEAREST) > 0
    boxes = {name: _boxes(getattr(settings, name), name in PAIRED, middle, unit) for name in REGIONS}
    even = _even(shown.astype(np.uint8, copy=False), boxes)
    if settings.blur_sigma:
        even = cv2.GaussianBlur(even, (0, 0), settings.blur_sigma).astype(np.uint8, copy=False)
    edges = cv2.Canny(even, settings.canny_low, settings.canny_high, L2gradient=True) > 0
    # The border of the crop is no wrinkle, nor is what its repeated pixels draw.
    reach = cv2.erode(inside.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=1) > 0
    return View(even, edges & reach, reach, boxes)


def _boxes(box: Box, is_paired: bool, middle: NDArray[np.float64], unit: int) -> tuple[tuple[int, int, int, int], ...]:
    left, top, right, bottom = box
    sides = [box, (-right, top, -left, bottom)] if is_paired else [box]
    placed = [np.rint(np.array(one).reshape(2, 2) * unit + middle).astype(int) for one in sides]
    return tuple((int(a[0]), int(a[1]), int(b[0]), int(b[1])) for a, b in placed)


def _even(grey: Grey, boxes: dict[str, tuple[tuple[int, int, int, int], ...]]) -> Grey:
    """Return the view with the skin of the boxes at one brightness and contrast: thresholds are grey levels."""
    skin = np.concatenate([_cut(grey, box).ravel() for of_region in boxes.values() for box in of_region]).astype(
        np.float64
    )
    spread = max(float(skin.std()), _LEAST_SPREAD) if len(skin) else _LEAST_SPREAD
    level = float(skin.mean()) if len(skin) else _MEAN
    even: Grey = np.clip((grey - level) * (_SPREAD / spread) + _MEAN, 0, 255).astype(np.uint8)
    return even


def _share(view: View, box: tuple[int, int, int, int]) -> float:
    area = int(_cut(view.inside, box).sum())
    return float(_cut(view.edges, box).sum()) / area if area else 0.0


def _cut(picture: NDArray[np.uint8] | Mask, box: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    left, top, right, bottom = box
    return np.asarray(picture[max(0, top) : max(0, bottom), max(0, left) : max(0, right)])
