"""The licences a site lists, as they were when it was asked last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Connection, Table, select

from db.models import Licence
from db.upserts import upsert

_licence = cast(Table, Licence.__table__)


@dataclass(frozen=True)
class SiteLicence:
    """A licence in the site's own words."""

    licence_id: str
    name: str
    url: str | None = None


def save_licences(connection: Connection, site: str, rows: Sequence[SiteLicence]) -> None:
    """Write the licences of a site over older ones; those that it lists no more stay, with the time they were seen."""
    now = datetime.now(UTC)
    upsert(
        connection,
        _licence,
        [
            {"site": site, "licence_id": row.licence_id, "name": row.name, "url": row.url, "seen_at": now}
            for row in sorted(rows, key=lambda row: row.licence_id)
        ],
        keys=("site", "licence_id"),
        update=("name", "url", "seen_at"),
    )


def licences(connection: Connection, site: str) -> dict[str, SiteLicence]:
    """Return the licences of a site that were ever listed, by id."""
    columns = (_licence.c.licence_id, _licence.c.name, _licence.c.url)
    rows = connection.execute(select(*columns).where(_licence.c.site == site).order_by(_licence.c.licence_id))
    return {row.licence_id: SiteLicence(*row) for row in rows}
