"""The methods of the REST service: parameters in, an answer (plain dicts) or an ApiFault out."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crawler.photosite.answers import describe_photo, with_mixed_types
from crawler.photosite.chance import share
from crawler.photosite.criteria import ApiFault
from crawler.photosite.faults import Faults
from crawler.photosite.licences import licence_rows
from crawler.photosite.owners import Owner, name_in_url
from crawler.photosite.photo_answers import ABOUT_A_PHOTO, describe_sizes
from crawler.photosite.photos import SitePhoto
from crawler.photosite.search import Photos

Answer = dict[str, Any]
Params = Mapping[str, str]

# The site's own keys are 32 hex digits; any word will do here, so that nobody needs one, but not nothing at all.
_KEY = re.compile(r"[0-9A-Za-z._-]{1,64}")


@dataclass(frozen=True)
class Site:
    """What a call is answered from; `base_url` is that of the image host."""

    photos: Photos
    base_url: str
    faults: Faults = field(default_factory=Faults)


def answer(photos: Photos, params: Params, base_url: str, faults: Faults | None = None) -> Answer:
    """Answer one call; raise ApiFault with the site's code for a missing key, an unknown method, bad arguments."""
    site = Site(photos, base_url, faults or Faults())
    key = params.get("api_key", "")
    if not _KEY.fullmatch(key) or (site.faults.key and key != site.faults.key):
        raise ApiFault(100, "Invalid API Key (Key has invalid format)")
    method = params.get("method", "")
    if method not in METHODS:
        raise ApiFault(112, f'Method "{method}" not found')
    return METHODS[method](site, params)


def _search(site: Site, params: Params) -> Answer:
    found = site.photos.search(params)
    extras = tuple(extra.strip() for extra in params.get("extras", "").split(","))
    entries = [describe_photo(photo, extras, site.base_url) for photo in found.photos]
    if site.faults.mixed_types:
        entries = [with_mixed_types(entry, site.faults.seed) for entry in entries]
    return {
        "photos": {
            "page": found.page,
            "pages": found.pages,
            "perpage": found.perpage,
            "total": _total(site.faults, found.total, found.page),
            "photo": entries,
        }
    }


def _total(faults: Faults, total: int, page: int) -> int | str:
    is_text = faults.total == "str" or (faults.total == "mixed" and share(faults.seed, "total", total, page) < 0.5)
    return str(total) if is_text else total


def _public_photos(site: Site, params: Params) -> Answer:
    if not params.get("user_id"):
        raise ApiFault(1, "Required parameter missing")
    return _search(site, {**params, "user_id": _owner(site, params["user_id"]).id})


def _about_a_photo(site: Site, params: Params) -> Answer:
    describe, unknown = ABOUT_A_PHOTO[params["method"]]
    return describe(_photo(site, params, unknown))


def _sizes(site: Site, params: Params) -> Answer:
    return describe_sizes(_photo(site, params, "Photo not found"), site.base_url)


def _photo(site: Site, params: Params, unknown: str) -> SitePhoto:
    photo_id = params.get("photo_id", "")
    photo = site.photos.photo(photo_id)
    if photo is None and params["method"] == "flickr.photos.getInfo" and site.photos.absence(photo_id) == "private":
        raise ApiFault(2, "Photo is private")
    if photo is None:
        raise ApiFault(1, unknown.format(photo_id))
    return photo


def _licences(site: Site, params: Params) -> Answer:
    return {"licenses": {"license": licence_rows(are_old=site.faults.old_licences)}}


def _echo(site: Site, params: Params) -> Answer:
    return {name: {"_content": value} for name, value in params.items()}


def _needs_login(site: Site, params: Params) -> Answer:
    raise ApiFault(99, "Insufficient permissions. Method requires read privileges; none granted.")


def _user_by_name(site: Site, params: Params) -> Answer:
    owner = _owner(site, params.get("username", ""))
    return {"user": {"id": owner.id, "nsid": owner.id, "username": {"_content": owner.name}}}


def _user_by_url(site: Site, params: Params) -> Answer:
    owner = _owner(site, name_in_url(params.get("url", "")))
    return {"user": {"id": owner.id, "username": {"_content": owner.name}}}


def _person(site: Site, params: Params) -> Answer:
    owner = _owner(site, params.get("user_id", ""))
    return {
        "person": {
            "id": owner.id,
            "nsid": owner.id,
            "ispro": 0,
            "is_deleted": 0,
            "iconserver": "0",
            "iconfarm": 0,
            "path_alias": None,
            "has_stats": 0,
            "username": {"_content": owner.name},
            "realname": {"_content": ""},
            "location": {"_content": ""},
            "description": {"_content": ""},
            "photosurl": {"_content": owner.page_url},
            "profileurl": {"_content": owner.page_url.replace("/photos/", "/people/")},
            "mobileurl": {"_content": owner.page_url},
            "photos": {
                "firstdatetaken": {"_content": owner.first_taken},
                "firstdate": {"_content": str(owner.first_upload)},
                "count": {"_content": owner.photo_count},
            },
        }
    }


def _owner(site: Site, name: str) -> Owner:
    owner = site.photos.owner(name) if name else None
    if owner is None:
        raise ApiFault(1, "User not found")
    return owner


METHODS: dict[str, Callable[[Site, Params], Answer]] = {
    "flickr.photos.search": _search,
    **dict.fromkeys(ABOUT_A_PHOTO, _about_a_photo),
    "flickr.photos.getSizes": _sizes,
    "flickr.photos.licenses.getInfo": _licences,
    "flickr.people.findByUsername": _user_by_name,
    "flickr.people.getInfo": _person,
    "flickr.people.getPhotos": _public_photos,
    "flickr.people.getPublicPhotos": _public_photos,
    "flickr.urls.lookupUser": _user_by_url,
    "flickr.test.echo": _echo,
    "flickr.test.null": _needs_login,
}
