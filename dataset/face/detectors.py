"""The detectors by name; one line each. A detector is loaded once in a process and kept."""

import functools
from collections.abc import Callable

from agegap.errors import UnknownName
from dataset.face.detection import Detector


def _yunet(side: int, weights: str) -> Detector:
    from dataset.face.yunet import YuNet

    return YuNet(side=side)


def _dlib(side: int, weights: str) -> Detector:
    from dataset.face.dlib_hog import DlibHog

    return DlibHog(side=side)


def _fan(detector: str) -> Callable[[int, str], Detector]:
    def load(side: int, weights: str) -> Detector:
        from dataset.face.fan import Fan

        return Fan(detector, side=side, weights=weights)

    return load


DETECTORS: dict[str, Callable[[int, str], Detector]] = {
    "yunet": _yunet,
    "dlib": _dlib,
    # face_alignment's 68 points, on boxes of one of its own detectors.
    "face_alignment": _fan("sfd"),
    "face_alignment-blazeface": _fan("blazeface"),
    "face_alignment-yunet": _fan("yunet"),
}


@functools.lru_cache(maxsize=4)
def load_detector(name: str, side: int, weights: str = "") -> Detector:
    """Return this process's detector `name` that looks at photos shrunk to longest side `side`.

    `weights` is the folder of its files, for a detector whose package does not carry them. Raises UnknownName, or
    WrongUse where the detector's package or its weights are not installed.
    """
    if name not in DETECTORS:
        raise UnknownName("detector", name, DETECTORS)
    return DETECTORS[name](side, weights)
