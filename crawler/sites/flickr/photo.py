"""One result of a search in the catalog's words, with the types Flickr really sends (recorded)."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from crawler.sites.flickr.words import LICENCES, ORIGINAL, SIZES, page_url
from crawler.sites.found import FoundPhoto, Refusal
from crawler.sites.loose import to_bool, to_instant, to_int, to_text

_COLUMN_LETTERS = 255

# As nearly all of them are; taking each apart cost as much as all the rest of reading a result.
_PLAIN_WORD = re.compile(r"[\w@.~-]+", re.ASCII)
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]*[A-Za-z0-9](?::[0-9]+)?/[\w/.~-]*", re.ASCII)

_MAX_ORIGINAL_PIXELS = 2048
"""Longest side up to which an original is fetched in place of a copy: the pixels of a face do not need more."""


@dataclass(frozen=True)
class ChosenImage:
    """The address of an image and the word for its size (SIZES)."""

    url: str
    size: str


def read_photo(
    record: object,
    *,
    rank: int | None,
    licences: Collection[str],
    sizes: Sequence[str],
    known: Collection[str] = LICENCES,
) -> FoundPhoto | Refusal:
    """Return one result in the catalog's words, or why it is refused.

    `licences` are the ids that may be stored, `known` those whose meaning is known; `sizes` the letters of image
    sizes, the best one first.
    """
    if not isinstance(record, Mapping):
        return Refusal.MALFORMED
    photo_id = read_id(record)
    if photo_id is None:
        return Refusal.MALFORMED
    if (to_text(record.get("media")) or "photo") != "photo":
        return Refusal.NOT_A_PHOTO
    licence = to_text(record.get("license"))
    if licence not in known:
        return Refusal.UNKNOWN_LICENCE
    if licence not in licences:
        return Refusal.LICENCE
    owner = to_text(record.get("owner"))
    alias = to_text(record.get("pathalias")) or owner
    image = choose_size(record, sizes)
    return FoundPhoto(
        site_id=photo_id,
        rank=rank,
        page_url=page_url(_quoted(alias), _quoted(photo_id)) if alias else None,
        image_url=image.url if image else None,
        image_size=image.size if image else None,
        licence=licence,
        owner_id=owner[:_COLUMN_LETTERS] if owner else None,
        owner_name=to_text(record.get("ownername")) or to_text(record.get("realname")),
        title=to_text(record.get("title")),
        description=to_text(record.get("description")),
        tags=to_text(record.get("tags")),
        machine_tags=to_text(record.get("machine_tags")),
        date_taken=to_text(record.get("datetaken")),
        date_taken_granularity=to_int(record.get("datetakengranularity")),
        date_taken_unknown=to_bool(record.get("datetakenunknown")),
        uploaded=to_instant(record.get("dateupload")),
        raw=record,
    )


def read_id(record: object) -> str | None:
    """Return the id of a result; None where it has none that the catalog takes."""
    photo_id = to_text(record.get("id")) if isinstance(record, Mapping) else None
    return photo_id if photo_id is not None and len(photo_id) <= _COLUMN_LETTERS else None


def choose_size(record: Mapping[str, Any], sizes: Sequence[str]) -> ChosenImage | None:
    """Return the first of `sizes` the photo has; None without any.

    A huge original is passed over, unless originals are what is wanted first: they alone carry EXIF.
    """
    for size in sizes:
        url = record.get(f"url_{size}")
        if not isinstance(url, str) or not _is_web_address(url):
            continue
        if size == ORIGINAL and sizes[0] != ORIGINAL and _longest_side(record) > _MAX_ORIGINAL_PIXELS:
            continue
        return ChosenImage(url, SIZES.get(size, size))
    return None


def choose_image(record: Mapping[str, Any], sizes: Sequence[str]) -> str | None:
    """Return the address of the first of `sizes` the photo has; None without any."""
    image = choose_size(record, sizes)
    return image.url if image else None


def _longest_side(record: Mapping[str, Any]) -> int:
    keys = ("width_o", "height_o", "o_width", "o_height")
    return max((to_int(record.get(key)) or 0 for key in keys), default=0)


def _quoted(word: str) -> str:
    return word if _PLAIN_WORD.fullmatch(word) else quote(word, safe="@")


def _is_web_address(url: str) -> bool:
    if _PLAIN_URL.fullmatch(url):
        return True
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    # Scrapy reads file: and data: addresses too; a site has no business to send one.
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url
