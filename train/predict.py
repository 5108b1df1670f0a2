"""A photo in, an age out: the same way as the faces of a dataset go, and then the net."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from agegap.errors import WrongUse
from dataset.face.find import find_faces, main_face
from dataset.face.reasons import DropReason
from dataset.face.settings import FaceSettings, Template
from dataset.images import ImageRefused, decode_crop, encode_crop, read_photo
from train.calibration import said_ages
from train.crops import Crops, Images, join, part_of
from train.devices import choose_machine, place, repeatable
from train.evaluate import TrainedNet
from train.inference import distributions


@dataclass(frozen=True)
class PredictedAge:
    """The age of the main face of a photo, in years, with its 90 % interval."""

    image: str
    age: float
    low: float
    high: float
    # Faces seen in the photo; the age is of the largest.
    faces: int


@dataclass(frozen=True)
class NoAge:
    """A photo that gave no age, and why."""

    image: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Answers:
    """What is said of some photos, in their order."""

    ages: tuple[PredictedAge, ...]
    failed: tuple[NoAge, ...]


def predict(images: Sequence[Path], trained: TrainedNet) -> Answers:
    """Find the main face of each photo, cut it as the net's training crops were, and say its age."""
    settings = face_settings(trained.checkpoint.crop)
    found: list[tuple[Path, Images, int]] = []
    failed = []
    for path in images:
        try:
            faces = find_faces(read_photo(path).pixels, settings)
        except ImageRefused as refusal:
            failed.append(NoAge(str(path), refusal.reason.value, refusal.detail))
            continue
        face = main_face(faces)
        if face is None:
            failed.append(NoAge(str(path), DropReason.NO_FACE.value, "no face found"))
            continue
        # Stored crops went through this encoding too: the net is to see the same pixels.
        found.append((path, decode_crop(encode_crop(face.crop)), len(faces)))
    if not found:
        return Answers((), tuple(failed))
    machine = choose_machine(trained.checkpoint.net.precision)
    crops = _at_input_size(np.stack([crop for _, crop, _ in found]), trained.checkpoint.net.input_size)
    with repeatable():
        shares = distributions(place(trained.net, machine), crops, machine=machine)
    said = said_ages(shares, scale=trained.checkpoint.interval_scale)
    ages = [
        PredictedAge(
            image=str(path),
            age=round(float(said.age[row]), 1),
            low=round(float(said.low[row]), 1),
            high=round(float(said.high[row]), 1),
            faces=count,
        )
        for row, (path, _, count) in enumerate(found)
    ]
    return Answers(tuple(ages), tuple(failed))


def face_settings(crop: Mapping[str, object]) -> FaceSettings:
    """Return the settings that cut a face as the crops of a dataset are cut; raise WrongUse for an unknown template."""
    name = crop.get("template", FaceSettings().template)
    for template in get_args(Template):
        if template == name:
            return FaceSettings(template=template)
    raise WrongUse(f"the net was trained on crops of template '{name}', which this program cannot cut")


def _at_input_size(crops: Images, input_size: int) -> Crops:
    return join([part_of(crops, np.arange(len(crops), dtype=np.int64), input_size=input_size)])
