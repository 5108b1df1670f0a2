"""By which recipe the faces of photos were judged last."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from db.models import FaceScan
from db.upserts import slices


def recipes_of(connection: Connection, photo_ids: Sequence[int]) -> dict[int, str]:
    """Return `face_scan.recipe` of those of the photos that were looked at."""
    found: dict[int, str] = {}
    for some in slices(photo_ids):
        rows = connection.execute(select(FaceScan.photo_id, FaceScan.recipe).where(FaceScan.photo_id.in_(some)))
        found |= {row.photo_id: row.recipe for row in rows}
    return found
