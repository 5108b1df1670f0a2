"""face_alignment, of the extra `face-alignment`: FAN's 68 points with their scores, on boxes of its own detectors.

Its weights are 95 MB and are not in the package. Nothing is downloaded here: they are files of the folder that
`weights` of [curate.faces] names, or of torch's cache, where face_alignment puts them when it is used by itself.
API: face_alignment/api.py, version 1.5.

Bulat, Tzimiropoulos: How far are we from solving the 2D & 3D Face Alignment problem? ICCV 2017.
"""

import importlib
import importlib.util
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from agegap.errors import BadInputFile, WrongUse
from dataset.face.detection import Detection, five_of_68, five_scores

FAN_FILE = "2DFAN4-11f355bf06.pth.tar"
BOX_FILES: Mapping[str, tuple[str, ...]] = {
    "sfd": ("s3fd-619a316812.pth",),
    "blazeface": ("blazeface.pth", "anchors.npy"),
    "yunet": (),  # the file that YuNet here uses too
}
"""What each of its detectors needs beside FAN."""


def cache_folder() -> Path:
    """Return where torch keeps downloaded weights: below TORCH_HOME, else XDG_CACHE_HOME/torch, else ~/.cache/torch."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("TORCH_HOME") or cache / "torch").expanduser() / "hub" / "checkpoints"


class Fan:
    """face_alignment with one of its own detectors; not for use by two threads at once."""

    def __init__(self, box_detector: str = "sfd", *, side: int = 448, weights: str = "") -> None:
        if importlib.util.find_spec("face_alignment") is None:
            raise WrongUse("the detector 'face_alignment' is not installed; run `pip install 'agegap[face-alignment]'`")
        folder = Path(weights).expanduser() if weights else cache_folder()
        missing = [name for name in (FAN_FILE, *BOX_FILES[box_detector]) if not (folder / name).is_file()]
        if missing:
            raise WrongUse(
                f"the detector 'face_alignment' needs its weights: put {' and '.join(missing)} into {folder}, "
                "or name their folder as `weights` of [curate.faces]"
            )
        self.side = side
        self._net = _load(box_detector, folder)

    def detect(self, image: npt.NDArray[np.uint8]) -> list[Detection]:
        """Return the faces of `image` (uint8 RGB HWC), looked for at longest side `side`."""
        height, width = image.shape[:2]
        scale = min(1.0, self.side / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        boxes = [np.asarray(box, np.float64) for box in self._net.face_detector.detect_from_image(small.copy())]
        # A box without extent would give a crop without pixels.
        boxes = [box for box in boxes if np.isfinite(box).all() and box[2] - box[0] >= 1 and box[3] - box[1] >= 1]
        if not boxes:
            return []
        points, scores, _ = self._net.get_landmarks_from_image(
            small, detected_faces=boxes, return_bboxes=True, return_landmark_score=True
        )
        return [
            _detection(box, np.asarray(p, np.float64), np.asarray(s, np.float64)).scaled(1 / scale)
            for box, p, s in zip(boxes, points, scores, strict=True)
        ]


def _load(box_detector: str, folder: Path) -> Any:
    import torch

    from dataset.face.yunet import model_path

    face_alignment: Any = importlib.import_module("face_alignment")

    class FromFile(face_alignment.FaceAlignment):  # type: ignore[misc]  # the package has no types
        """FaceAlignment that takes its net from our folder: its own loader would ask the network."""

        def _load_native(self, network_name: str, network_size: int, device: str, dtype: Any) -> Any:
            net = importlib.import_module("face_alignment.models").FAN(network_size)
            net.load_state_dict(torch.load(folder / FAN_FILE, map_location=device, weights_only=True))
            return net.to(device, dtype=dtype).eval()

    names = BOX_FILES[box_detector]
    files = [folder / name for name in names] if names else [model_path()]
    keywords = dict(zip(("path_to_detector", "path_to_anchor"), map(str, files), strict=False))
    try:
        return FromFile(
            face_alignment.LandmarksType.TWO_D,
            device="cpu",
            flip_input=False,  # twice the time, and the same crop by eye
            face_detector=box_detector,
            face_detector_kwargs=keywords,
            compile=False,  # minutes of compiling for each worker process
        )
    except (RuntimeError, OSError, EOFError, ValueError, pickle.UnpicklingError) as fault:
        raise BadInputFile(
            folder, f"the weights of 'face_alignment' cannot be loaded ({one_line(fault)})", "fetch them again"
        ) from None


def one_line(fault: Exception) -> str:
    """Return the first words of an error that may be a page long."""
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0][:120]


def _detection(
    box: npt.NDArray[np.float64], points: npt.NDArray[np.float64], scores: npt.NDArray[np.float64]
) -> Detection:
    left, top, right, bottom = (float(v) for v in box[:4])
    return Detection(
        x=left,
        y=top,
        width=right - left,
        height=bottom - top,
        score=float(np.clip(box[4], 0, 1)),
        landmarks=five_of_68(points),
        points=points,
        landmark_score=float(np.clip(five_scores(scores).min(), 0, 1)),
    )
