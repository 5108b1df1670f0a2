"""Who is one person, in which split a person is, and which pictures lie on both sides of a split."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from agegap.errors import DataFailed
from dataset.leaks import Leaks
from dataset.splits import Split, parse_shares, split_of
from db.dated_faces import Subjects
from db.pictures import describe_faces


def people_of(subjects: Subjects, merges: Iterable[tuple[int, int]]) -> NDArray[np.int32]:
    """Return for each subject the one that stands for the person: of merged ones the first by name.

    `merges` are pairs of subject ids that are one person; those of subjects that are gone are passed over.
    """
    row = {int(subject_id): place for place, subject_id in enumerate(subjects.id)}
    parent = list(range(len(subjects.id)))
    for one, other in merges:
        if one in row and other in row:
            roots = sorted((_root(parent, row[one]), _root(parent, row[other])), key=lambda at: subjects.name[at])
            parent[roots[1]] = roots[0]
    return np.array([_root(parent, place) for place in range(len(parent))], np.int32)


def splits_of(subjects: Subjects, person: NDArray[np.int32], *, shares: str, seed: int) -> NDArray[np.int8]:
    """Return the split of each subject: by the hash of the name that stands for the person, so that it stays put."""
    parsed = parse_shares(shares)
    split = [split_of(name, seed=seed, shares=parsed) for name in subjects.name]
    return np.array(split, np.int8)[person]


def refuse_leaks(
    connection: Connection,
    leaks: Leaks,
    *,
    face_ids: NDArray[np.int64],
    split: NDArray[np.int8],
    command: str,
    remedy: str = "",
) -> None:
    """Raise DataFailed with one sentence where a picture lies in two splits; `face_ids`, `split` are of each face."""
    if leaks.example is None:
        return
    ends = [int(face_ids[row]) for row in leaks.example]
    known = describe_faces(connection, ends)
    shown = [
        f"{known.get(face, f'face {face}')} ({Split(int(split[row])).label})"
        for face, row in zip(ends, leaks.example, strict=True)
    ]
    raise DataFailed(
        f"{command}: {len(leaks)} faces are of pictures that lie in two splits, such as {shown[0]} and {shown[1]}; "
        "run `curate dedupe --apply`, or accept that the two are one person (`curate verify`)" + remedy
    )


def _root(parent: Sequence[int], place: int) -> int:
    while parent[place] != place:
        place = parent[place]
    return place
