"""The detectors by name; one line each. A detector is loaded once in a process and kept."""

import functools
from collections.abc import Callable

from agegap.errors import UnknownName
from dataset.face.detection import Detector


def _yunet(side: int) -> Detector:
    from dataset.face.yunet import YuNet

    return YuNet(side=side)


DETECTORS: dict[str, Callable[[int], Detector]] = {
    "yunet": _yunet,
}


@functools.lru_cache(maxsize=4)
def load_detector(name: str, side: int) -> Detector:
    """Return this process's detector `name` that looks at photos shrunk to longest side `side`.

    Raises UnknownName, or WrongUse where the detector's package is not installed.
    """
    if name not in DETECTORS:
        raise UnknownName("detector", name, DETECTORS)
    return DETECTORS[name](side)
