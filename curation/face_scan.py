"""What a worker process does with one photo: read, find, align, measure, write the crops. No SQL here.

A crop is hashed as it is read back, after JPEG: the catalog describes the pixels that an export will get.
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agegap.files import atomic_path
from curation.face_paths import crop_path
from dataset.face.find import FoundFace, find_faces
from dataset.face.fingerprint import fingerprint
from dataset.face.reasons import DropReason
from dataset.face.settings import FaceSettings
from dataset.images import ImageLimits, ImageRefused, decode_crop, encode_crop, read_photo


@dataclass(frozen=True)
class ScanTask:
    """A photo to look at."""

    photo_id: int
    path: Path
    crop_folder: str
    """Below the data folder."""


@dataclass(frozen=True)
class ScanResult:
    """What was seen: rows of faces, the main one first, or why there are none."""

    photo_id: int
    faces: tuple[dict[str, Any], ...] = ()
    """Columns of `face`, less those that depend on the subject."""
    drop_reason: DropReason | None = None


def scan_photo(task: ScanTask, *, data: Path, settings: FaceSettings) -> ScanResult:
    """Look at one photo and write its crops below `data`; a photo that cannot be read is a result with its reason."""
    limits = ImageLimits(min_side=settings.min_side, max_megapixels=settings.max_megapixels)
    try:
        photo = read_photo(task.path, limits)
    except ImageRefused as refusal:
        return ScanResult(task.photo_id, drop_reason=refusal.reason)
    found = find_faces(photo.pixels, settings, scale=photo.scale)
    rows = tuple(
        _face_row(face, settings, data, crop_path(task.crop_folder, task.photo_id, number))
        for number, face in enumerate(found)
    )
    return ScanResult(task.photo_id, rows, None if rows else DropReason.NO_FACE)


def crashed(task: ScanTask) -> ScanResult:
    """Return the result of a photo that killed the process that read it."""
    return ScanResult(task.photo_id, drop_reason=DropReason.CRASHED)


def start_worker(data: Path, settings: FaceSettings) -> functools.partial[ScanResult]:
    """Prepare this process, a worker, and return what it does with each task."""
    import cv2

    cv2.setNumThreads(1)  # one process a core: threads inside would only take turns
    return functools.partial(scan_photo, data=data, settings=settings)


def _face_row(face: FoundFace, settings: FaceSettings, data: Path, path: str) -> dict[str, Any]:
    content = encode_crop(face.crop)
    # Renamed but not flushed to the disk: a crop can be made again, and a flush takes as long as ten crops.
    with atomic_path(data / path) as part:
        part.write_bytes(content)
    marks = fingerprint(decode_crop(content))
    seen, quality = face.detection, face.quality
    return {
        "detector": settings.detector,
        "detection_score": seen.score,
        "box_x": seen.x,
        "box_y": seen.y,
        "box_width": seen.width,
        "box_height": seen.height,
        "landmarks": [[round(float(x), 2), round(float(y), 2)] for x, y in seen.landmarks],
        "eye_distance": quality.eye_distance,
        "blur": quality.blur,
        "brightness": quality.brightness,
        "is_grey": quality.is_grey,
        "yaw": quality.yaw,
        "roll": quality.roll,
        "pitch": quality.pitch,
        "dark_share": quality.dark_share,
        "bright_share": quality.bright_share,
        "landmark_score": seen.landmark_score,
        "crop_template": settings.template,
        "crop_path": path,
        "crop_sha256": marks.sha256,
        "order_key": marks.order_key,
        "perceptual_hash": marks.perceptual_hash,
    }
