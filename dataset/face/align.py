"""Five points to an upright 128x128 crop.

A similarity (rotation, one scale, shift) is fitted by least squares from the five points to a template
(Umeyama 1991, without reflection). The ArcFace points are those of insightface `utils/face_align.py`.
"""

import cv2
import numpy as np
import numpy.typing as npt

from dataset.face.settings import Template

CROP_SIDE = 128

# Eyes, nose tip, corners of the mouth in a 112 x 112 crop.
ARCFACE_112 = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]
)
_AGE_SHRINK = 1.4  # the 40 % margin of age work (IMDB-WIKI, APPA-REAL): hairline and chin stay in the crop

# What an aligned UTKFace chip (200 pixels, 78 between the eyes) still holds; measured 2026 on 300 chips. An `age` crop
# of such a chip is photo in 58 % of its side only, the rest is border.
_CLOSE_EYE_DISTANCE = 46.0
_CLOSE_EYE_MIDDLE = np.array([64.0, 36.0])


def _age_template() -> npt.NDArray[np.float64]:
    centre = CROP_SIDE / 2
    scaled = ARCFACE_112 * (CROP_SIDE / 112)
    return np.asarray((scaled - centre) / _AGE_SHRINK + centre)


def _close_template() -> npt.NDArray[np.float64]:
    eyes = ARCFACE_112[:2]
    scale = _CLOSE_EYE_DISTANCE / np.linalg.norm(eyes[1] - eyes[0])
    return np.asarray((ARCFACE_112 - eyes.mean(axis=0)) * scale + _CLOSE_EYE_MIDDLE)


TEMPLATES: dict[Template, npt.NDArray[np.float64]] = {
    "age": _age_template(),
    # insightface at 128: the same scale as at 112, 8 pixels further right, cut wider.
    "tight": ARCFACE_112 + np.array([8.0, 0.0]),
    "close": _close_template(),
}
"""Where the five points lie in the crop, (5, 2) x, y."""


def fit_similarity(source: npt.NDArray[np.float64], target: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the (2, 3) matrix [[a, -b, tx], [b, a, ty]] that takes `source` nearest to `target`, both (n, 2).

    Raises ValueError when all source points are one.
    """
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    # As complex numbers the fit is one division: w = sum(conj(p) q) / sum(|p|^2).
    p = (source - source_mean) @ np.array([1, 1j])
    q = (target - target_mean) @ np.array([1, 1j])
    spread = float(np.vdot(p, p).real)
    if spread <= 0:
        raise ValueError("the points coincide")
    w = np.vdot(p, q) / spread
    rotation = np.array([[w.real, -w.imag], [w.imag, w.real]])
    return np.column_stack([rotation, target_mean - rotation @ source_mean])


def align_face(
    image: npt.NDArray[np.uint8], landmarks: npt.NDArray[np.float64], *, template: Template = "age"
) -> npt.NDArray[np.uint8]:
    """Return the face of `image` (uint8 RGB HWC) with these five points as a uint8 (128, 128, 3) crop.

    Where the crop reaches over the edge of the photo, its last pixels are repeated: mirroring would show a second pair
    of eyes above a tight crop.
    """
    return cut_out(image, fit_similarity(landmarks, TEMPLATES[template]), (CROP_SIDE, CROP_SIDE))


def cut_out(
    image: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64], size: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """Return what `matrix` (a similarity, photo to crop) shows of `image` in a crop of `size` (width, height)."""
    patch, matrix = _cut_patch(image, matrix, size)
    crop = cv2.warpAffine(patch, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return crop.astype(np.uint8, copy=False)


def _cut_patch(
    image: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64], size: tuple[int, int]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """Return the part of the photo the crop needs, shrunk by a whole factor, and the matrix from there to the crop.

    warpAffine reads four pixels for each one it writes: a face many times as large as the crop would alias. Averaging
    blocks of k x k pixels first leaves less than a factor of two to it.
    """
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    k = max(1, int(1 / scale))
    if k == 1:
        return image, matrix
    inverse = cv2.invertAffineTransform(matrix)
    across, down = size
    corners = np.array([(0, 0, 1), (across, 0, 1), (0, down, 1), (across, down, 1)]) @ inverse.T
    height, width = image.shape[:2]
    left, top = (max(0, int(v) - 2 * k) for v in corners.min(axis=0))
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 2 * k, (width, height))
    columns, rows = (int(right) - left) // k, (int(bottom) - top) // k
    if columns < 2 or rows < 2:
        return image, matrix
    patch = image[top : top + rows * k, left : left + columns * k]
    patch = cv2.resize(patch, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    # The centre of small pixel i is k * i + (k - 1) / 2 of the patch.
    offset = np.array([left, top]) + (k - 1) / 2
    linear = matrix[:, :2]
    return patch, np.column_stack([linear * k, linear @ offset + matrix[:, 2]])
