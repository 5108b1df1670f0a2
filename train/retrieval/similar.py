"""The faces of an index that are most like a photo's main face."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agegap.errors import DataFailed
from dataset.tables import NO_YEAR
from train.model import Model
from train.predict.answers import NoAge, PhotoFaces
from train.predict.faces import at_input_size
from train.predict.photos import predict_photo
from train.retrieval.index import FaceIndex
from train.retrieval.nearest import NOBODY, nearest, unit_rows

OWN_DIFFERENCE = 2.0
"""Mean difference in grey levels up to which a stored crop is the query's own file, read and cut again.

Two JPEG passes of one crop differ by about 1, two photos of one person by 20 and more.
"""

_SPARE = 16  # more neighbours than asked for, for those that are the query's own file


@dataclass(frozen=True)
class SimilarFace:
    """One face of the index; year and age where its dataset knows them, distance is 1 - cosine."""

    rank: int
    distance: float
    subject: str | None
    year: int | None
    age: float | None
    site: str
    site_id: str
    face_id: int
    folder: str
    # Of faces.npy in that folder.
    row: int


@dataclass(frozen=True, eq=False)
class Similar:
    """What a query brought back: the faces in the order of their distance, and their crops (N, 128, 128, 3)."""

    query: PhotoFaces
    faces: tuple[SimilarFace, ...]
    crops: NDArray[np.uint8]
    own: int
    """Faces that were left out because they are the query's own file."""


def find_similar(image: Path, model: Model, index: FaceIndex, *, top: int) -> Similar:
    """Return the `top` faces of `index` nearest to the main face of a photo; raise DataFailed where there is none."""
    query = predict_photo(image, model)
    if isinstance(query, NoAge):
        raise DataFailed(f"{query.image}: {query.detail}")
    return similar_to(query, model, index, top=top)


def similar_to(query: PhotoFaces, model: Model, index: FaceIndex, *, top: int) -> Similar:
    """Return the `top` faces of `index` nearest to the first face of a photo that was looked at."""
    crop = query.crops[:1]
    asked = unit_rows(model.features(at_input_size(crop, model.input_size)))
    found = nearest(index.features, asked, top=min(len(index), top + _SPARE))
    faces: list[SimilarFace] = []
    crops: list[NDArray[np.uint8]] = []
    own = 0
    for place, cosine in zip(found.rows[0].tolist(), found.cosines[0].tolist(), strict=True):
        if place == NOBODY or len(faces) == top:
            break
        stored = np.asarray(index.datasets[index.parts[place]].crops[index.rows[place]])
        if is_own(crop[0], stored):
            own += 1
            continue
        faces.append(_face(index, place, rank=len(faces) + 1, cosine=cosine))
        crops.append(stored)
    return Similar(query, tuple(faces), np.stack(crops) if crops else crop[:0], own)


def is_own(crop: NDArray[np.uint8], stored: NDArray[np.uint8]) -> bool:
    """Say whether two crops (128, 128, 3) are cut from one file."""
    return bool(np.abs(crop.astype(np.int16) - stored).mean() <= OWN_DIFFERENCE)


def _face(index: FaceIndex, place: int, *, rank: int, cosine: float) -> SimilarFace:
    dataset, row = index.datasets[index.parts[place]], int(index.rows[place])
    faces = dataset.faces
    subject, year, age = int(faces.subject[row]), int(faces.year[row]), float(faces.age[row])
    return SimilarFace(
        rank=rank,
        distance=round(max(0.0, 1.0 - cosine), 4),
        subject=faces.subject_names[subject] if subject >= 0 else None,
        year=None if year == NO_YEAR else year,
        age=None if np.isnan(age) else round(age, 1),
        site=faces.site[row],
        site_id=faces.site_id[row],
        face_id=int(faces.face_id[row]),
        folder=str(dataset.folder),
        row=row,
    )
