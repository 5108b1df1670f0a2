"""A data folder with drawn photos and the catalog rows that a crawl would have left."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from sqlalchemy import Engine, insert, select

from crawler.photosite.drawn import draw_photo
from dataset.face.yunet import model_path
from dataset.images import encode_crop
from db.models import Face, FaceScan, Photo, PhotoSubject, Subject

NOW = datetime(2024, 1, 1, tzinfo=UTC)


@cache
def person(number: int) -> bytes:
    """Return the JPEG of the `number`th drawn person in whom OpenCV's detector alone sees exactly one face."""
    seen = -1
    for seed in range(200):
        image = draw_photo(seed, 20.0 + seed % 50, seed)
        seen += _face_count(image) == 1
        if seen == number:
            return jpeg(image)
    raise AssertionError("too few drawn people have a face")


def couple(number: int) -> bytes:
    """Return the JPEG of two drawn people side by side, the left one larger."""
    with Image.open(BytesIO(person(number))) as image:
        left = np.array(image.convert("RGB"))
    right = cv2.resize(left, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    both = np.full((left.shape[0], left.shape[1] + right.shape[1], 3), 127, np.uint8)
    both[:, : left.shape[1]] = left
    both[: right.shape[0], left.shape[1] :] = right
    return jpeg(both)


def nobody() -> bytes:
    """Return the JPEG of an even wall."""
    return jpeg(np.full((300, 300, 3), 140, np.uint8))


def jpeg(image: Any) -> bytes:
    return encode_crop(np.asarray(image, np.uint8))


def _face_count(image: Any) -> int:
    scale = min(1.0, 480 / max(image.shape))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    net = cv2.FaceDetectorYN.create(str(model_path()), "", (small.shape[1], small.shape[0]), 0.75)
    rows = net.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))[1]
    return 0 if rows is None else len(rows)


def add_photos(
    engine: Engine,
    data: Path,
    photos: Mapping[str, bytes],
    *,
    site: str = "flickr",
    subjects: Mapping[str, Sequence[str]] | None = None,
    ages: Mapping[str, float] | None = None,
) -> dict[str, int]:
    """Store `photos` (site id to bytes) as fetched; `subjects` names those of each. Return row ids by site id."""
    with engine.begin() as connection:
        for name in sorted({name for names in (subjects or {}).values() for name in names}):
            known = connection.execute(select(Subject.id).where(Subject.name == name)).first()
            if known is None:
                connection.execute(insert(Subject).values(name=name, display_name=name, created_at=NOW))
        names = {row.name: row.id for row in connection.execute(select(Subject.name, Subject.id))}
        ids = {}
        for site_id, content in photos.items():
            path = Path("photos") / site / f"{site_id}.jpg"
            (data / path).parent.mkdir(parents=True, exist_ok=True)
            (data / path).write_bytes(content)
            row = {"site": site, "site_id": site_id, "path": str(path), "state": "done", "found_at": NOW}
            row |= {"attempts": 1, "fetched_at": NOW, "age_label": (ages or {}).get(site_id)}
            ids[site_id] = connection.execute(insert(Photo).values(**row).returning(Photo.id)).scalar_one()
            for name in (subjects or {}).get(site_id, ()):
                connection.execute(insert(PhotoSubject).values(photo_id=ids[site_id], subject_id=names[name]))
    return ids


def face_rows(engine: Engine) -> list[dict[str, Any]]:
    """Return all faces with the site id of their photo and the name of their subject, in a stable order."""
    statement = (
        select(Photo.site_id, Subject.name.label("subject"), Face.__table__)
        .join(Photo, Photo.id == Face.photo_id)
        .outerjoin(Subject, Subject.id == Face.subject_id)
        .order_by(Photo.site_id, Face.id)
    )
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


def scan_reasons(engine: Engine) -> dict[str, str | None]:
    """Return the drop reason of each scanned photo by site id."""
    statement = select(Photo.site_id, FaceScan.drop_reason).join(Photo, Photo.id == FaceScan.photo_id)
    with engine.connect() as connection:
        return {row.site_id: row.drop_reason for row in connection.execute(statement)}
