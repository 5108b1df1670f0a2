"""Other ways from a photo to a face, from PyPI, each behind one function that is called with the photo's pixels."""

import importlib
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.face_measures import Find
from dataset.face.detection import Detection
from dataset.face.find import FoundFace, find_faces
from dataset.face.settings import FaceSettings


@dataclass(frozen=True)
class Peer:
    """A detector by name, and how it is loaded; loading raises where it is not installed."""

    name: str
    load: Callable[[], Find]


class _Boxes:
    """facenet_pytorch's MTCNN as a detector of ours."""

    def __init__(self) -> None:
        _stand_in_for_torchvision()
        net: Any = importlib.import_module("facenet_pytorch")
        self._net = net.MTCNN(keep_all=True, device="cpu")

    def detect(self, image: npt.NDArray[np.uint8]) -> list[Detection]:
        boxes, scores, points = self._net.detect(image, landmarks=True)
        if boxes is None:
            return []
        return [
            Detection(box[0], box[1], box[2] - box[0], box[3] - box[1], float(score), np.asarray(five, np.float64))
            for box, score, five in zip(boxes.astype(float), scores, points, strict=True)
        ]


def _mtcnn() -> Find:
    detector, settings = _Boxes(), FaceSettings(refine_eyes=False)
    return lambda image: find_faces(image, settings, detector=detector)


def _of_ours(name: str, *, refine: bool) -> Callable[[], Find]:
    def load() -> Find:
        from dataset.face.detectors import load_detector

        settings = FaceSettings(detector=name, refine_eyes=refine)
        load_detector(name, settings.detection_side)

        def find(image: npt.NDArray[np.uint8]) -> list[FoundFace]:
            return find_faces(image, settings)

        return find

    return load


PEERS = (
    Peer("dlib, 68 points", _of_ours("dlib", refine=False)),
    Peer("MTCNN (facenet-pytorch)", _mtcnn),
    Peer("face_alignment (sfd, FAN)", _of_ours("face_alignment", refine=False)),
)


def _stand_in_for_torchvision() -> None:
    """Give MTCNN the one function it takes from torchvision, where that is not installed or does not load."""
    try:
        importlib.import_module("torchvision.ops.boxes")
        return
    except Exception:  # noqa: BLE001  a build for another torch raises what it likes
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
    names = ("torchvision", "torchvision.transforms", "torchvision.transforms.functional", "torchvision.ops")
    made = {name: types.ModuleType(name) for name in (*names, "torchvision.ops.boxes")}
    made["torchvision.transforms"].functional = made["torchvision.transforms.functional"]  # type: ignore[attr-defined]
    made["torchvision.ops.boxes"].batched_nms = _batched_nms  # type: ignore[attr-defined]
    sys.modules.update(made)


def _batched_nms(boxes: Any, scores: Any, groups: Any, overlap: float) -> Any:
    """Return the places of the boxes that stay when of each group's overlapping ones the best is kept."""
    import torch

    if len(boxes) == 0:
        return torch.empty(0, dtype=torch.long)
    moved = boxes + (groups.to(boxes) * (boxes.max() + 1))[:, None]
    left, top, right, bottom = moved.unbind(1)
    area = (right - left) * (bottom - top)
    kept, order = [], scores.argsort(descending=True)
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        across = (torch.minimum(right[best], right[order]) - torch.maximum(left[best], left[order])).clamp(min=0)
        down = (torch.minimum(bottom[best], bottom[order]) - torch.maximum(top[best], top[order])).clamp(min=0)
        shared = across * down
        order = order[shared / (area[best] + area[order] - shared) <= overlap]
    return torch.stack(kept)
