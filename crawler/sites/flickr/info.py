"""Reading what Flickr says of one photo today (flickr.photos.getInfo), for `sync`."""

from collections.abc import Mapping
from dataclasses import dataclass

from crawler.sites.flickr.envelope import read_envelope
from crawler.sites.flickr.faults import PERMISSION_DENIED, PHOTO_NOT_FOUND
from crawler.sites.flickr.photo import read_id
from crawler.sites.found import SiteFault
from crawler.sites.loose import to_bool, to_text

METHOD = "flickr.photos.getInfo"
_USER_DELETED = 5


@dataclass(frozen=True)
class PhotoToday:
    """A photo as the site has it now: `is_gone` for deleted or private; a null is what the site did not say."""

    site_id: str
    is_gone: bool = False
    reason: str | None = None
    licence: str | None = None
    is_public: bool | None = None
    may_download: bool | None = None


def read_info(body: bytes, site_id: str) -> PhotoToday | SiteFault:
    """Return what the answer for photo `site_id` says; a photo that is not to be had is no fault."""
    answer = read_envelope(body, METHOD)
    if isinstance(answer, SiteFault):
        if answer.kind == "permanent" and answer.code in (PHOTO_NOT_FOUND, PERMISSION_DENIED, _USER_DELETED):
            return PhotoToday(site_id, is_gone=True, reason=str(answer))
        return answer
    photo = answer.get("photo")
    if not isinstance(photo, Mapping) or read_id(photo) != site_id:
        return SiteFault("transient", "the answer is not of the photo that was asked for")
    visibility, usage = photo.get("visibility"), photo.get("usage")
    return PhotoToday(
        site_id,
        licence=to_text(photo.get("license")),
        is_public=to_bool(visibility.get("ispublic")) if isinstance(visibility, Mapping) else None,
        may_download=to_bool(usage.get("candownload")) if isinstance(usage, Mapping) else None,
    )
