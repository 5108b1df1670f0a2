"""Faces to rows of numbers: the first two of the three stages, pre-process and features.

Eight numbers a face are kept whatever the classifier uses, so that settings of the third stage can be tried on
measured faces. They are written every few hundred faces, under a name made of the manifest's hash and of all that
they depend on: a killed run measures no face twice but those.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agegap.files import atomic_open
from agegap.progress import track
from dataset.face.detectors import load_detector
from train.crops import Crops
from train.geometric.distances import INDEPENDENT, RATIOS, ratios
from train.geometric.landmarks import Crop, find_landmarks
from train.geometric.settings import GeometricSettings, LandmarkName, Wrinkles
from train.geometric.wrinkles import REGIONS, wrinkle_shares

Measures = NDArray[np.float64]

COLUMNS = (*RATIOS, *REGIONS)
"""What is measured of each face; a face without landmarks is a row of NaN."""

CHUNK = 256
"""Faces between two files of the cache: about four seconds of work with dlib."""

_OF_MEASURES = ("view_eyes", "blur_sigma", "canny_low", "canny_high", *REGIONS)


def measure_face(crop: Crop, landmarks: LandmarkName, settings: GeometricSettings) -> Measures:
    """Return the measures (8,) of one crop, NaN where no face is found on it."""
    points = find_landmarks(crop, landmarks, detector=load_detector(landmarks, 512))
    if points is None:
        return np.full(len(COLUMNS), np.nan)
    return np.concatenate([ratios(points), wrinkle_shares(crop, points, settings)])


def measure_faces(
    crops: Crops, landmarks: LandmarkName, settings: GeometricSettings, *, cache: Path | None = None
) -> Measures:
    """Return the measures (N, 8) of `crops`; with a folder `cache` they are read there, or written there."""
    blocks = [np.arange(first, min(first + CHUNK, len(crops)), dtype=np.int64) for first in range(0, len(crops), CHUNK)]
    found: list[Measures] = []
    for number, rows in enumerate(track(blocks, label="faces measured, in blocks") if cache else blocks):
        path = cache / f"{number:05d}.npy" if cache else None
        known = _read(path, len(rows)) if path else None
        if known is None:
            images = crops.gather(rows)
            known = np.array([measure_face(image, landmarks, settings) for image in images])
            if path:
                with atomic_open(path) as handle:
                    np.save(handle, known)
        found.append(known)
    return np.concatenate(found) if found else np.zeros((0, len(COLUMNS)))


def cache_name(manifest_sha256: str, split: str, landmarks: LandmarkName, settings: GeometricSettings) -> str:
    """Return under which name the measures of the labelled faces of one split are kept."""
    used = {name: value for name, value in asdict(settings).items() if name in _OF_MEASURES}
    text = json.dumps([manifest_sha256, split, landmarks, used], sort_keys=True)
    return f"{manifest_sha256[:16]}-{split}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def feature_names(wrinkles: Wrinkles) -> tuple[str, ...]:
    """Return the features that a classifier sees."""
    return (*INDEPENDENT, *{"sum": ("F5",), "regions": REGIONS, "none": ()}[wrinkles])


def features_of(measures: Measures, wrinkles: Wrinkles) -> Measures:
    """Return the features (N, D) in the order of `feature_names`; rows of NaN stay so."""
    columns = {name: measures[:, place] for place, name in enumerate(COLUMNS)}
    columns["F5"] = np.asarray(measures[:, len(RATIOS) :].sum(axis=1))
    return np.stack([columns[name] for name in feature_names(wrinkles)], axis=1)


def _read(path: Path, count: int) -> Measures | None:
    """Return a block of the cache; None where it is missing or is not one."""
    try:
        known = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return known if known.shape == (count, len(COLUMNS)) else None
