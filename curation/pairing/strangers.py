"""Pairs of two people, for tasks that need strangers: as hard as the pairs of one person, drawn from the same photos.

For a pair (a, b) the older face is exchanged for one of somebody else: of the same split, the same sex where it is
known, the same year, hence the same K, and nearly the same sharpness. Ages are not known and not asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.pairing.choose import Chosen
from curation.pairing.order import PRIME, halves, joined
from curation.pairing.settings import PairSettings
from db.dated_faces import NO_PICTURE, UNKNOWN_SEX, DatedFaces

Ints = NDArray[np.int64]
Rows = NDArray[np.int32]

WINDOW = 64
"""Faces of one split, sex and year, next in sharpness on either side, among which a stranger is drawn."""

_TRIES = 2 * WINDOW + 1  # all of the window


@dataclass(frozen=True, eq=False)
class Strangers:
    """Pairs of two subjects as rows of DatedFaces; `missing`: how often nobody was fit."""

    younger: Rows
    older: Rows
    gap_years: Ints
    missing: int

    def __len__(self) -> int:
        return len(self.younger)


@dataclass(frozen=True, eq=False)
class _Line:
    """All faces in a line by (split, sex, year), then sharpness; where each stands and where its cell begins, ends."""

    order: Ints
    place: Ints
    first: Ints
    end: Ints


def no_strangers() -> Strangers:
    """Return no strangers at all."""
    return Strangers(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int64), 0)


def draw_strangers(
    faces: DatedFaces,
    chosen: Chosen,
    settings: PairSettings,
    *,
    split: NDArray[np.int8],
    sexes: Mapping[int, int],
    person: Rows | None = None,
) -> Strangers:
    """Draw `settings.negatives` strangers a pair; `split` and `person` are of each subject, `sexes` by subject id.

    The choice is made by the pixels and the seed, as that of the pairs. No two are the same.
    """
    if person is None:
        person = np.arange(len(faces.subjects.id), dtype=np.int32)
    sex = np.array([sexes.get(int(one), UNKNOWN_SEX) for one in faces.subjects.id], np.int64)
    line = _line_up(faces, split, sex)
    younger, older = chosen.younger.astype(np.int64), chosen.older.astype(np.int64)
    drawn: list[tuple[Ints, Ints]] = []
    missing = 0
    whole, rest = divmod(settings.negatives, 1.0)
    for turn in range(int(whole) + (rest > 0)):
        key = joined(*_keys(faces, younger, older, settings.seed, turn))
        wanted = np.arange(len(key)) if turn < whole else np.flatnonzero(key < rest * PRIME)
        # The low bits choose the place, so that a share of the pairs is not a share of the places.
        found = _draw(faces, line, person, younger[wanted], older[wanted], key[wanted])
        fit = found >= 0
        missing += int((~fit).sum())
        drawn.append((younger[wanted][fit], found[fit]))
    return _distinct(faces, drawn, missing)


def _keys(faces: DatedFaces, younger: Ints, older: Ints, seed: int, turn: int) -> tuple[Ints, Ints]:
    first, second = halves(faces.order_key, f"{seed}|strangers|{turn}")
    return first[younger], second[older]


def _line_up(faces: DatedFaces, split: NDArray[np.int8], sex: Ints) -> _Line:
    years = faces.year.astype(np.int64) - int(faces.year.min(initial=0))
    kind = split.astype(np.int64) * (int(sex.max(initial=0)) + 1) + sex
    cell = kind[faces.subject] * (int(years.max(initial=0)) + 1) + years
    order = np.lexsort((faces.face_id, faces.identity, faces.quality, cell))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    ordered = cell[order]
    return _Line(
        order=order,
        place=place,
        first=np.searchsorted(ordered, cell, "left"),
        end=np.searchsorted(ordered, cell, "right"),
    )


def _draw(faces: DatedFaces, line: _Line, person: Rows, younger: Ints, older: Ints, key: Ints) -> Ints:
    """Return a face in the place of each older one, -1 where nobody in its window is fit."""
    at = line.place[older]
    low = np.maximum(line.first[older], at - WINDOW)
    width = np.minimum(line.end[older], at + WINDOW + 1) - low
    found = np.full(len(younger), -1, np.int64)
    waiting = np.arange(len(younger))
    for step in range(_TRIES):
        if not len(waiting):
            break
        face = line.order[low[waiting] + (key[waiting] + step) % width[waiting]]
        fit = _are_strangers(faces, person, younger[waiting], face)
        found[waiting[fit]] = face[fit]
        waiting = waiting[~fit & (step + 1 < width[waiting])]
    return found


def _are_strangers(faces: DatedFaces, person: Rows, one: Ints, other: Ints) -> NDArray[np.bool_]:
    fit: NDArray[np.bool_] = person[faces.subject[one]] != person[faces.subject[other]]
    fit &= faces.event[one] != faces.event[other]
    fit &= (faces.picture[one] != faces.picture[other]) | (faces.picture[one] == NO_PICTURE)
    return fit


def _distinct(faces: DatedFaces, drawn: list[tuple[Ints, Ints]], missing: int) -> Strangers:
    empty = np.zeros(0, np.int64)
    younger, older = (np.concatenate([empty, *(part[end] for part in drawn)]) for end in (0, 1))
    gap = faces.year[older].astype(np.int64) - faces.year[younger]
    # With K = 0 neither is the younger: one order for both, or a pair could come twice.
    turned = (gap == 0) & (faces.identity[older] < faces.identity[younger])
    younger, older = np.where(turned, older, younger), np.where(turned, younger, older)
    _, first = np.unique((younger << 32) | older, return_index=True)
    first.sort()
    younger, older, gap = younger[first], older[first], gap[first]
    return Strangers(younger.astype(np.int32), older.astype(np.int32), gap, missing)
