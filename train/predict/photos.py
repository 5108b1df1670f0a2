"""The ages of the faces of many photos, as a stream: faces of several photos go through the model together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dataset.face.find import FoundFace, find_faces
from dataset.face.reasons import DropReason
from dataset.face.settings import FaceSettings
from dataset.images import ImageRefused, PhotoPixels, read_photo
from train.model import Model
from train.predict.answers import NoAge, PhotoFaces, PredictedAge, told
from train.predict.faces import Which, as_stored, at_input_size, box_of, face_settings, sure_faces

BATCH = 32
"""Faces that go through the model together: a larger batch is no faster on a processor."""

BATCH_OF_PIXELS = 4
"""The same where the photos are kept meanwhile: one is 12 MB."""

_MOST_WAITING = 256  # photos, of which most show no face


@dataclass(frozen=True, eq=False)
class _Looked:
    """A photo whose faces are found and have no age yet."""

    path: Path
    photo: PhotoPixels
    faces: list[FoundFace]
    crops: NDArray[np.uint8]
    count: int


def predict_photos(
    images: Iterable[Path], model: Model, *, which: Which = "main", keep_pixels: bool = False
) -> Iterator[PhotoFaces | NoAge]:
    """Yield what is said of each photo, in their order, in bounded memory.

    `which` is the main face or all the detector is sure of; `keep_pixels` leaves the photos in the answers. A photo
    that cannot be read or shows no face gives NoAge. Raises WrongUse for a model with crops of an unknown kind.
    """
    settings = face_settings(model.crop)
    batch = BATCH_OF_PIXELS if keep_pixels else BATCH
    waiting: list[_Looked | NoAge] = []
    faces = 0
    for path in images:
        looked = _look(path, settings, which=which, keep_pixels=keep_pixels)
        waiting.append(looked)
        if isinstance(looked, _Looked):
            faces += len(looked.faces)
        if faces >= batch or not faces or len(waiting) >= _MOST_WAITING:
            yield from _answered(waiting, model)
            waiting, faces = [], 0
    yield from _answered(waiting, model)


def predict_photo(image: Path, model: Model, *, which: Which = "main", keep_pixels: bool = False) -> PhotoFaces | NoAge:
    """Return what is said of one photo; see `predict_photos`."""
    (answer,) = predict_photos([image], model, which=which, keep_pixels=keep_pixels)
    return answer


def _look(path: Path, settings: FaceSettings, *, which: Which, keep_pixels: bool) -> _Looked | NoAge:
    try:
        photo = read_photo(path)
    except ImageRefused as refusal:
        return NoAge(str(path), refusal.reason.value, refusal.detail)
    found = sure_faces(find_faces(photo.pixels, settings, scale=photo.scale))
    if not found:
        return NoAge(str(path), DropReason.NO_FACE.value, "no face found")
    chosen = found[:1] if which == "main" else found
    crops = as_stored([face.crop for face in chosen])
    kept = photo if keep_pixels else PhotoPixels(np.zeros((0, 0, 3), np.uint8), photo.width, photo.height)
    return _Looked(path, kept, chosen, crops, len(found))


def _answered(waiting: list[_Looked | NoAge], model: Model) -> Iterator[PhotoFaces | NoAge]:
    looked = [one for one in waiting if isinstance(one, _Looked)]
    if looked:
        crops = np.concatenate([one.crops for one in looked])
        shares = model.distributions(at_input_size(crops, model.input_size))
    first = 0
    for one in waiting:
        if isinstance(one, NoAge):
            yield one
            continue
        yield _photo_faces(one, shares[first : first + len(one.faces)], model)
        first += len(one.faces)


def _photo_faces(one: _Looked, shares: NDArray[np.float32], model: Model) -> PhotoFaces:
    ages = [
        PredictedAge(
            image=str(one.path),
            age=years.age,
            low=years.low,
            high=years.high,
            faces=one.count,
            face=place,
            box=box_of(face),
            score=round(face.detection.score, 3),
        )
        for place, (face, years) in enumerate(zip(one.faces, told(shares, model.interval_scale), strict=True), start=1)
    ]
    has_pixels = one.photo.pixels.size > 0
    return PhotoFaces(
        path=one.path,
        ages=tuple(ages),
        crops=one.crops,
        shares=shares,
        pixels=one.photo.pixels if has_pixels else None,
        scale=one.photo.scale if has_pixels else 1.0,
    )
