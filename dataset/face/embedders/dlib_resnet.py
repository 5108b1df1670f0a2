"""dlib's face recognition ResNet (128 numbers a face): the extra `dlib`.

The net lies in the package `face-recognition-models`, which is not imported: it asks for `pkg_resources`, which newer
setuptools no longer have. Its 68-point landmark file is not read, for the training set of that one excludes commercial
use; its 5-point file is, which dlib's author made from his own pictures.
"""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agegap.errors import WrongUse
from dataset.face.embedders.embedder import Cut, Pixels, Vectors, cut_face, unit_mean, with_mirrors

MODEL_FILE = "dlib_face_recognition_resnet_model_v1.dat"
POINTS_FILE = "shape_predictor_5_face_landmarks.dat"
NAME = "dlib-resnet-v1-4"
"""The last number is how many views are averaged."""

# Where YuNet's five points come to lie in the chips that dlib itself cuts (150 pixels, padding 0.25), made symmetric;
# the medians over 373 LFW photos, measured 2026-11-22, less than a pixel apart for dlib's 5 and 68 points.
_POINTS = np.array([(46.6, 45.0), (102.4, 45.0), (74.5, 77.0), (50.4, 100.8), (98.6, 100.8)])
_SIDE = 150
CUT = Cut(_SIDE, _POINTS)
_MARGIN = 50
_AROUND = Cut(_SIDE + 2 * _MARGIN, _POINTS + _MARGIN)
# The square in which dlib's own points are looked for: YuNet's box in such a cut, the median over FG-NET and LFW.
_BOX_MIDDLE, _BOX_HALF = (74.5, 70.6), 65.5


def model_path(name: str = MODEL_FILE) -> Path:
    """Return a file of the installed package, which is not imported; raise WrongUse without it."""
    spec = importlib.util.find_spec("face_recognition_models")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "models" / name
        if path.is_file():
            return path
    raise WrongUse(f"dlib's file {name} is not installed; run `pip install 'agegap[dlib]'`")


class DlibResNet:
    """The net, loaded once; about 70 ms of CPU a view.

    A face is shown four times: cut by its stored points, cut by dlib's own five points, and both mirrored. The two cuts
    err independently: on FG-NET half as many impostors are left as with one of them.
    """

    name = NAME

    def __init__(self) -> None:
        try:
            import dlib
        except ImportError:
            raise WrongUse("the embedder needs the package dlib; run `pip install 'agegap[dlib]'`") from None
        self._dlib: Any = dlib
        self._net: Any = dlib.face_recognition_model_v1(str(model_path()))
        self._points: Any = dlib.shape_predictor(str(model_path(POINTS_FILE)))
        (x, y), half = _BOX_MIDDLE, _BOX_HALF
        corners = (x - half, y - half, x + half, y + half)
        self._box: Any = dlib.rectangle(*(round(value + _MARGIN) for value in corners))

    def embed(self, image: Pixels, landmarks: npt.NDArray[np.float64]) -> Vectors:
        """Return the mean vector of the views of one face."""
        plain = cut_face(image, landmarks, CUT)
        around = cut_face(image, landmarks, _AROUND)
        own = self._dlib.get_face_chip(around, self._points(around, self._box), size=_SIDE, padding=0.25)
        vectors = self._net.compute_face_descriptor(with_mirrors([plain, np.asarray(own, np.uint8)]))
        return unit_mean(np.array(vectors))
