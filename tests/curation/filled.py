"""Fills a catalog with invented people, years and faces of noise, for tests that need no detector."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, insert

from dataset.images import encode_crop
from db.models import Face, FaceScan, Photo, PhotoSubject, Subject, TakenYear

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LANDMARKS = [[50, 50], [78, 50], [64, 66], [52, 82], [76, 82]]


def noise(seed: int) -> NDArray[np.uint8]:
    """Return a crop of smooth noise, uint8 (128, 128, 3)."""
    small = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    return np.asarray(small.repeat(16, axis=0).repeat(16, axis=1), np.uint8)


@dataclass
class Filler:
    """Adds rows through one connection; crops go below `data` when it is given."""

    connection: Connection
    data: Path | None = None
    subjects: dict[str, int] = field(default_factory=dict)

    def subject(self, name: str) -> int:
        """Return the id of the subject `name`, added when new."""
        if name not in self.subjects:
            row = {"name": name, "display_name": name.replace("_", " "), "created_at": NOW}
            self.subjects[name] = self._add(Subject, row)
        return self.subjects[name]

    def photo(self, site_id: str, *, site: str = "flickr", subject: str | None = None, **columns: Any) -> int:
        """Add a photo in state done, of `subject` if given; return its id."""
        row = {"site": site, "site_id": site_id, "state": "done", "attempts": 1, "found_at": NOW, **columns}
        photo_id = self._add(Photo, row)
        if subject is not None:
            link = {"photo_id": photo_id, "subject_id": self.subject(subject)}
            self.connection.execute(insert(PhotoSubject), [link])
        return photo_id

    def year(self, photo_id: int, year: int | None, *, confidence: float = 0.9, **columns: Any) -> None:
        """Say when a photo was taken; None is unknown, for a reason."""
        row: dict[str, Any] = {"photo_id": photo_id, "year": year, "version": "1", "confidence": confidence}
        if year is None:
            row |= {"confidence": 0.0, "reason": "no year in the texts"}
        else:
            row |= {"year_min": year, "year_max": year, "precision": "year", "source": "title", "rule": "bare year"}
            row |= {"words": str(year)}
        self.connection.execute(insert(TakenYear), [row | columns])

    def scan(self, photo_id: int, *, drop_reason: str | None = None, faces: int = 1) -> None:
        """Say that a photo has been looked at."""
        row = {"photo_id": photo_id, "recipe": "test", "face_count": faces, "drop_reason": drop_reason}
        self.connection.execute(insert(FaceScan), [row | {"scanned_at": NOW}])

    def face(
        self, photo_id: int, *, subject: str | None = None, crop: NDArray[np.uint8] | None = None, **columns: Any
    ) -> int:
        """Add a kept face (dropped when `drop_reason` is given); write its crop when there is one."""
        digest = hashlib.sha256(f"{photo_id}".encode() if crop is None else crop.tobytes()).hexdigest()
        row: dict[str, Any] = {
            "photo_id": photo_id,
            "subject_id": None if subject is None else self.subject(subject),
            "detector": "test",
            "detection_score": 0.9,
            "box_x": 10.0,
            "box_y": 10.0,
            "box_width": 80.0,
            "box_height": 80.0,
            "landmarks": LANDMARKS,
            "eye_distance": 28.0,
            "crop_template": "age",
            "crop_path": None,
            "crop_sha256": digest,
            "order_key": int(digest[:8], 16) >> 1,
            "perceptual_hash": int.from_bytes(bytes.fromhex(digest)[8:16], "big", signed=True),
            "status": "dropped" if columns.get("drop_reason") else "kept",
            **columns,
        }
        if crop is not None and self.data is not None:
            row["crop_path"] = f"faces/{subject or '_none'}/{photo_id}_{digest[:6]}.jpg"
            path = self.data / row["crop_path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_crop(crop))
        return self._add(Face, row)

    def dated_face(self, subject: str, site_id: str, year: int, **columns: Any) -> int:
        """Add a photo of `subject` taken in `year` with one kept face; return the face's id."""
        photo_id = self.photo(site_id, subject=subject, site=columns.pop("site", "flickr"))
        self.year(photo_id, year, confidence=columns.pop("confidence", 0.9))
        self.scan(photo_id)
        return self.face(photo_id, subject=subject, **columns)

    def _add(self, model: type[Any], row: dict[str, Any]) -> int:
        result = self.connection.execute(insert(model).values(**row).returning(model.id))
        return int(result.scalar_one())


@contextmanager
def filling(engine: Engine, data: Path | None = None) -> Iterator[Filler]:
    """Yield a Filler within one transaction."""
    with engine.begin() as connection:
        yield Filler(connection, data)
