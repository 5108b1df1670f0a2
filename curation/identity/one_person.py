"""Whether two names are one person: close middles are measured again with all faces of both."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Engine

from curation.identity.judge import Folder
from curation.identity.learn import Learned
from curation.identity.merges import near_middles
from curation.identity.reading import SAMPLE_FACES, as_folder
from curation.identity.settings import IdentitySettings
from curation.identity.space import Floats
from db.identities import read_subjects


def propose_merges(
    engine: Engine,
    embedder: str,
    subject_ids: Sequence[int],
    middles: Sequence[Floats],
    learned: Learned,
    settings: IdentitySettings,
) -> list[dict[str, Any]]:
    """Return a row of `identity_proposal` for each two subjects whose faces match each other as one person's do.

    `middles` are the means of the subjects' matching faces, about the catalog's mean.
    """
    if len(middles) < 2:
        return []
    rows = []
    for pair in near_middles(np.stack(list(middles))):
        ids = sorted((subject_ids[pair.one], subject_ids[pair.other]))
        with engine.connect() as connection:
            rows_of = read_subjects(connection, ids, embedder=embedder)
            folders = [as_folder(faces, most=SAMPLE_FACES) for faces in rows_of]
        if len(folders) == 2 and are_one(folders[0], folders[1], learned, settings):
            rows.append(
                {
                    "kind": "merge",
                    "subject_id": ids[0],
                    "other_subject_id": ids[1],
                    "face_ids": [],
                    "score": pair.cosine,
                }
            )
    return rows


def are_one(one: Folder, other: Folder, learned: Learned, settings: IdentitySettings) -> bool:
    """Return whether most faces of either match in one folder, the other's typically by `min_merge_score`."""
    both = Folder(
        subject_id=one.subject_id,
        face_id=np.concatenate([one.face_id, other.face_id]),
        photo_id=np.concatenate([one.photo_id, -1 - other.photo_id]),  # a photo found under both names is no obstacle
        vectors=np.concatenate([one.vectors, other.vectors]),
        time=np.concatenate([one.time, other.time]),
    )
    judged = learned.without_subject(other.subject_id).judge_other(both, settings)
    first = judged.score[: len(one)]
    second = judged.score[len(one) :]
    return bool(min(np.median(first), np.median(second)) >= settings.min_merge_score)
