"""`curate verify`: which faces are not those of the subject they are filed under, and which names are mixed up.

The space is learned from a sample of the subjects; each of the others is then judged by itself, so that memory does not
grow with the catalog.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine

from agegap.errors import NothingToDo
from agegap.progress import track
from curation.face_undo import Judges, judge_kept_again
from curation.identity.centres import OtherPerson, find_others, similarities
from curation.identity.embedding import embed_faces
from curation.identity.judge import Folder, Judged
from curation.identity.learn import Learned, can_learn, learn
from curation.identity.one_person import propose_merges
from curation.identity.reading import SAMPLE_FACES, as_folder
from curation.identity.settings import IdentitySettings
from curation.identity.space import Floats
from dataset.face.embedders.known import load_embedder
from db.identities import (
    IMPOSTOR,
    count_verdicts,
    drop_impostors,
    forget_others,
    keep_again,
    kept_by_gap,
    read_subjects,
    save_identities,
    subjects_with_faces,
)
from db.identity_proposals import replace_open_proposals

SAMPLE_SUBJECTS = 600
"""Subjects the space is learned from, those with most faces first: about 10,000 faces, a minute."""
LEAST_FACES = 3
"""With two faces that differ nobody knows which is the subject's."""
GAP_EDGES = (0, 5, 10, 15, 20, 30, 40, 60, 200)

_SAVE_EVERY = 200  # subjects a transaction


@dataclass(eq=False)
class _Found:
    """What is known once all subjects were judged."""

    subject_ids: list[int] = field(default_factory=list)
    middles: list[Floats] = field(default_factory=list)
    proposals: list[dict[str, Any]] = field(default_factory=list)


def verify(
    engine: Engine,
    *,
    data: Path,
    settings: IdentitySettings,
    apply: bool = False,
    workers: int = 1,
    with_others: bool = False,
    judges: Judges | None = None,
) -> dict[str, Any]:
    """Embed what has no vector, judge every face that has a subject, write verdicts and proposals; return the tally.

    With `apply` faces held for impostors are dropped (reason `impostor`), and those no longer held for one are kept
    again, as far as the recipe of their photo lets them (`judges`). `with_others` also embeds the further faces of
    photos found under one subject: `curate filter` with `main_face = "subject"` chooses among them. Raises NothingToDo
    for a catalog without faces of subjects, WrongUse without the embedder's package.
    """
    net = load_embedder(settings.embedder)  # tells what is wrong before a worker dies of it
    made = embed_faces(
        engine, data=data, embedder=settings.embedder, name=net.name, workers=workers, with_others=with_others
    )
    with engine.connect() as connection:
        counts = subjects_with_faces(connection, embedder=net.name)
    if not counts:
        raise NothingToDo("catalog", "holds no faces of subjects", "run `curate faces` first")
    sample = _read(engine, _sample_ids(counts), net.name, most=SAMPLE_FACES)
    learned = learn(sample, settings) if can_learn(sample) else None
    found = _judge_all(engine, [subject_id for subject_id, _ in counts], net.name, learned, sample, settings)
    if learned is not None:
        found.proposals += propose_merges(engine, net.name, found.subject_ids, found.middles, learned, settings)
    dropped, kept = 0, list[int]()
    with engine.begin() as connection:
        forget_others(connection)
        proposals = replace_open_proposals(connection, found.proposals)
        if apply:
            dropped = drop_impostors(connection)
            kept = keep_again(connection, reason=IMPOSTOR, only_cleared=True)
            judge_kept_again(connection, kept, judges or {})
    return {
        "embedder": net.name,
        **made,
        "subjects": len(counts),
        **tally(engine),
        "open_proposals": proposals,
        "dropped": dropped,
        "kept_again": len(kept),
        "note": None if learned is not None else "too few subjects to know how alike strangers are: nothing is judged",
    }


def undo(engine: Engine, *, judges: Judges | None = None) -> dict[str, Any]:
    """Keep again every face that `verify --apply` dropped, as far as the recipe of its photo lets it; verdicts stay."""
    with engine.begin() as connection:
        photos = keep_again(connection, reason=IMPOSTOR)
        judge_kept_again(connection, photos, judges or {})
    return {"kept_again": len(photos)}


def tally(engine: Engine) -> dict[str, Any]:
    """Return how many faces have which verdict, and the share of pairs without an impostor by the years between."""
    with engine.connect() as connection:
        verdicts = count_verdicts(connection)
        by_gap = kept_by_gap(connection, edges=GAP_EDGES)
    table = {
        f"K {low} to {high - 1}": {"pairs": pairs, "kept_percent": round(100 * kept / pairs, 1) if pairs else None}
        for low, high, (pairs, kept) in zip(GAP_EDGES, GAP_EDGES[1:], by_gap, strict=False)
        if pairs
    }
    return {"faces": sum(verdicts.values()), "verdicts": verdicts, "kept_by_gap": table}


def _sample_ids(counts: Sequence[tuple[int, int]]) -> list[int]:
    """Return the subjects to learn from: many faces first, to be alike in any order of rows."""
    able = [(subject_id, count) for subject_id, count in counts if count >= 2]
    able.sort(key=lambda item: (-min(item[1], SAMPLE_FACES), hashlib.sha256(str(item[0]).encode()).digest()))
    return [subject_id for subject_id, _ in able[:SAMPLE_SUBJECTS]]


def _read(engine: Engine, subject_ids: Sequence[int], embedder: str, *, most: int | None = None) -> list[Folder]:
    with engine.connect() as connection:
        return [as_folder(faces, most=most) for faces in read_subjects(connection, subject_ids, embedder=embedder)]


def _judge_all(
    engine: Engine,
    subject_ids: Sequence[int],
    embedder: str,
    learned: Learned | None,
    sample: Sequence[Folder],
    settings: IdentitySettings,
) -> _Found:
    found = _Found()
    learned_of = {
        folder.subject_id: (folder, judged)
        for folder, judged in zip(sample, learned.judged if learned else (), strict=False)
    }
    passed = track(_folders(engine, subject_ids, embedder), label="verify", total=len(subject_ids), unit="subject")
    rows: list[dict[str, Any]] = []
    for number, folder in enumerate(passed, start=1):
        judged = _judge_folder(folder, learned, learned_of, settings)
        rows += _verdicts(folder, judged, learned, embedder, settings, found)
        if number % _SAVE_EVERY == 0:
            _save(engine, rows)
            rows = []
    _save(engine, rows)
    return found


def _folders(engine: Engine, subject_ids: Sequence[int], embedder: str) -> Iterator[Folder]:
    """Yield the folders in parts: no result stays open while verdicts are written."""
    for start in range(0, len(subject_ids), _SAVE_EVERY):
        yield from _read(engine, subject_ids[start : start + _SAVE_EVERY], embedder)


def _judge_folder(
    folder: Folder,
    learned: Learned | None,
    learned_of: dict[int, tuple[Folder, Judged]],
    settings: IdentitySettings,
) -> Judged | None:
    """Return the judgement, or None where there is nothing to judge by."""
    if learned is None or len(folder) < LEAST_FACES:
        return None
    known = learned_of.get(folder.subject_id)
    if known is not None and len(known[0]) == len(folder):
        return known[1]  # in a space this subject had no part in
    return learned.judge_other(folder, settings)


def _verdicts(
    folder: Folder,
    judged: Judged | None,
    learned: Learned | None,
    embedder: str,
    settings: IdentitySettings,
    found: _Found,
) -> list[dict[str, Any]]:
    """Return the rows of `face_identity` of one subject; note its middle and the other people in its folder."""
    cluster: list[int | None] = [None] * len(folder)
    if judged is None:
        verdicts = ["alone" if len(folder) == 1 else "unsure"] * len(folder)
        similarity = np.full(len(folder), np.nan)
    else:
        matching = judged.belief >= 0.5
        is_settled = int(matching.sum()) >= 2
        verdicts = ["match" if match else "impostor" if is_settled else "unsure" for match in matching]
        similarity = similarities(
            folder.vectors, matching.astype(np.float64), folder.time, centre_years=settings.centre_years
        )
        if is_settled and learned is not None:
            _number(cluster, np.flatnonzero(matching), 0)
            found.subject_ids.append(folder.subject_id)
            found.middles.append(folder.vectors[matching].mean(axis=0) - learned.space.mean)
            for number, other in enumerate(find_others(folder, judged, learned, settings), start=1):
                _number(cluster, other.rows, number)
                found.proposals.append(_split(folder, other))
    return [
        {
            "face_id": int(face_id),
            "subject_id": folder.subject_id,
            "embedder": embedder,
            "similarity": None if np.isnan(near) else float(near),
            "cluster": part,
            "verdict": verdict,
        }
        for face_id, near, part, verdict in zip(folder.face_id, similarity, cluster, verdicts, strict=True)
    ]


def _number(cluster: list[int | None], rows: np.ndarray[Any, Any], number: int) -> None:
    for row in rows:
        cluster[int(row)] = number


def _split(folder: Folder, other: OtherPerson) -> dict[str, Any]:
    face_ids = sorted(int(face_id) for face_id in folder.face_id[other.rows])
    return {
        "kind": "split",
        "subject_id": folder.subject_id,
        "other_subject_id": None,
        "face_ids": face_ids,
        "score": other.score,
    }


def _save(engine: Engine, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        with engine.begin() as connection:
            save_identities(connection, rows)
