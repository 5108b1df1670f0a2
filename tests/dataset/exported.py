"""Small exports of drawn faces of invented people, in every layout, for tests of writing and of reading back."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dataset.images import encode_crop
from dataset.splits import Shares, split_of
from dataset.tables import PairTable
from dataset.writers.export_folder import writing_export
from dataset.writers.face_pairs import by_face_id
from dataset.writers.layout import LayoutOptions
from dataset.writers.layouts import LAYOUTS
from dataset.writers.rows import ExportedFace, FaceRow

PEOPLE = 30
YEARS = (1970, 1975, 1980, 1990, 2000)
STRANGERS = 6
FACES = PEOPLE * len(YEARS) + STRANGERS
SHARES = Shares(60, 20, 20)

ABOUT: dict[str, Any] = {
    "created_by": "agegap test",
    "crop": {"size": 128, "template": "age"},
    "pairs": {"name": "default", "recipe": {"k_min": 1}, "seed": 0, "sha256": "00"},
    "split": {"seed": 0, "shares": {"train": 60.0, "val": 20.0, "test": 20.0}},
    "selection": {"site": [], "min_age": None, "hide_ages": False},
    "left_out": {"too_young": 3},
    "rejected": {"blurred": 7},
    "dropped_crops": {"missing": 1},
}


def name_of(person: int) -> str:
    """Return an invented name; some are hard for lists and folders: blanks, slashes, letters beyond ASCII."""
    return {0: "set/000", 1: "Żaneta Öst", 2: "Test_Dev", 3: "test dev"}.get(person, f"Person_{person:02}")


def crop_of(face_id: int) -> NDArray[np.uint8]:
    """Return a crop of smooth noise of its own, uint8 (128, 128, 3)."""
    small = np.random.default_rng(face_id).integers(0, 256, (8, 8, 3), np.uint8)
    return np.asarray(small.repeat(16, axis=0).repeat(16, axis=1), np.uint8)


def pixels_of(jpeg: bytes) -> NDArray[np.uint8]:
    """Return the pixels of a JPEG."""
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))


def drawn_faces() -> Iterator[ExportedFace]:
    """Yield faces of `PEOPLE` people in each of `YEARS`, then of strangers without name, year or licence."""
    for person in range(PEOPLE):
        for place, year in enumerate(YEARS):
            yield _face(100 + person * 10 + place, name_of(person), year)
    for number in range(STRANGERS):
        yield _face(90_000 + number, None, None)


def _face(face_id: int, subject: str | None, year: int | None) -> ExportedFace:
    is_open = year is not None
    row = FaceRow(
        face_id=face_id,
        subject=subject,
        split=split_of(subject or f"utkface/{face_id}", seed=0, shares=SHARES).label,
        age=None if is_open else float(face_id % 90),
        age_std=None if is_open or face_id % 2 else 2.5,
        age_min=None if year is None else year - 1961,
        age_max=None if year is None else year - 1960,
        year=year,
        year_min=year,
        year_max=None if year is None else year + 1,
        year_confidence=0.5 if is_open else 0.0,
        site="flickr" if is_open else "utkface",
        site_id=f"{face_id}",
        licence="4" if is_open else None,
        licence_name="CC BY 2.0" if is_open else None,
        licence_url="https://creativecommons.org/licenses/by/2.0/" if is_open else None,
        title='=cmd|"<b>x"' if face_id % 10 == 0 else None,
        author=f"Photographer of {face_id}, the 1st" if is_open else None,
        page_url=f"https://photos.example/{face_id}" if is_open else None,
    )
    return ExportedFace(row, encode_crop(crop_of(face_id)))


def drawn_pairs(faces: Iterable[ExportedFace]) -> PairTable:
    """Return all pairs of one person, the younger first."""
    rows = [face.row for face in faces if face.row.year is not None]
    ids = np.array([row.face_id for row in rows], np.int64)
    year = {row.face_id: row.year or 0 for row in rows}
    subject = {row.face_id: row.subject for row in rows}
    ends = [(a, b) for a in ids for b in ids if subject[int(a)] == subject[int(b)] and year[int(a)] < year[int(b)]]
    place = {int(face_id): row for row, face_id in enumerate(ids)}
    gaps = [year[int(b)] - year[int(a)] for a, b in ends]
    table = PairTable(
        younger=np.array([place[int(a)] for a, _ in ends], np.int64),
        older=np.array([place[int(b)] for _, b in ends], np.int64),
        gap_years=np.array(gaps, np.int16),
        confidence=np.full(len(ends), 0.25, np.float32),
    )
    return by_face_id(table, ids)


def write_drawn(
    folder: Path, layout: str, *, shard_bytes: int = 300_000, faces: list[ExportedFace] | None = None
) -> Path:
    """Write the drawn faces that have a place in `layout`; return `folder`."""
    chosen = faces_of(layout) if faces is None else faces
    with writing_export(folder, LAYOUTS[layout], LayoutOptions(shard_bytes=shard_bytes, seed=0)) as writer:
        for face in chosen:
            writer.add(face)
        writer.finish(drawn_pairs(drawn_faces()), manifest=ABOUT)
    return folder


def faces_of(layout: str) -> list[ExportedFace]:
    """Return the drawn faces that have a place in a layout."""
    return [face for face in drawn_faces() if LAYOUTS[layout].has_strangers or face.row.subject is not None]
