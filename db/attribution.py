"""Reading what a credit says of each photo, a part at a time, whatever the number of photos."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Engine, Table, exists, func, null, select

from db.models import Face, Photo

_photo = cast(Table, Photo.__table__)

_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class CreditedPhoto:
    """A stored photo as a credit needs it; `is_cropped`: a face crop of it is kept."""

    id: int
    site: str
    site_id: str
    title: str | None
    owner_id: str | None
    owner_name: str | None
    page_url: str | None
    licence: str | None
    licence_at: datetime | None
    fetched_at: datetime | None
    found_at: datetime
    raw: dict[str, Any] | None  # of Commons only
    is_cropped: bool


def stored_sites(connection: Connection) -> list[str]:
    """Return the sites that stored photos came from."""
    return list(connection.scalars(select(_photo.c.site).distinct().order_by(_photo.c.site)))


def count_stored(connection: Connection, sites: Sequence[str]) -> int:
    """Return how many photos of `sites` are stored."""
    of_sites = select(func.count()).select_from(_photo).where(_photo.c.site.in_(sites), _photo.c.state == "done")
    return connection.scalar(of_sites) or 0


def credited_photos(engine: Engine, sites: Sequence[str]) -> Iterator[CreditedPhoto]:
    """Yield the stored photos of `sites`, site by site in the order of their ids.

    Each part is a transaction of its own: a crawl may go on meanwhile.
    """
    crop = exists().where(Face.photo_id == _photo.c.id, Face.status == "kept")
    names = [field.name for field in fields(CreditedPhoto)[:-1]]
    for site in sites:
        # Commons alone names the author apart from the uploader; the raw answers are most of a catalog's bytes.
        columns = [null() if name == "raw" and site != "commons" else _photo.c[name] for name in names]
        after = 0
        while True:
            statement = (
                select(*columns, crop)
                .where(_photo.c.site == site, _photo.c.state == "done", _photo.c.id > after)
                .order_by(_photo.c.id)
                .limit(_ROWS_AT_ONCE)
            )
            with engine.connect() as connection:
                rows = connection.execute(statement).all()
            yield from (CreditedPhoto(*row) for row in rows)  # type: ignore[call-arg]
            if len(rows) < _ROWS_AT_ONCE:
                break
            after = rows[-1].id
