"""What was taken down and must not come back, known by digests only.

Photos and owners are buried with their site; subjects (by name), URLs and contents (by sha256) without one.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, cast

from sqlalchemy import Connection, Table, select

from db.models import Tombstone
from db.upserts import insert_each, slices

Kind = Literal["photo", "owner", "subject", "url", "sha256"]

_tombstone = cast(Table, Tombstone.__table__)

_URL_COLUMNS = ("page_url", "image_url")


def digest_of(kind: Kind, site: str | None, value: str) -> str:
    """Return what is kept of `value`; nobody can read the value from it, and who has the value finds it."""
    return hashlib.sha256(f"{kind}\0{site or ''}\0{value}".encode(errors="surrogatepass")).hexdigest()


def bury(connection: Connection, kind: Kind, site: str | None, values: Iterable[str], *, reason: str) -> int:
    """Put `values` under tombstones; return how many had none. The first reason stays."""
    now = datetime.now(UTC)
    digests = sorted({digest_of(kind, site, value) for value in values})
    rows = [{"kind": kind, "digest": digest, "reason": reason, "created_at": now} for digest in digests]
    return insert_each(connection, _tombstone, rows)


def is_buried(connection: Connection, kind: Kind, site: str | None, value: str) -> bool:
    """Return whether `value` is under a tombstone."""
    return bool(buried_values(connection, kind, site, [value]))


def buried_values(connection: Connection, kind: Kind, site: str | None, values: Iterable[str]) -> set[str]:
    """Return those of `values` that are under a tombstone."""
    if not _has_any(connection):
        return set()
    by_digest = {digest_of(kind, site, value): value for value in values}
    return {by_digest[digest] for digest in _buried_digests(connection, kind, by_digest)}


def buried_among(connection: Connection, site: str, photos: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the site ids of those rows of `photo` that are under a tombstone: as photo, by owner, or by a URL."""
    if not _has_any(connection):
        return set()
    owners = {photo["owner_id"] for photo in photos if photo.get("owner_id")}
    urls = {photo[name] for photo in photos for name in _URL_COLUMNS if photo.get(name)}
    site_ids = buried_values(connection, "photo", site, {photo["site_id"] for photo in photos})
    owners = buried_values(connection, "owner", site, owners)
    urls = buried_values(connection, "url", None, urls)
    return site_ids | {
        photo["site_id"]
        for photo in photos
        if photo.get("owner_id") in owners or any(photo.get(name) in urls for name in _URL_COLUMNS)
    }


def _has_any(connection: Connection) -> bool:
    # Most catalogs have none, and then a page of 500 photos needs no 2,000 digests.
    return connection.execute(select(_tombstone.c.id).limit(1)).first() is not None


def _buried_digests(connection: Connection, kind: Kind, digests: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in slices(digests):
        statement = select(_tombstone.c.digest).where(_tombstone.c.kind == kind, _tombstone.c.digest.in_(some))
        found.update(connection.scalars(statement))
    return found
