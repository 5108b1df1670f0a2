"""Rows of the catalog as the columns of a dataset folder."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from curation.export_settings import ExportSettings
from dataset.splits import Split
from dataset.tables import NO_SUBJECT, NO_YEAR, FaceTable, PairTable
from db.exports import KeptFace
from db.removal import hidden_id


def face_table(faces: list[KeptFace], splits: Mapping[str, Split], *, settings: ExportSettings) -> FaceTable:
    """Return the columns of `faces`, each in the split that `splits` has for its `split_key`."""
    names = sorted({face.subject for face in faces if face.subject is not None})
    number = {name: index for index, name in enumerate(names)}
    confidences = [sure_year_confidence(face, settings.min_year_confidence) for face in faces]
    return FaceTable(
        face_id=np.array([face.face_id for face in faces], np.int64),
        subject=np.array([number.get(face.subject or "", NO_SUBJECT) for face in faces], np.int32),
        subject_names=tuple(names),
        split=np.array([splits[split_key(face)] for face in faces], np.int8),
        age=np.array([np.nan if face.age is None or settings.hide_ages else face.age for face in faces], np.float32),
        year=np.array(
            [NO_YEAR if sure is None else face.year for face, sure in zip(faces, confidences, strict=True)], np.int32
        ),
        year_confidence=np.array([sure or 0.0 for sure in confidences], np.float32),
        site=tuple(face.site for face in faces),
        site_id=tuple(hidden_id(face.site, face.site_id) if settings.hide_ages else face.site_id for face in faces),
        licence=tuple(face.licence for face in faces),
        age_std=np.array(
            [np.nan if face.age_std is None or settings.hide_ages else face.age_std for face in faces], np.float32
        ),
    )


def pair_table(faces: list[KeptFace], table: FaceTable, pairs: PairTable) -> PairTable:
    """Return the pairs (of face ids) whose two faces are both among `faces` with a year, by row numbers."""
    by_id = np.argsort(table.face_id)
    sorted_ids = table.face_id[by_id]
    rows = []
    inside = np.ones(len(pairs), np.bool_)
    for ids in (pairs.younger, pairs.older):
        place = np.minimum(np.searchsorted(sorted_ids, ids), len(sorted_ids) - 1)
        row = by_id[place]
        inside &= (sorted_ids[place] == ids) & (table.year[row] != NO_YEAR)
        rows.append(row)
    # The years, read again: a face dated anew since the pairs were built would bring a K that is no longer true.
    inside &= table.year[rows[1]] - table.year[rows[0]] == pairs.gap_years
    younger, older = rows[0][inside], rows[1][inside]
    order = np.lexsort((older, younger))
    return replace(
        pairs.take(np.flatnonzero(inside)[order]),
        younger=younger[order].astype(np.int64),
        older=older[order].astype(np.int64),
    )


def split_key(face: KeptFace) -> str:
    """Return what decides the split of a face: its subject, else its photo."""
    return face.subject if face.subject is not None else f"{face.site}/{face.site_id}"


def sure_year_confidence(face: KeptFace, least: float) -> float | None:
    """Return the confidence of a face's year, None where there is no year or a less sure one than `least`."""
    if face.year is None or face.year_confidence is None or face.year_confidence < least:
        return None
    return face.year_confidence
