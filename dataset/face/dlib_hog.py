"""dlib's detector with its 68 points, of the extra `dlib`: slower than YuNet, blind to profiles, finds frontal faces.

The 68-point file comes with the `face_recognition_models` wheel. It was trained on iBUG 300-W, whose terms are said to
exclude commercial use. API: http://dlib.net/python/index.html.
"""

import importlib
import importlib.util
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from agegap.errors import WrongUse
from dataset.face.detection import Detection, five_of_68

POINTS_FILE = "shape_predictor_68_face_landmarks.dat"
_LEAST_MARGIN = -0.3  # below dlib's own threshold of 0: doubtful faces are stored with their low score


def points_path() -> Path:
    """Return the file of the 68 points inside `face_recognition_models`, which is not imported; raise WrongUse."""
    spec = importlib.util.find_spec("face_recognition_models")  # importing it needs pkg_resources, which is gone
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "models" / POINTS_FILE
        if path.is_file():
            return path
    raise WrongUse(f"the detector 'dlib' needs {POINTS_FILE}; run `pip install 'agegap[dlib]'`")


class DlibHog:
    """dlib's frontal face detector and shape predictor; not for use by two threads at once."""

    def __init__(self, *, side: int = 448) -> None:
        try:
            dlib = importlib.import_module("dlib")
        except ModuleNotFoundError:
            raise WrongUse("the detector 'dlib' is not installed; run `pip install 'agegap[dlib]'`") from None
        self.side = side
        self._find: Any = dlib.get_frontal_face_detector()
        self._place: Any = dlib.shape_predictor(str(points_path()))

    def detect(self, image: npt.NDArray[np.uint8]) -> list[Detection]:
        """Return the faces of `image` (uint8 RGB HWC), looked for at longest side `side`, twice enlarged if small."""
        height, width = image.shape[:2]
        scale = min(1.0, self.side / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        small = np.ascontiguousarray(small)
        # Its smallest face has 80 pixels: a picture that is shown small has to be enlarged.
        boxes, margins, _ = self._find.run(small, 1 if max(size) <= 512 else 0, _LEAST_MARGIN)
        return [
            self._detection(small, box, margin).scaled(1 / scale) for box, margin in zip(boxes, margins, strict=True)
        ]

    def _detection(self, image: npt.NDArray[np.uint8], box: Any, margin: float) -> Detection:
        shape = self._place(image, box)
        points = np.array([(point.x, point.y) for point in shape.parts()], dtype=np.float64)
        return Detection(
            x=float(box.left()),
            y=float(box.top()),
            width=float(box.width()),
            height=float(box.height()),
            score=score_of_margin(margin),
            landmarks=five_of_68(points),
            points=points,
        )


def score_of_margin(margin: float) -> float:
    """Return the distance from dlib's threshold as a score: 0.73 at the threshold itself, 0.95 one above it."""
    return 1 / (1 + math.exp(-(1 + 2 * margin)))
