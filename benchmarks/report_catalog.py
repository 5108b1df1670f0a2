"""A catalog of drawn people for `benchmarks/report.py`: as many rows as a crawl leaves, by arithmetic and a seed."""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, insert

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DRAWN = 600
"""Different crops; the others are links to them. A file is read and decoded for each face all the same."""
_FIRST_YEAR, _YEARS = 1970, 50
_DROPPED_EACH = 40  # a face in so many is dropped
_DIMENSIONS = 128
_SUBJECTS_AT_ONCE = 500


def fill(connection: Connection, data: Path, *, people: int, faces: int) -> None:
    """Write the people, their faces and crops, what was judged of them, and doubts."""
    from db.models import (
        AuditFinding,
        DuplicateFace,
        Face,
        FaceEmbedding,
        FaceIdentity,
        FaceScan,
        Licence,
        Photo,
        PhotoSubject,
        Subject,
        TakenYear,
    )

    draw_crops(data)
    licence = {"site": "flickr", "licence_id": "4", "name": "Attribution", "url": "https://licence.example/4"}
    connection.execute(insert(Licence), [{**licence, "seen_at": NOW}])
    tables = (Subject, Photo, PhotoSubject, TakenYear, FaceScan, Face, FaceEmbedding, FaceIdentity, DuplicateFace)
    for start in range(0, people, _SUBJECTS_AT_ONCE):
        rows: dict[str, list[dict[str, Any]]] = {table.__tablename__: [] for table in (*tables, AuditFinding)}
        for number in range(start, min(start + _SUBJECTS_AT_ONCE, people)):
            for table, row in rows_of(number, faces, data):
                rows[table].append(row)
        for model in (*tables, AuditFinding):
            if rows[model.__tablename__]:
                connection.execute(insert(model), rows[model.__tablename__])


def rows_of(number: int, faces: int, data: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (table, row) of one person; link the crops."""
    rng = np.random.default_rng(number)
    subject_id = number + 1
    name = f"Person_{number:05}"
    yield "subject", {"id": subject_id, "name": name, "display_name": name.replace("_", " "), "created_at": NOW}
    middle, years = rng.normal(size=_DIMENSIONS), np.sort(rng.integers(_FIRST_YEAR, _FIRST_YEAR + _YEARS, faces))
    drift = rng.normal(size=_DIMENSIONS)
    for place in range(faces):
        face_id = number * faces + place + 1
        year, dropped = int(years[place]), face_id % _DROPPED_EACH == 0
        yield "photo", {
            "id": face_id, "site": "flickr", "site_id": str(10_000_000 + face_id), "state": "done", "attempts": 1,
            "found_at": NOW, "title": f"{name} at the harbour, {year}", "owner_name": f"owner {face_id % 97}",
            "licence": "4", "page_url": f"https://photos.example/{face_id}",
        }  # fmt: skip
        yield "photo_subject", {"photo_id": face_id, "subject_id": subject_id}
        yield "taken_year", {
            "photo_id": face_id, "year": year, "year_min": year, "year_max": year, "precision": "year",
            "confidence": round(0.5 + 0.5 * float(rng.random()), 3), "source": "title", "rule": "bare year",
            "words": str(year), "version": "1",
        }  # fmt: skip
        yield "face_scan", {"photo_id": face_id, "recipe": "drawn", "face_count": 1, "scanned_at": NOW}
        path = _link(data, number, face_id)
        digest = hashlib.sha256(str(face_id).encode()).hexdigest()
        yield "face", {
            "id": face_id, "photo_id": face_id, "subject_id": subject_id, "detector": "drawn",
            "detection_score": round(0.7 + 0.3 * float(rng.random()), 3), "box_x": 10.0, "box_y": 10.0,
            "box_width": 90.0, "box_height": 90.0, "landmarks": [[50, 50], [78, 50], [64, 66], [52, 82], [76, 82]],
            "eye_distance": 20.0 + 60 * float(rng.random()), "blur": 400 * float(rng.random()),
            "crop_template": "age", "crop_path": path, "crop_sha256": digest, "order_key": int(digest[:8], 16) >> 1,
            "perceptual_hash": int(digest[:15], 16), "status": "dropped" if dropped else "kept",
            "drop_reason": "blurred" if dropped else None,
        }  # fmt: skip
        vector = middle + drift * (year - 1995) / 30 + 0.4 * rng.normal(size=_DIMENSIONS)
        vector /= np.linalg.norm(vector)
        yield "face_embedding", {"face_id": face_id, "embedder": "drawn", "vector": vector.astype("<f4").tobytes()}
        verdict = "impostor" if rng.random() < 0.02 else "match"
        similarity = 0.3 + 0.6 * float(rng.random())
        yield "face_identity", {
            "face_id": face_id, "subject_id": subject_id, "embedder": "drawn", "similarity": similarity,
            "cluster": 0, "verdict": verdict, "made_at": NOW,
        }  # fmt: skip
        if number % 20 == 0 and place < 2:
            first = number * faces + 1
            yield "duplicate_face", {"face_id": face_id, "group_id": first, "kind": "near", "distance": 2 * place}
        if number % 10 == 0 and place == 0:
            yield "audit_finding", {
                "check_name": "before_birth", "subject_id": subject_id, "photo_id": face_id, "face_id": face_id,
                "detail": {"key": str(face_id), "words": f"the photo is of {year}, before the birth"},
                "fix": None, "state": "open", "created_at": NOW,
            }  # fmt: skip


def draw_crops(data: Path) -> None:
    """Draw the crops: a face of a few ellipses before a ground of noise, so that a JPEG has something to code."""
    from dataset.images import encode_crop

    (data / "drawn").mkdir(parents=True, exist_ok=True)
    for number in range(DRAWN):
        (data / "drawn" / f"{number}.jpg").write_bytes(encode_crop(draw(number)))


def draw(number: int) -> NDArray[np.uint8]:
    """Return one drawn crop, uint8 (128, 128, 3)."""
    from PIL import Image, ImageDraw

    rng = np.random.default_rng(number)
    ground = rng.integers(60, 200, (9, 9, 3), np.uint8)
    image = Image.fromarray(ground).resize((128, 128), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    skin = tuple(int(value) for value in rng.integers(90, 230, 3))
    pen.ellipse((24, 14, 104, 122), fill=skin)
    for left in (44, 72):
        pen.ellipse((left, 50, left + 12, 60), fill=(250, 250, 250))
        pen.ellipse((left + 4, 52, left + 9, 58), fill=(30, 30, 40))
    pen.arc((48, 74, 80, 100), 20, 160, fill=(120, 40, 40), width=3)
    grain = rng.normal(0, 5, (128, 128, 1))
    return np.clip(np.asarray(image, np.float64) + grain, 0, 255).astype(np.uint8)


def _link(data: Path, number: int, face_id: int) -> str:
    path = f"faces/{number}/{face_id}.jpg"
    target = data / path
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(data / "drawn" / f"{face_id % DRAWN}.jpg", target)
    return path
