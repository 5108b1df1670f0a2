"""Rows for tests of the catalog: valid as they are, with what a test is about written over."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table

from db.models import Base

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
Row = dict[str, Any]


def table(model: type[Base]) -> Table:
    """Return the table of a model, with the type that `insert` needs."""
    return cast(Table, model.__table__)


def insert(connection: Connection, model: type[Base], rows: Row | Sequence[Row]) -> None:
    """Insert one row or several."""
    connection.execute(table(model).insert(), rows)


def subject_row(name: str = "Marta_Quillon", **values: Any) -> Row:
    """Return a row of `subject`."""
    return {"name": name, "display_name": name.replace("_", " "), "created_at": NOW, **values}


def query_row(subject_id: int, **values: Any) -> Row:
    """Return a row of `query`."""
    return {"site": "flickr", "subject_id": subject_id, "text": '"Marta Quillon"', "updated_at": NOW, **values}


def photo_row(site_id: str, **values: Any) -> Row:
    """Return a row of `photo`."""
    return {"site": "flickr", "site_id": site_id, "found_at": NOW, **values}


def face_row(photo_id: int, **values: Any) -> Row:
    """Return a row of `face`, kept."""
    return {
        "photo_id": photo_id,
        "detector": "yunet",
        "detection_score": 0.9,
        "box_x": 10.0,
        "box_y": 20.0,
        "box_width": 100.0,
        "box_height": 120.0,
        "landmarks": [[30.0, 60.0], [70.0, 60.0], [50.0, 80.0], [35.0, 100.0], [65.0, 100.0]],
        "eye_distance": 40.0,
        "status": "kept",
        **values,
    }


def pair_set_row(name: str = "default", **values: Any) -> Row:
    """Return a row of `pair_set`."""
    return {
        "name": name,
        "recipe": {"k_min": 1},
        "seed": 0,
        "code_version": "0.1.0",
        "pair_count": 0,
        "sha256": "0" * 64,
        "created_at": NOW,
        **values,
    }
