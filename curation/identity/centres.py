"""What a person is shown of a judgement: how near a face is to the subject's nearest centre, and who else is there."""

from dataclasses import dataclass

import numpy as np

from curation.identity.judge import Folder, Ints, Judged, cosines
from curation.identity.learn import Learned
from curation.identity.settings import IdentitySettings
from curation.identity.space import Floats

MAX_OTHERS = 5
"""Other people looked for under one name."""


@dataclass(frozen=True, eq=False)
class OtherPerson:
    """Rows of a folder that look like one person who is not the subject."""

    rows: Ints
    score: float
    """Cosine between the middle of these faces and the subject's."""


def similarities(vectors: Floats, is_match: Floats, time: Floats, *, centre_years: int) -> Floats:
    """Return the cosine of each face to the nearest centre of the subject, its own face left out; NaN without one.

    A centre is the mean of the matching faces of `centre_years` years; those without a time have one together.
    """
    span = np.where(np.isnan(time), -1, np.floor(np.nan_to_num(time) / centre_years)).astype(np.int64)
    best = np.full(len(vectors), np.nan)
    for value in np.unique(span):
        members = np.flatnonzero((span == value) & is_match.astype(bool))
        if not len(members):
            continue
        total = vectors[members].sum(axis=0)
        centres = np.tile(total, (len(vectors), 1))
        centres[members] -= vectors[members]
        alone = np.linalg.norm(centres, axis=1) < 1e-9
        cosine = (vectors * centres).sum(axis=1) / np.maximum(np.linalg.norm(centres, axis=1), 1e-12)
        best = np.fmax(best, np.where(alone, np.nan, cosine))
    return best


def find_others(folder: Folder, judged: Judged, learned: Learned, settings: IdentitySettings) -> list[OtherPerson]:
    """Return the other people among the faces of a folder that are not the subject's, the most photos first.

    What is left is judged as a folder of its own; who has `min_split` faces in it that match each other is a person.
    """
    matching = judged.belief >= 0.5
    rest = np.flatnonzero(~matching)
    middle = folder.vectors[matching].mean(axis=0) - learned.space.mean
    found: list[OtherPerson] = []
    while len(rest) >= settings.min_split and len(found) < MAX_OTHERS:
        among = learned.judge_other(folder.take(rest), settings)
        rows = rest[among.belief >= 0.5]
        if len(rows) < settings.min_split:
            break
        other = folder.vectors[rows].mean(axis=0) - learned.space.mean
        found.append(OtherPerson(rows, float(cosines(middle[None], other[None])[0, 0])))
        rest = rest[among.belief < 0.5]
    return sorted(found, key=lambda other: -len(other.rows))
