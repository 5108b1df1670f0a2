"""Any recognition net in an ONNX file that takes aligned 112x112 faces, as those of insightface do.

onnxruntime runs it where it is installed (the extra `onnx`), OpenCV otherwise. The net belongs to whoever names the
file: nothing is downloaded, and its terms are for them to keep.
"""

import hashlib
import importlib.util
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from agegap.errors import BadInputFile
from dataset.face.align import TEMPLATES
from dataset.face.embedders.embedder import Cut, Pixels, Vectors, cut_face, unit_mean, with_mirrors

SIDE = 112
# insightface `utils/face_align.py`: the template of the crops by name is 8 pixels further right.
_CUT = Cut(SIDE, TEMPLATES["tight"] - np.array([8.0, 0.0]))
_MIDDLE = 127.5  # insightface `model_zoo/arcface_onnx.py`: (pixel - 127.5) / 127.5, RGB
_NAME_DIGITS = 16

Net = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]


class OnnxFile:
    """A net from a file; its name is the hash of the file, so vectors of two nets are never compared."""

    def __init__(self, path: Path) -> None:
        try:
            content = path.read_bytes()
        except OSError as fault:
            raise BadInputFile(path, f"cannot be read ({fault.strerror})", "name an ONNX file") from None
        self.name = f"onnx-{hashlib.sha256(content).hexdigest()[:_NAME_DIGITS]}"
        try:
            self._net = _onnxruntime(content) if importlib.util.find_spec("onnxruntime") else _opencv(content)
            shape = self._net(np.zeros((1, 3, SIDE, SIDE), np.float32)).shape
        except Exception as fault:  # noqa: BLE001  both engines have errors of their own; the file is the user's
            words = str(fault).strip().splitlines() or [type(fault).__name__]
            raise BadInputFile(
                path, f"is no net that takes 1x3x{SIDE}x{SIDE} faces ({words[0][:160]})", "name another ONNX file"
            ) from None
        if len(shape) != 2 or shape[0] != 1 or shape[1] < 2:
            raise BadInputFile(path, f"answers with the shape {shape}, not with one vector a face", "name another net")

    def embed(self, image: Pixels, landmarks: npt.NDArray[np.float64]) -> Vectors:
        """Return the mean vector of one face and its mirror image."""
        views = np.stack(with_mirrors([cut_face(image, landmarks, _CUT)])).astype(np.float32)
        planes = np.ascontiguousarray(((views - _MIDDLE) / _MIDDLE).transpose(0, 3, 1, 2))
        return unit_mean(np.concatenate([self._net(planes[i : i + 1]) for i in range(len(planes))]))


def _onnxruntime(content: bytes) -> Net:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # one process a core
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda planes: np.asarray(session.run(None, {name: planes})[0], np.float32)


def _opencv(content: bytes) -> Net:
    net = cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))

    def run(planes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        net.setInput(planes)
        return np.asarray(net.forward(), np.float32)

    return run
