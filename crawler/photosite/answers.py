"""How a photo looks in the answer to flickr.photos.search: key for key and type for type as recorded.

Each extra is one function from a photo to the keys it adds; only the asked extras are present. Odd types are the
site's own and are kept: the granularity is a number where the date is unknown and text elsewhere, within one answer.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from crawler.photosite.photos import SitePhoto
from crawler.photosite.sizes import BY_KEY, Extent, Size, extent_of, has_size, number, secret_of
from crawler.photosite.tags import is_machine_tag, normal_tag

SERVER = "65535"  # where the site keeps photos of recent years, with its farm
FARM = 66

Keys = dict[str, Any]


def describe_photo(photo: SitePhoto, extras: Iterable[str], base_url: str) -> Keys:
    """Return the photo's entry in a list of results; unknown extras are ignored, as the site does."""
    record = photo.record
    entry: Keys = {
        "id": record.id,
        "owner": record.owner,
        "secret": secret_of(record.id, BY_KEY["m"]),
        "server": SERVER,
        "farm": FARM,
        "title": record.title,
        "ispublic": 1,
        "isfriend": 0,
        "isfamily": 0,
    }
    for extra in extras:
        if extra in EXTRAS:
            entry.update(EXTRAS[extra](photo))
        elif extra.startswith("url_") and (size := BY_KEY.get(extra.removeprefix("url_"))):
            entry.update(_size_keys(photo, size, base_url))
    return entry


def image_path(photo_id: str, size: Size, ending: str) -> str:
    """Return the path of a photo's file on the image host."""
    suffix = f"_{size.suffix}" if size.suffix else ""
    return f"/{SERVER}/{photo_id}_{secret_of(photo_id, size)}{suffix}.{ending}"


def ending_of(photo: SitePhoto, size: Size) -> str:
    """Return the file name ending of a size: only the original keeps its own."""
    return photo.format if size.key == "o" else "jpg"


def _size_keys(photo: SitePhoto, size: Size, base_url: str) -> Keys:
    if not has_size(photo.extent, size):
        return {}  # absent, not null
    extent: Extent = extent_of(photo.extent, size)
    return {
        f"url_{size.key}": base_url + image_path(photo.record.id, size, ending_of(photo, size)),
        f"height_{size.key}": number(extent.height, size.height_type),
        f"width_{size.key}": number(extent.width, size.width_type),
    }


def _date_taken(photo: SitePhoto) -> Keys:
    record = photo.record
    granularity = record.date_taken_granularity
    return {
        "datetaken": record.date_taken,
        "datetakengranularity": granularity if record.date_taken_unknown else str(granularity),
        "datetakenunknown": str(int(record.date_taken_unknown)),
    }


def _tags(photo: SitePhoto) -> Keys:
    return {"tags": " ".join(tag if is_machine_tag(tag) else normal_tag(tag) for tag in photo.record.tags)}


def _views(photo: SitePhoto) -> int:
    return int(hashlib.sha256(photo.record.id.encode()).hexdigest()[:4], 16) % 500


EXTRAS: dict[str, Callable[[SitePhoto], Keys]] = {
    "description": lambda photo: {"description": {"_content": photo.record.description}},
    "license": lambda photo: {"license": photo.record.license},
    "date_upload": lambda photo: {"dateupload": str(photo.record.date_upload)},
    "last_update": lambda photo: {"lastupdate": str(photo.record.date_upload)},
    "date_taken": _date_taken,
    "owner_name": lambda photo: {"ownername": photo.record.ownername},
    "realname": lambda photo: {"realname": ""},
    "icon_server": lambda photo: {"iconserver": "0", "iconfarm": 0},
    "original_format": lambda photo: {
        "originalsecret": secret_of(photo.record.id, BY_KEY["o"]),
        "originalformat": photo.format,
    },
    "geo": lambda photo: {"latitude": 0, "longitude": 0, "accuracy": 0, "context": 0},  # no location
    "tags": _tags,
    "machine_tags": lambda photo: {"machine_tags": " ".join(filter(is_machine_tag, photo.record.tags))},
    "o_dims": lambda photo: {"o_width": str(photo.extent.width), "o_height": str(photo.extent.height)},
    "views": lambda photo: {"views": str(_views(photo))},
    "media": lambda photo: {"media": "photo", "media_status": "ready"},
    "path_alias": lambda photo: {"pathalias": None},
    "safety_level": lambda photo: {"safety_level": "0"},
    "content_type": lambda photo: {"content_type": "0"},
    "count_faves": lambda photo: {"count_faves": str(_views(photo) // 40)},
    "count_comments": lambda photo: {"count_comments": str(_views(photo) // 90)},
}
