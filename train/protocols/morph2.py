"""MORPH II: the splits of the literature. How it is split moves the error more than the method does.

a  5,492 photos of white people, 80/20 at random five times (Chang et al., Ordinal Hyperplanes Ranker, CVPR 2011)
b  three disjoint subsets of black and white people, as many of the one as of the other; train on one, test on the two
   others (Guo & Mu, CVPR 2011)
c  all photos, 80/20 at random: most people of the test also train
d  people kept apart, five folds (Paplham & Franc, CVPR 2024)

Papers share lists for some; here the photos are drawn by hash: figures compare with theirs in kind, not photo by photo.
"""

from collections.abc import Sequence

import numpy as np

from dataset.tables import FaceTable
from train.protocols.details import Details, column
from train.protocols.folds import (
    Fold,
    Mask,
    aged,
    dealt,
    fold_of,
    photos,
    smallest,
    tenths_folds,
    units,
    with_validation,
)

WHITE_PHOTOS, TIMES = 5492, 5
BALANCED_PHOTOS, SUBSETS = 21_000, 3

_FIFTHS = 5  # a test set of a fifth


def white_five_times(faces: FaceTable, details: Details, seed: int) -> Sequence[Fold]:
    """Return setting a: five random fifths of 5,492 photos of white people are tested."""
    chosen = smallest(
        photos(faces), aged(faces) & _race(faces, details, "W"), WHITE_PHOTOS, seed=seed, purpose="morph-a"
    )
    return [_random_fold(faces, chosen, seed=seed, number=number, purpose="morph-a") for number in range(TIMES)]


def black_and_white_three(faces: FaceTable, details: Details, seed: int) -> Sequence[Fold]:
    """Return setting b: train on one third of balanced people, test on the two others."""
    names, chosen = units(faces), np.zeros(len(faces), bool)
    black, white = (aged(faces) & _race(faces, details, letter) for letter in "BW")
    each = min(BALANCED_PHOTOS // 2, int(black.sum()), int(white.sum()))
    part = np.full(len(faces), -1, np.int64)
    for where, letter in ((black, "b"), (white, "w")):
        some = smallest(photos(faces), where, each, seed=seed, purpose=f"morph-b-{letter}")
        chosen |= some
        part = np.where(some, dealt(names, some, parts=SUBSETS, seed=seed, purpose=f"morph-b-{letter}"), part)
    folds = []
    for number in range(SUBSETS):
        here = chosen & (part == number)
        folds.append(with_validation(str(number), here, chosen & ~here, names, seed=seed, purpose="morph-b"))
    return folds


def random_80_20(faces: FaceTable, _details: Details, seed: int) -> Sequence[Fold]:
    """Return setting c: a random fifth of all photos is tested."""
    return [_random_fold(faces, aged(faces), seed=seed, number=0, purpose="morph-c")]


def people_apart(faces: FaceTable, _details: Details, seed: int) -> Sequence[Fold]:
    """Return setting d: five folds of people."""
    return tenths_folds(units(faces), aged(faces) & (faces.subject >= 0), seed=seed, purpose="morph-d")


def _random_fold(faces: FaceTable, where: Mask, *, seed: int, number: int, purpose: str) -> Fold:
    names = photos(faces)
    part = dealt(names, where, parts=2 * _FIFTHS, seed=seed, purpose=f"{purpose}-{number}")
    return fold_of(str(number), where & (part > 2), where & (part == 2), where & (part >= 0) & (part < 2))


def _race(faces: FaceTable, details: Details, letter: str) -> Mask:
    return np.array([value == letter for value in column(details, faces.site_id, "race")])
