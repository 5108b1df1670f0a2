"""Eye centres, found again in the pixels: a detector's points are some 5 % of the eye distance off.

An eye is a dark disc (iris and pupil) in something lighter. In an upright view of the face each place near a detector's
eye is scored by how much darker a disc of iris size is than the ring around it; that, and how far detectors usually
err, give each place a weight, and the centre is the mean place. Nothing is learned but five numbers (below): there are
no weights and no training photos. Closed eyes and dark glasses leave the places alike, and the eye about where the
detector saw it.

Near to the idea of Valenti and Gevers, Accurate Eye Center Location through Invariant Isocentric Patterns, PAMI 2012.
"""

import functools

import cv2
import numpy as np
import numpy.typing as npt

from dataset.face.align import ARCFACE_112, cut_out, fit_similarity

Floats = npt.NDArray[np.float64]
Scores = npt.NDArray[np.float32]

# All in pixels of the view, in which the eyes are EYE_DISTANCE apart.
EYE_DISTANCE = 48.0
_VIEW = (128, 96)
_EYE_MIDDLE = np.array([64.0, 48.0])
_REACH = 10  # a detector errs by more in one face of two hundred
_SURROUNDINGS = 37  # side of the square whose light and contrast a pixel is measured by

# Chosen by the mean error of the first half of FG-NET's people (every other one), kept by the second half.
IRIS_RADIUS = 4.5
RING_WIDTH = 4.0
PRIOR = (2.8, 2.4)
"""Standard deviation of a detector's eye along the eye line and across it."""
WEIGHT = 10.0
"""How much a disc that is darker by the contrast of its surroundings counts, as a logarithm."""


def refine_eyes(image: npt.NDArray[np.uint8], landmarks: Floats) -> Floats:
    """Return the five points with the two eyes moved to the middle of the iris; `image` is uint8 RGB HWC."""
    to_view = fit_similarity(landmarks, _template())
    view = cv2.cvtColor(cut_out(image, to_view, _VIEW), cv2.COLOR_RGB2GRAY)
    discs = _darker_discs(view.astype(np.float32))
    seen = landmarks[:2] @ to_view[:, :2].T + to_view[:, 2]
    eyes = np.array([_settle(discs, eye) for eye in seen])
    back = cv2.invertAffineTransform(to_view)
    return np.vstack([eyes @ back[:, :2].T + back[:, 2], landmarks[2:]])


def _settle(discs: Scores, eye: Floats) -> Floats:
    """Return the mean place of the eye that was seen at `eye`; `eye` itself where the view does not hold it."""
    column, row = (int(v) for v in np.rint(eye))
    height, width = discs.shape
    if not (_REACH <= column < width - _REACH and _REACH <= row < height - _REACH):
        return eye
    near = discs[row - _REACH : row + _REACH + 1, column - _REACH : column + _REACH + 1].astype(np.float64)
    steps = np.arange(-_REACH, _REACH + 1)
    along = (column + steps - eye[0]) / PRIOR[0]
    across = (row + steps - eye[1]) / PRIOR[1]
    log_weight = WEIGHT * near - (along[None, :] ** 2 + across[:, None] ** 2) / 2
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    return np.array([column + weight.sum(axis=0) @ steps, row + weight.sum(axis=1) @ steps])


def _darker_discs(grey: Scores) -> Scores:
    """Return by how much the disc around each pixel is darker than its ring, in contrasts of the surroundings."""
    side = (_SURROUNDINGS, _SURROUNDINGS)
    mean = cv2.boxFilter(grey, cv2.CV_32F, side, borderType=cv2.BORDER_REPLICATE)
    square = cv2.sqrBoxFilter(grey, cv2.CV_32F, side, borderType=cv2.BORDER_REPLICATE)
    contrast = np.sqrt(np.maximum(square - mean * mean, 4.0))  # 2 grey levels: below it there is only noise
    even = ((grey - mean) / contrast).astype(np.float32)
    found = cv2.filter2D(even, cv2.CV_32F, _disc_and_ring(), borderType=cv2.BORDER_REPLICATE)
    return found.astype(np.float32, copy=False)


@functools.cache
def _disc_and_ring() -> Scores:
    reach = int(np.ceil(IRIS_RADIUS + RING_WIDTH))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    far = np.hypot(x, y)
    disc = np.clip(IRIS_RADIUS + 0.5 - far, 0, 1)
    both = np.clip(IRIS_RADIUS + RING_WIDTH + 0.5 - far, 0, 1)
    ring = both - disc
    return np.asarray(ring / ring.sum() - disc / disc.sum(), np.float32)


@functools.cache
def _template() -> Floats:
    eyes = ARCFACE_112[:2]
    scale = EYE_DISTANCE / np.linalg.norm(eyes[1] - eyes[0])
    return np.asarray((ARCFACE_112 - eyes.mean(axis=0)) * scale + _EYE_MIDDLE)
