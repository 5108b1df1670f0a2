"""Which file of a Commons page to fetch: a thumbnail of a standard width, or the original where it is small."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crawler.sites.commons.asks import DEFAULT_WIDTH, STANDARD_WIDTHS
from crawler.sites.found import Refusal
from crawler.sites.loose import to_int

_PHOTO_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})
_THUMBNAIL_ONLY = frozenset({"image/tiff"})  # no browser shows one; its thumbnail is a JPEG
_PHOTO_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
_TYPES_OF_ENDINGS: Mapping[str, str] = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}
_WIDTH_IN_NAME = re.compile(r"(?<=[/-])(\d{2,4})(?=px-[^/]*$)")


@dataclass(frozen=True)
class Image:
    """The address of the file to fetch, and its size: a width, or `original`."""

    url: str
    size: str


def choose_image(facts: Mapping[str, Any], *, width: int | None) -> Image | Refusal:
    """Return the image of `imageinfo` to fetch; refuse what is no photo.

    `width` is one of the standard widths, or None for originals; an original that is no wider is fetched itself.

    Taken are JPEG, PNG and WebP, and TIFF by its thumbnail; drawings (SVG), documents (PDF, DjVu), moving
    pictures (GIF, video) and sound are not photos.
    """
    url = web_address(facts.get("url"))
    kind = _type_of(facts, url)
    if kind not in _PHOTO_TYPES | _THUMBNAIL_ONLY:
        return Refusal.NOT_A_PHOTO
    thumbnail = web_address(facts.get("thumburl"))
    is_small = width is None or 0 < (to_int(facts.get("width")) or 0) <= width
    if kind in _PHOTO_TYPES and url is not None and (is_small or thumbnail is None or thumbnail == url):
        return Image(url, "original")
    if thumbnail is None or not _ending(thumbnail, _PHOTO_ENDINGS):
        return Refusal.NOT_A_PHOTO if kind in _THUMBNAIL_ONLY else Refusal.MALFORMED
    return _standard(thumbnail, width or DEFAULT_WIDTH)


def _standard(thumbnail: str, width: int) -> Image:
    match = _WIDTH_IN_NAME.search(thumbnail)
    if match is None:
        return Image(thumbnail, str(width))
    said = int(match[0])
    if said in STANDARD_WIDTHS:
        return Image(thumbnail, str(said))
    # A width the site itself would answer with 429.
    return Image(f"{thumbnail[: match.start()]}{width}{thumbnail[match.end() :]}", str(width))


def _type_of(facts: Mapping[str, Any], url: str | None) -> str | None:
    said = facts.get("mime")
    if isinstance(said, str) and said:
        return said.lower()
    if facts.get("mediatype") not in (None, "BITMAP"):
        return None
    return next((kind for ending, kind in _TYPES_OF_ENDINGS.items() if url and _ending(url, (ending,))), None)


def _ending(url: str, endings: tuple[str, ...]) -> bool:
    return urlsplit(url).path.lower().endswith(endings)


def web_address(value: object) -> str | None:
    """Return `value` when it is the address of something on the web; `//host/path` gets its scheme."""
    if not isinstance(value, str):
        return None
    url = f"https:{value}" if value.startswith("//") else value
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url
    return url if is_usable else None
