"""In which split each face of an export is, and which pictures would lie in two."""

from collections.abc import Mapping

import numpy as np
from sqlalchemy import Connection

from curation.export_settings import ExportSettings
from curation.export_tables import split_key
from curation.pairing.people import people_of, refuse_leaks
from dataset.leaks import find_leaks
from dataset.splits import Split, parse_shares, split_of
from db.dated_faces import Subjects, load_merges
from db.export_details import subject_names
from db.exports import KeptFace
from db.pictures import load_pictures


def splits_of_faces(connection: Connection, faces: list[KeptFace], settings: ExportSettings) -> dict[str, Split]:
    """Return the split of every `split_key` among `faces`; subjects that are one person have one."""
    shares = parse_shares(settings.split)
    person = _people(connection)
    keys = {split_key(face) for face in faces}
    return {key: split_of(person.get(key, key), seed=settings.seed, shares=shares) for key in keys}


def what_leaks(
    connection: Connection, faces: list[KeptFace], splits: Mapping[str, Split], *, is_refused: bool
) -> frozenset[int]:
    """Return the ids of faces to leave out so that no picture is in two splits.

    Raises DataFailed with one of them when `is_refused`.
    """
    face_ids = np.array([face.face_id for face in faces], np.int64)
    split = np.array([splits[split_key(face)] for face in faces], np.int8)
    leaks = find_leaks(load_pictures(connection).of(face_ids), split)
    if is_refused:
        refuse_leaks(
            connection,
            leaks,
            face_ids=face_ids,
            split=split,
            command="export",
            remedy=", or leave the copies out with `--leaks drop`",
        )
    return frozenset(face_ids[leaks.loses].tolist())


def _people(connection: Connection) -> dict[str, str]:
    """Return for each subject of an accepted merge the name that stands for the person, as for pairs."""
    merges = load_merges(connection)
    if not merges:
        return {}
    names = subject_names(connection, sorted({subject for merge in merges for subject in merge}))
    subjects = Subjects(np.array(list(names), np.int64), tuple(names.values()))
    person = people_of(subjects, merges)
    return {name: subjects.name[person[place]] for place, name in enumerate(subjects.name)}
