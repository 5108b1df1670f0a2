"""Drawn crops for the benchmarks of training: ovals with eyes and grain, so that their JPEGs are as large as faces'."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dataset.splits import Split
from dataset.store import write_dataset
from dataset.tables import CROP_SIZE, FaceTable, PairTable, no_pairs

JPEG_QUALITY = 90
CROP = {"size": CROP_SIZE, "template": "age"}
PHOTOS_EACH = 4


def draw_crops(count: int, *, seed: int = 0) -> Iterator[NDArray[np.uint8]]:
    """Yield `count` crops (128, 128, 3) uint8: the older, the paler."""
    rng = np.random.default_rng(seed)
    for row in range(count):
        level = 60 + 2 * age_of(row)
        image = np.full((CROP_SIZE, CROP_SIZE, 3), rng.integers(40, 200, 3), np.uint8)
        cv2.ellipse(image, (64, 70), (40, 54), 0, 0, 360, (level, level - 20, level - 35), -1, cv2.LINE_AA)
        for x in (46, 82):
            cv2.circle(image, (x, 60), 6, (30, 25, 20), -1, cv2.LINE_AA)
        cv2.ellipse(image, (64, 100), (18, 6), 0, 0, 180, (120, 50, 50), 2, cv2.LINE_AA)
        grain = rng.normal(0, 5, image.shape)
        yield np.clip(cv2.GaussianBlur(image, (0, 0), 1.0) + grain, 0, 255).astype(np.uint8)


def age_of(row: int) -> int:
    """Return the age of a drawn face, 0..80."""
    return (row * 37) % 81


def write_packed(folder: Path, count: int, *, split: Split | None = None, with_pairs: bool = False) -> Path:
    """Write drawn faces as a dataset folder; of ten, eight train, one validates and one tests, unless `split` is given.

    With pairs, four photos each are of one person, eight years from one to the next, and no age is known.
    """
    rows = np.arange(count)
    of_ten = np.array([Split.TRAIN] * 8 + [Split.VAL, Split.TEST], np.int8)
    person = rows // PHOTOS_EACH if with_pairs else np.full(count, -1)
    faces = FaceTable(
        face_id=rows + 1,
        subject=person.astype(np.int32),
        subject_names=tuple(f"Drawn_{number}" for number in range(person.max() + 1)),
        split=np.full(count, split, np.int8) if split is not None else of_ten[(person if with_pairs else rows) % 10],
        age=np.array([np.nan if with_pairs else age_of(int(row)) for row in rows], np.float32),
        year=(1980 + 8 * (rows % PHOTOS_EACH) if with_pairs else np.full(count, -1)).astype(np.int32),
        year_confidence=np.full(count, float(with_pairs), np.float32),
        site=("drawn",) * count,
        site_id=tuple(str(row) for row in rows),
    )
    return write_dataset(
        folder, draw_crops(count), faces, _pairs(count) if with_pairs else no_pairs(), manifest={"crop": CROP}
    )


def write_jpegs(folder: Path, count: int) -> list[Path]:
    """Write the same drawn faces as JPEG files; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for row, image in enumerate(draw_crops(count)):
        paths.append(folder / f"{row:06d}.jpg")
        cv2.imwrite(str(paths[-1]), image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return paths


def _pairs(count: int) -> PairTable:
    first = np.arange(0, count - PHOTOS_EACH + 1, PHOTOS_EACH)
    steps = [(a, b) for a in range(PHOTOS_EACH) for b in range(a + 1, PHOTOS_EACH)]
    younger = np.concatenate([first + a for a, _ in steps])
    older = np.concatenate([first + b for _, b in steps])
    gaps = np.concatenate([np.full(len(first), 8 * (b - a)) for a, b in steps])
    return PairTable(younger, older, gaps.astype(np.int16), np.ones(len(gaps), np.float32))
