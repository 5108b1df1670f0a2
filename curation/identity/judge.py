"""Which faces of one subject are the subject's: belief and evidence by turns, until they agree.

It begins with the densest part of the similarity graph, which is the subject's wherever no single other person has as
many photos there. Then each face is measured: how well the others explain it, against how well they explain its
rivals, the faces of other people that look most like it. Children look alike to a net, and so do photos of one print:
rivals take that off without anybody's age being known (adaptive score normalisation; Matejka et al., Interspeech 2017).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from curation.identity.lives import Ageing, evidence, expect, rival_evidence
from curation.identity.settings import IdentitySettings
from curation.identity.space import Floats, Space

Ints = NDArray[np.int64]

UNKNOWN_GAP = 15.0
"""Years taken for the gap to a photo without a time: about the mean between two photos of a life."""
MAX_TOGETHER = 150
"""Faces judged at once: the work grows with the cube. More are judged in parts, each spread over all years."""

_SOFTNESS = 0.05  # of the graph's edges, in cosine
_EDGE = 0.2  # cosine, about the catalog's mean face, at which two faces are as likely one person as two
_SHARPNESS = 3.0  # of the belief, a unit of score
_ROUNDS = 2


@dataclass(frozen=True, eq=False)
class Folder:
    """The faces filed under one subject, in any order."""

    subject_id: int
    face_id: Ints
    photo_id: Ints
    vectors: Floats
    """(n, dimensions), each of length 1."""
    time: Floats
    """Years on one scale, taken years or ages; NaN where unknown."""

    def __len__(self) -> int:
        return len(self.face_id)

    def take(self, rows: Ints) -> "Folder":
        """Return the folder with these rows only."""
        return replace(
            self,
            face_id=self.face_id[rows],
            photo_id=self.photo_id[rows],
            vectors=self.vectors[rows],
            time=self.time[rows],
        )


@dataclass(frozen=True, eq=False)
class Judged:
    """What is believed of each face of a folder, (n,) each."""

    belief: Floats
    score: Floats
    """By how many standard deviations of its rivals a face looks more like the subject than they do."""


def gaps_of(time: Floats) -> Floats:
    """Return the years between any two photos, (n, n); UNKNOWN_GAP where a time is unknown, 0 to itself."""
    gaps = np.abs(time[:, None] - time[None, :])
    gaps = np.where(np.isnan(gaps), UNKNOWN_GAP, gaps)
    np.fill_diagonal(gaps, 0.0)
    return np.asarray(gaps)


def first_belief(folder: Folder, mean_face: Floats) -> Floats:
    """Return how central each face is in the folder's similarity graph, 0..1 (power iteration)."""
    cosine = cosines(folder.vectors - mean_face, folder.vectors - mean_face)
    edges = 1 / (1 + np.exp(-(cosine - _EDGE) / _SOFTNESS))
    np.fill_diagonal(edges, 0.0)
    belief = np.full(len(folder), 1 / len(folder))
    for _ in range(50):
        belief = edges @ belief + 1e-6
        belief /= belief.max()
    return np.asarray(belief)


def judge(folder: Folder, belief: Floats, *, space: Space, cohort: Floats, settings: IdentitySettings) -> Judged:
    """Judge the faces of `folder`, beginning with `belief`; `cohort` are faces of other people, (m, dimensions)."""
    if len(folder) <= MAX_TOGETHER:
        return _judge(folder, belief, space=space, cohort=cohort, settings=settings)
    by_time = np.argsort(folder.time, kind="stable")
    parts = -(-len(folder) // MAX_TOGETHER)
    columns = [np.empty(len(folder)) for _ in range(2)]
    for part in range(parts):
        rows = by_time[part::parts]
        judged = _judge(folder.take(rows), belief[rows], space=space, cohort=cohort, settings=settings)
        for column, values in zip(columns, (judged.belief, judged.score), strict=True):
            column[rows] = values
    return Judged(*columns)


def _judge(folder: Folder, belief: Floats, *, space: Space, cohort: Floats, settings: IdentitySettings) -> Judged:
    points = space.apply(folder.vectors)
    rivals = _rivals(folder.vectors - space.mean, cohort - space.mean, settings.rivals)
    cohort_points = space.apply(cohort)
    gaps = gaps_of(folder.time)
    ageing = Ageing(settings.ageing_share, settings.ageing_years)
    for _ in range(_ROUNDS):
        expected = expect(points, gaps, belief, space.between, ageing)
        own = evidence(expected, space.between, points)
        others = np.take_along_axis(rival_evidence(expected, space.between, cohort_points), rivals, axis=1)
        score = (own - others.mean(axis=1)) / np.maximum(others.std(axis=1), 1e-9)
        belief = 1 / (1 + np.exp(-_SHARPNESS * (score - settings.min_score)))
        belief = _one_a_photo(belief, folder.photo_id)
    return Judged(belief, score)


def _rivals(vectors: Floats, cohort: Floats, count: int) -> Ints:
    """Return the rows of the `count` faces of `cohort` most like each of `vectors`, (n, count)."""
    cosine = cosines(vectors, cohort)
    count = min(count, cosine.shape[1])
    return np.asarray(np.argpartition(-cosine, count - 1, axis=1)[:, :count])


def _one_a_photo(belief: Floats, photo_id: Ints) -> Floats:
    """Return the belief with that of all but the likeliest face of each photo taken away: nobody is there twice."""
    order = np.lexsort((-belief, photo_id))
    is_first = np.concatenate([[True], photo_id[order][1:] != photo_id[order][:-1]])
    return np.asarray(np.where(is_first[np.argsort(order)], belief, 0.0))


def cosines(one: Floats, other: Floats) -> Floats:
    """Return the cosine of each row of `one` with each of `other`."""
    return np.asarray(_unit(one) @ _unit(other).T)


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))
