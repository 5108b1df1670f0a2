"""What a takedown is asked for, followed to the photos it means."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from sqlalchemy import Connection

from agegap.photo_urls import COMMONS, read_photo_url
from db.removal import Removal, find_by_file_name, find_photos

Wanted = Mapping[Removal, Sequence[Removal]]
"""What was asked for, each with everything it means: an address also means the photo behind it."""


def photos_of_each(connection: Connection, wanted: Wanted) -> dict[Removal, set[int]]:
    """Return the ids of the photos that each of the things asked for leads to."""
    return {
        removal: set().union(*(find_photos(connection, each) for each in meant)) for removal, meant in wanted.items()
    }


def meaning_of(connection: Connection, removal: Removal) -> Iterable[Removal]:
    """Yield a removal and, for an address of a known form, the photo behind it."""
    yield removal
    address = read_photo_url(removal.value) if removal.kind == "url" else None
    if address is None:
        return
    if address.site_id is not None:
        yield Removal("photo", address.site_id, address.site)
    elif address.file_name is not None:
        for site_id in sorted(find_by_file_name(connection, address.site, address.file_name)):
            yield Removal("photo", site_id, address.site)
        if address.site == COMMONS:
            # The page as MediaWiki writes it (wfUrlencode), for a photo that no crawl has met yet.
            title = quote(f"File:{address.file_name.replace(' ', '_')}", safe=";@$!*(),/~:")
            yield Removal("url", f"https://commons.wikimedia.org/wiki/{title}")
