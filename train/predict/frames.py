"""Frames of a video file or a camera, one at a time."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from agegap.errors import BadInputFile, WrongUse
from dataset.images import DEFAULT_LIMITS

LOOKS_PER_SECOND = 5
"""Looks at a video where the user says nothing: enough that the boxes of a walking person overlap."""

_USUAL_RATE = 25.0  # frames a second where the file does not say
_SANE_RATE = 1000.0


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame that is looked at: uint8 RGB HWC, seconds from the start."""

    pixels: NDArray[np.uint8]
    time_s: float


def look_at_frames(source: Path | int, *, every: int | None = None, seconds: float | None = None) -> Iterator[Frame]:
    """Yield every n-th frame of a video file, or of camera number `source`, for at most `seconds`.

    Without `every` five frames a second. Raises BadInputFile for a file that holds no video, WrongUse for a camera that
    does not answer. A file that breaks off ends where it does; a camera ends with Ctrl-C, and that is no fault.
    """
    with _opened(source) as capture, _until_interrupted(isinstance(source, int)) as stopped:
        rate = capture.get(cv2.CAP_PROP_FPS)
        rate = rate if 0 < rate < _SANE_RATE else _USUAL_RATE
        step = every or max(1, round(rate / LOOKS_PER_SECOND))
        started = time.monotonic()
        number = 0
        while not stopped.is_set() and capture.grab():
            now = time.monotonic() - started if isinstance(source, int) else number / rate
            if seconds is not None and now >= seconds:
                return
            if number % step == 0:
                is_read, bgr = capture.retrieve()
                if is_read:
                    yield Frame(_checked(np.asarray(bgr, np.uint8), source), round(now, 3))
            number += 1
        if number == 0:
            raise _unreadable(source)


@contextmanager
def _opened(source: Path | int) -> Iterator[cv2.VideoCapture]:
    # FFmpeg writes its own complaints to standard error; ours is one sentence. Nothing but files is to be opened.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        capture = cv2.VideoCapture(source) if isinstance(source, int) else cv2.VideoCapture(str(source), cv2.CAP_FFMPEG)
    finally:
        cv2.utils.logging.setLogLevel(level)
    try:
        if not capture.isOpened():
            raise _unreadable(source)
        yield capture
    finally:
        capture.release()


@contextmanager
def _until_interrupted(is_wanted: bool) -> Iterator[threading.Event]:
    """Yield what Ctrl-C sets instead of raising, so that whoever is still in the picture is answered too."""
    stopped = threading.Event()
    if not is_wanted or threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    before = signal.signal(signal.SIGINT, lambda _number, _frame: stopped.set())
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _checked(bgr: NDArray[np.uint8], source: Path | int) -> NDArray[np.uint8]:
    height, width = bgr.shape[:2]
    if width * height > DEFAULT_LIMITS.max_megapixels * 1e6:
        raise BadInputFile(source, f"frames of {width}x{height} pixels", "name a smaller video")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def _unreadable(source: Path | int) -> BadInputFile | WrongUse:
    if isinstance(source, int):
        return WrongUse(f"camera {source} gives no picture; plug it in, or name another number with --camera")
    return BadInputFile(source, "cannot be read as a video", "name a video file such as .mp4, .mov, .avi or .webm")
