"""Each face to a vector, once a face and embedder: photos are read by worker processes, rows written here."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from agegap.progress import track
from curation.processes import Workers
from dataset.face.embedders.known import load_embedder
from dataset.images import ImageRefused, read_photo
from db.identities import count_to_embed, faces_to_embed, save_vectors

BATCH = 100
"""Photos whose vectors are written in one transaction: half a minute of work."""
PAGE = 2_000


@dataclass(frozen=True)
class EmbedTask:
    """A photo and the five points of those of its faces that have no vector."""

    path: Path
    faces: tuple[tuple[int, list[list[float]]], ...]


@dataclass(frozen=True, eq=False)
class Embedded:
    """Vectors by face id; `failed` faces have none: their photo is gone, or cannot be read any more."""

    vectors: dict[int, NDArray[np.float32]]
    failed: int


def embed_faces(
    engine: Engine, *, data: Path, embedder: str, name: str, workers: int, with_others: bool = False
) -> dict[str, int]:
    """Store a vector for each face that has none by this embedder; return how many were made and how many failed.

    `embedder` is what is loaded in each worker, `name` what is stored; `with_others` embeds faces without a subject too
    (`db.identities.faces_to_embed`). Killed at any instant, a second run goes on.
    """
    with engine.connect() as connection:
        total = count_to_embed(connection, embedder=name, with_others=with_others)
    made = failed = 0
    if total:
        crew = Workers[EmbedTask, Embedded](start_worker, (embedder,), count=min(workers, total))
        batch: list[Embedded] = []
        results = track(crew.map(_tasks(engine, data, name, with_others), crashed=crashed), label="embed", unit="photo")
        try:
            for result in results:
                batch.append(result)
                if len(batch) >= BATCH:
                    made += _save(engine, batch, name)
                    batch = []
                failed += result.failed
        finally:
            made += _save(engine, batch, name)
    return {"embedded": made, "not_embedded": failed}


def start_worker(embedder: str) -> functools.partial[Embedded]:
    """Load the net in this process, a worker, and return what it does with each task."""
    import cv2

    cv2.setNumThreads(1)
    load_embedder(embedder)
    return functools.partial(embed_photo, embedder=embedder)


def embed_photo(task: EmbedTask, *, embedder: str) -> Embedded:
    """Return the vectors of the faces of one photo."""
    net = load_embedder(embedder)
    try:
        photo = read_photo(task.path)
    except ImageRefused:
        return crashed(task)
    vectors: dict[int, NDArray[np.float32]] = {}
    for face_id, landmarks in task.faces:
        points = np.array(landmarks, np.float64) / photo.scale
        try:
            vectors[face_id] = net.embed(photo.pixels, points)
        except ValueError:  # five points in one place
            continue
    return Embedded(vectors, len(task.faces) - len(vectors))


def crashed(task: EmbedTask) -> Embedded:
    """Return the result of a photo that gave no vector."""
    return Embedded({}, len(task.faces))


def _tasks(engine: Engine, data: Path, name: str, with_others: bool) -> Iterator[EmbedTask]:
    after_id = 0
    while True:
        with engine.connect() as connection:
            page = faces_to_embed(connection, embedder=name, after_id=after_id, limit=PAGE, with_others=with_others)
        if not page:
            return
        after_id = page[-1].face_id
        for path, faces in groupby(page, key=lambda face: face.path):
            yield EmbedTask(data / path, tuple((face.face_id, face.landmarks) for face in faces))


def _save(engine: Engine, batch: Sequence[Embedded], name: str) -> int:
    vectors = {face_id: vector for result in batch for face_id, vector in result.vectors.items()}
    if vectors:
        with engine.begin() as connection:
            save_vectors(connection, vectors, embedder=name)
    return len(vectors)
