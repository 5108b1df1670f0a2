"""The people whose photos a site shows, as flickr.people.getInfo and flickr.urls.lookupUser know them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.photosite.photos import SitePhoto
from crawler.photosite.records import PhotoRecord

PAGES = "https://www.flickr.com"


@dataclass(frozen=True)
class Owner:
    """An owner of photos."""

    id: str
    name: str
    photo_count: int
    first_upload: int
    first_taken: str

    @property
    def page_url(self) -> str:
        """The page of the owner's photos."""
        return f"{PAGES}/photos/{self.id}/"


def owner_of(record: PhotoRecord, photos: Sequence[SitePhoto]) -> Owner:
    """Return the owner of `record`, whose photos these are."""
    return Owner(
        id=record.owner,
        name=record.ownername,
        photo_count=len(photos),
        first_upload=min(photo.record.date_upload for photo in photos),
        first_taken=min(photo.record.date_taken for photo in photos),
    )


def name_in_url(url: str) -> str:
    """Return whom the URL of a photos or people page is about, empty where it is no such page."""
    parts = urlsplit(url).path.strip("/").split("/")
    return parts[1] if len(parts) >= 2 and parts[0] in ("photos", "people") else ""
