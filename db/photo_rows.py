"""Writing found photos: new ones in full, known ones with what the site says of them now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, case, or_, select, update

from db.models import Photo
from db.upserts import batches, insert_each, slices

_photo = cast(Table, Photo.__table__)

Row = Mapping[str, Any]

# What belongs to the file, or says which photo it is: never the site's to change.
_NEVER_REFRESHED = frozenset({"site", "site_id", "state", "attempts", "error", "path", "found_at"})
# Of the file that is fetched: changed only while there is none.
_OF_THE_FILE = frozenset({"image_url", "image_size"})


@dataclass(frozen=True)
class SavedPhotos:
    """The row ids of saved photos by site id, and how many of them are new."""

    ids: Mapping[str, int]
    new: int


def save_found(connection: Connection, site: str, photos: Sequence[Row], now: datetime) -> SavedPhotos:
    """Write rows of `photo` (each site id once), less `site` and `found_at`; `licence_at` is now where not given."""
    rows = {
        photo["site_id"]: {"licence_at": now if photo.get("licence") is not None else None, **photo} for photo in photos
    }
    known = photo_ids(connection, site, rows)
    # Sorted, so that workers that find the same photos never wait for each other in a circle.
    unknown = [{**rows[site_id], "site": site, "found_at": now} for site_id in sorted(rows.keys() - known.keys())]
    new = insert_each(connection, _photo, unknown)
    ids = known | photo_ids(connection, site, [row["site_id"] for row in unknown])
    if new < len(unknown):  # another worker was first with some
        known = ids
    _refresh(connection, {photo_id: rows[site_id] for site_id, photo_id in known.items()})
    return SavedPhotos(ids, new)


def photo_ids(connection: Connection, site: str, site_ids: Iterable[str]) -> dict[str, int]:
    """Return the row ids of those photos of `site` that are in the catalog, by site id."""
    ids: dict[str, int] = {}
    for some in slices(site_ids):
        rows = connection.execute(
            select(_photo.c.site_id, _photo.c.id).where(_photo.c.site == site, _photo.c.site_id.in_(some))
        )
        ids.update({row.site_id: row.id for row in rows})
    return ids


def _refresh(connection: Connection, rows: Mapping[int, Row]) -> None:
    for batch in batches([{"id": photo_id, **rows[photo_id]} for photo_id in sorted(rows)]):
        names = [name for name in batch[0] if name not in _NEVER_REFRESHED and name != "id"]
        has_no_file = or_(_photo.c.state == "pending", _photo.c.state == "failed")
        values = {
            name: case((has_no_file, bindparam(f"b_{name}", type_=_photo.c[name].type)), else_=_photo.c[name])
            if name in _OF_THE_FILE
            else bindparam(f"b_{name}")
            for name in names
        }
        connection.execute(
            update(_photo).where(_photo.c.id == bindparam("b_id")).values(values),
            [{"b_id": row["id"], **{f"b_{name}": row[name] for name in names}} for row in batch],
        )
