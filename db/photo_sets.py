"""Writing imported sets: photos that lie where their owner keeps them, with what the set says about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, exists, select

from db.models import FaceScan, Photo, PhotoSubject, Query, Subject, TakenYear
from db.taken_years import IMPORTED
from db.upserts import Row, insert_new, upsert

_photo, _subject, _link = Photo.__table__, Subject.__table__, PhotoSubject.__table__
_year, _scan = TakenYear.__table__, FaceScan.__table__

_KEYS = ("site", "site_id")
_NEVER_UPDATED = (*_KEYS, "found_at")


@dataclass(frozen=True)
class KnownPhoto:
    """What the catalog says of a photo that is imported again."""

    id: int
    path: str | None
    age_label: float | None
    byte_count: int | None


def is_crawled_site(connection: Connection, site: str) -> bool:
    """Return whether `site` is filled by a crawl, so that no set may take its name."""
    return bool(connection.execute(select(exists().where(Query.site == site))).scalar_one())


def known_photos(connection: Connection, site: str, site_ids: Sequence[str]) -> dict[str, KnownPhoto]:
    """Return the photos of `site` among `site_ids`, by site id."""
    statement = select(_photo.c.site_id, *(_photo.c[name] for name in KnownPhoto.__dataclass_fields__)).where(
        _photo.c.site == site, _photo.c.site_id.in_(site_ids)
    )
    return {row.pop("site_id"): KnownPhoto(**row) for row in map(dict, connection.execute(statement).mappings())}


def save_subjects(connection: Connection, display_names: Mapping[str, str]) -> dict[str, int]:
    """Make sure the subjects (name to display name) exist; return the row id of each name."""
    if not display_names:
        return {}
    now = datetime.now(UTC)
    rows = [{"name": name, "display_name": shown, "created_at": now} for name, shown in sorted(display_names.items())]
    insert_new(connection, _subject, rows)
    statement = select(_subject.c.name, _subject.c.id).where(_subject.c.name.in_(display_names))
    return {row.name: row.id for row in connection.execute(statement)}


def save_photos(connection: Connection, site: str, rows: Sequence[Row]) -> dict[str, int]:
    """Write photo rows of one site (all with the same columns), over older ones; return row ids by site id."""
    upsert(connection, _photo, rows, keys=_KEYS, update=[name for name in rows[0] if name not in _NEVER_UPDATED])
    site_ids = [row["site_id"] for row in rows]
    return {site_id: photo.id for site_id, photo in known_photos(connection, site, site_ids).items()}


def set_subjects(connection: Connection, photo_ids: Sequence[int], subject_of: Mapping[int, int]) -> None:
    """Make `subject_of` (photo id to subject id) all that is said of whom these photos show."""
    connection.execute(delete(PhotoSubject).where(_link.c.photo_id.in_(photo_ids)))
    insert_new(connection, _link, [{"photo_id": photo, "subject_id": subject} for photo, subject in subject_of.items()])


def drop_imported_years(connection: Connection, photo_ids: Sequence[int]) -> None:
    """Forget the imported years of photos whose set no longer states one."""
    connection.execute(delete(TakenYear).where(_year.c.photo_id.in_(photo_ids), _year.c.source == IMPORTED))


def forget_scans(connection: Connection, photo_ids: Sequence[int]) -> None:
    """Let `curate faces` look at these photos again: their file or label is another one."""
    connection.execute(delete(FaceScan).where(_scan.c.photo_id.in_(photo_ids)))
