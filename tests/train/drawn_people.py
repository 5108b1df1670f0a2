"""Dataset folders of drawn people, found and aligned as photos are: for what needs a face with eyes, mouth and chin."""

from pathlib import Path

import numpy as np

from crawler.photosite.drawn import draw_photo
from dataset.face.find import find_faces, main_face
from dataset.splits import Split
from dataset.store import write_dataset
from dataset.tables import FaceTable, no_pairs
from tests.train.drawn import CROP


def write_people(folder: Path, *, count: int, first_seed: int = 0, only: Split | None = None) -> Path:
    """Write a folder of `count` drawn people, each seen once at an age of 2 to 80; of six four train, one validates."""
    ages = np.random.default_rng(first_seed).permutation(np.linspace(2, 80, count)).round().astype(np.float32)
    crops = []
    for row, age in enumerate(ages):
        face = main_face(find_faces(draw_photo(first_seed + row, float(age), first_seed + row)))
        assert face is not None, "the detector sees every drawn person of a studio"
        crops.append(face.crop)
    splits = [
        only if only is not None else (Split.VAL, Split.TEST)[row % 6] if row % 6 < 2 else Split.TRAIN
        for row in range(count)
    ]
    faces = FaceTable(
        face_id=np.arange(1, count + 1, dtype=np.int64),
        subject=np.full(count, -1, np.int32),
        subject_names=(),
        split=np.array(splits, np.int8),
        age=ages,
        year=np.full(count, -1, np.int32),
        year_confidence=np.zeros(count, np.float32),
        site=("drawn",) * count,
        site_id=tuple(str(first_seed + row) for row in range(count)),
    )
    return write_dataset(folder, crops, faces, no_pairs(), manifest={"crop": CROP})
