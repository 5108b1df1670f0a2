"""How a photo looks in the answer to flickr.photos.search: key for key and type for type as recorded.

Each extra is one function from a photo to the keys it adds; only the asked extras are present. Odd types are the
site's own and are kept: the granularity is a number where the date is unknown and text elsewhere, within one answer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from crawler.photosite.chance import share
from crawler.photosite.photos import SitePhoto
from crawler.photosite.sizes import BY_KEY, LARGEST_GUESSABLE, Extent, Size, extent_of, has_size, number, secret_of
from crawler.photosite.tags import is_machine_tag, normal_tag

SERVER = "65535"  # where the site keeps photos of recent years, with its farm
FARM = 66

Keys = dict[str, Any]


def describe_photo(photo: SitePhoto, extras: Iterable[str], base_url: str) -> Keys:
    """Return the photo's entry in a list of results; unknown extras are ignored, as the site does."""
    record = photo.record
    secret = secret_of(record.id, BY_KEY["m"])
    entry: Keys = {
        "id": record.id,
        "owner": record.owner,
        "secret": secret,
        "server": SERVER,
        "farm": FARM,
        "title": record.title,
        "ispublic": 1,
        "isfriend": 0,
        "isfamily": 0,
    }
    shape = _shape(tuple(extras), photo.extent, photo.has_large_sizes, photo.format)
    entry.update(shape.constants)
    for add in shape.texts:
        entry.update(add(photo))
    start = f"{base_url}/{SERVER}/{record.id}_"
    for url_key, url_end, own_secret in shape.urls:
        entry[url_key] = f"{start}{secret if own_secret is None else secret_of(record.id, own_secret)}{url_end}"
    return entry


class _Url(NamedTuple):
    """The URL of one size: its key, what follows the secret, and the size if it has a secret of its own."""

    key: str
    end: str
    own_secret: Size | None


@dataclass(frozen=True)
class _Shape:
    """What entries have in common whose extras, extent and format are alike."""

    constants: Keys
    texts: tuple[Callable[[SitePhoto], Keys], ...]
    urls: tuple[_Url, ...]


@lru_cache(1024)
def _shape(extras: tuple[str, ...], original: Extent, has_large: bool, ending: str) -> _Shape:
    constants: Keys = {}
    texts: list[Callable[[SitePhoto], Keys]] = []
    urls: list[_Url] = []
    for extra in extras:
        size = BY_KEY.get(extra.removeprefix("url_")) if extra.startswith("url_") else None
        if size is not None and is_kept(original, has_large, size):  # otherwise absent, not null
            extent = extent_of(original, size)
            suffix = f"_{size.suffix}" if size.suffix else ""
            end = f"{suffix}.{ending if size.key == 'o' else 'jpg'}"
            urls.append(_Url(f"url_{size.key}", end, size if size.has_own_secret else None))
            constants[f"height_{size.key}"] = number(extent.height, size.height_type)
            constants[f"width_{size.key}"] = number(extent.width, size.width_type)
        constants.update(CONSTANT_EXTRAS.get(extra, {}))
        if extra in EXTRAS:
            texts.append(EXTRAS[extra])
    return _Shape(constants, tuple(texts), tuple(urls))


def is_kept(original: Extent, has_large: bool, size: Size) -> bool:
    """Say whether the host keeps this size of a photo, whose owner may have hidden the large ones."""
    return has_size(original, size) and (has_large or 0 < size.edge <= LARGEST_GUESSABLE)


def with_mixed_types(entry: Keys, seed: int) -> Keys:
    """Return the entry with some of its numbers as text and the reverse, as answers of other years have them."""
    photo_id = entry["id"]
    for key in entry:
        if key.startswith(("height_", "width_")) or key in _EITHER:
            drawn = share(seed, "mixed_types", photo_id, key)
            if drawn < 0.5:
                entry[key] = int(entry[key]) if isinstance(entry[key], str) else str(entry[key])
    if "pathalias" in entry and share(seed, "mixed_types", photo_id, "pathalias") < 0.5:
        entry["pathalias"] = ""
    return entry


_EITHER = ("datetakengranularity", "datetakenunknown", "views", "license", "o_width", "o_height")


def image_path(photo_id: str, size: Size, ending: str) -> str:
    """Return the path of a photo's file on the image host."""
    suffix = f"_{size.suffix}" if size.suffix else ""
    return f"/{SERVER}/{photo_id}_{secret_of(photo_id, size)}{suffix}.{ending}"


def ending_of(photo: SitePhoto, size: Size) -> str:
    """Return the file name ending of a size: only the original keeps its own."""
    return photo.format if size.key == "o" else "jpg"


def last_update_of(photo: SitePhoto) -> int:
    """Return when the owner last touched the photo."""
    return photo.record.date_upload if photo.last_update is None else photo.last_update


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


def views_of(photo: SitePhoto) -> int:
    """Return how often the photo was looked at, as good as any number."""
    return int(secret_of(photo.record.id, BY_KEY["m"])[:4], 16) % 500


CONSTANT_EXTRAS: dict[str, Keys] = {
    "realname": {"realname": ""},
    "icon_server": {"iconserver": "0", "iconfarm": 0},
    "geo": {"latitude": 0, "longitude": 0, "accuracy": 0, "context": 0},  # no location
    "media": {"media": "photo", "media_status": "ready"},
    "path_alias": {"pathalias": None},
    "safety_level": {"safety_level": "0"},
    "content_type": {"content_type": "0"},
}

EXTRAS: dict[str, Callable[[SitePhoto], Keys]] = {
    "description": lambda photo: {"description": {"_content": photo.record.description}},
    "license": lambda photo: {"license": photo.record.license},
    "date_upload": lambda photo: {"dateupload": str(photo.record.date_upload)},
    "last_update": lambda photo: {"lastupdate": str(last_update_of(photo))},
    "date_taken": _date_taken,
    "owner_name": lambda photo: {"ownername": photo.record.ownername},
    "original_format": lambda photo: {
        "originalsecret": secret_of(photo.record.id, BY_KEY["o"]),
        "originalformat": photo.format,
    },
    "tags": _tags,
    "machine_tags": lambda photo: {"machine_tags": " ".join(filter(is_machine_tag, photo.record.tags))},
    "o_dims": lambda photo: {"o_width": str(photo.extent.width), "o_height": str(photo.extent.height)},
    "views": lambda photo: {"views": str(views_of(photo))},
    "count_views": lambda photo: {"count_views": str(views_of(photo))},
    "count_faves": lambda photo: {"count_faves": str(views_of(photo) // 40)},
    "count_comments": lambda photo: {"count_comments": str(views_of(photo) // 90)},
}
