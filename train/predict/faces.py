"""From a photo to the faces whose age is asked for, cut as the crops of a dataset are cut."""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from agegap.errors import WrongUse
from dataset.face.find import FoundFace, main_face
from dataset.face.reasons import DropReason
from dataset.face.settings import FaceSettings, Template
from dataset.images import CROP_SHAPE, decode_crop, encode_crop
from train.crops import Crops, join, part_of

Which = Literal["main", "all"]
Box = tuple[float, float, float, float]


def face_settings(crop: Mapping[str, object]) -> FaceSettings:
    """Return the settings that cut a face as the crops of a dataset are cut; raise WrongUse for an unknown template."""
    name = crop.get("template", FaceSettings().template)
    for template in get_args(Template):
        if template == name:
            return FaceSettings(template=template)
    raise WrongUse(f"the net was trained on crops of template '{name}', which this program cannot cut")


def sure_faces(found: Sequence[FoundFace]) -> list[FoundFace]:
    """Return the faces the detector is sure of, the main one first."""
    main = main_face(found)
    sure = [face for face in found if face.drop_reason is not DropReason.LOW_SCORE]
    return sorted(sure, key=lambda face: face is not main)


def as_stored(crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return crops (N, 128, 128, 3) with the pixels they would have in a dataset.

    Stored crops went through JPEG: the model is to see the same pixels.
    """
    if not crops:
        return np.zeros((0, *CROP_SHAPE), np.uint8)
    return np.stack([decode_crop(encode_crop(crop)) for crop in crops])


def at_input_size(crops: NDArray[np.uint8], input_size: int) -> Crops:
    """Return stored crops (N, 128, 128, 3) as a model of `input_size` pixels reads them."""
    return join([part_of(crops, np.arange(len(crops), dtype=np.int64), input_size=input_size)])


def box_of(face: FoundFace) -> Box:
    """Return left, top, width and height of a face, in pixels of the photo."""
    seen = face.detection
    left, top, width, height = (round(float(value), 1) for value in (seen.x, seen.y, seen.width, seen.height))
    return left, top, width, height
