"""How good an index is: does a face bring back other photos of its person, and faces of its age?

Recall@K as retrieval counts it (Jegou, Douze, Schmid: Product Quantization, 2011; Musgrave et al., 2020): the share of
queries with at least one right answer among the K nearest. A face of the query's own photo is no answer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agegap.errors import NothingToDo
from train.retrieval.index import FaceIndex
from train.retrieval.nearest import NOBODY, nearest

TOPS = (1, 5, 10)
MOST_QUERIES = 20_000
"""More queries would be drawn from: at 20,000 the recall is known to 0.4 %."""

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Recall:
    """Shares of the queries; ages in years."""

    faces: int
    queries: int
    recall1: float
    recall5: float
    recall10: float
    # What ten faces drawn at random would bring.
    recall10_by_chance: float
    # Mean difference between the age of a query and of its ten nearest of other people, and of any two; null without.
    age_difference10: float | None
    age_difference_by_chance: float | None


def measure_recall(index: FaceIndex) -> Recall:
    """Return recall@1, 5 and 10 over the faces of people with another photo; raise NothingToDo where there is nobody.

    Of a large index 20,000 queries are drawn, always the same.
    """
    subjects, photos = codes_of(index)
    others = _photos_of_subject(subjects, photos)
    asked = np.flatnonzero(others > 0)
    if not len(asked):
        raise NothingToDo(index.folder, "nobody has two photos in it", "index a dataset whose faces have subjects")
    if len(asked) > MOST_QUERIES:
        asked = np.sort(np.random.default_rng(0).choice(asked, MOST_QUERIES, replace=False))
    queries = np.asarray(index.features[asked], np.float32)
    found = nearest(index.features, queries, top=max(TOPS), groups=photos, groups_of_queries=photos[asked])
    is_right = (subjects[found.rows] == subjects[asked][:, None]) & (found.rows != NOBODY)
    recalls = [float(is_right[:, :top].any(axis=1).mean()) for top in TOPS]
    ages = np.concatenate([dataset.faces.age for dataset in index.datasets]).astype(np.float64)
    return Recall(
        faces=len(index),
        queries=len(asked),
        recall1=recalls[0],
        recall5=recalls[1],
        recall10=recalls[2],
        recall10_by_chance=_by_chance(len(index), others[asked], max(TOPS)),
        age_difference10=_age_difference(ages, asked, found.rows, subjects),
        age_difference_by_chance=_mean_difference(ages[np.isfinite(ages)]),
    )


def codes_of(index: FaceIndex) -> tuple[Codes, Codes]:
    """Return the person (-1 unknown) and the photo of each face as numbers; one name is one person in all folders."""
    names: dict[str, int] = {}
    keys: dict[tuple[str, str], int] = {}
    subjects, photos = [], []
    for dataset in index.datasets:
        faces = dataset.faces
        of_name = np.array([names.setdefault(name, len(names)) for name in faces.subject_names] or [-1], np.int64)
        subjects.append(np.where(faces.subject >= 0, of_name[faces.subject], -1))
        pairs = zip(faces.site, faces.site_id, strict=True)
        photos.append(np.array([keys.setdefault(pair, len(keys)) for pair in pairs], np.int64))
    return np.concatenate(subjects), np.concatenate(photos)


def _photos_of_subject(subjects: Codes, photos: Codes) -> Codes:
    """Return for each face how many faces of the same person are from other photos."""
    of_subject = np.bincount(subjects[subjects >= 0], minlength=1)
    together = subjects * (photos.max() + 1) + photos
    _, place, count = np.unique(together, return_inverse=True, return_counts=True)
    others: Codes = np.where(subjects >= 0, of_subject[subjects] - count[place], 0).astype(np.int64)
    return others


def _by_chance(faces: int, others: Codes, top: int) -> float:
    """Return the chance that at least one of `top` faces drawn without replacement is of the person."""
    left = np.ones(len(others))
    for drawn in range(min(top, faces - 1)):
        left *= np.clip(faces - 1 - others - drawn, 0, None) / (faces - 1 - drawn)
    return float((1 - left).mean())


def _age_difference(ages: NDArray[np.float64], asked: Codes, rows: Codes, subjects: Codes) -> float | None:
    is_other = (rows != NOBODY) & (subjects[rows] != subjects[asked][:, None])
    differences = np.where(is_other, np.abs(ages[rows] - ages[asked][:, None]), np.nan)
    known = differences[np.isfinite(differences)]
    return float(known.mean()) if len(known) else None


def _mean_difference(ages: NDArray[np.float64]) -> float | None:
    """Return the mean of |a - b| over all pairs: a sum over the sorted ages."""
    count = len(ages)
    if count < 2:
        return None
    weights = 2 * np.arange(count) - (count - 1)
    return float(2 * (weights * np.sort(ages)).sum() / (count * (count - 1)))
