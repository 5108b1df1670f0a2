"""What to ask Flickr: the parameters of `flickr.photos.search`, its licences, its limits.

https://www.flickr.com/services/api/flickr.photos.search.html
"""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

SITE = "flickr"
API_URL = "https://api.flickr.com/services/rest/"
KEY_VARIABLE = "FLICKR_API_KEY"
KEY_PARAMETER = "api_key"

RESULT_CAP = 4000
"""Results a query can reach; later pages repeat the last ones without a word (Flickr's documentation)."""

MAX_PER_PAGE = 500

ALL_RIGHTS_RESERVED = "0"
LICENCES: Mapping[str, str] = MappingProxyType(
    {
        "0": "All Rights Reserved",
        "1": "CC BY-NC-SA 2.0",
        "2": "CC BY-NC 2.0",
        "3": "CC BY-NC-ND 2.0",
        "4": "CC BY 2.0",
        "5": "CC BY-SA 2.0",
        "6": "CC BY-ND 2.0",
        "7": "No known copyright restrictions",
        "8": "United States Government Work",
        "9": "CC0 1.0",
        "10": "Public Domain Mark 1.0",
        "11": "CC BY 4.0",
        "12": "CC BY-SA 4.0",
        "13": "CC BY-ND 4.0",
        "14": "CC BY-NC 4.0",
        "15": "CC BY-NC-SA 4.0",
        "16": "CC BY-NC-ND 4.0",
    }
)
"""Flickr's licence ids (flickr.photos.licenses.getInfo; 11 to 16 since June 2025)."""

SIZES: Mapping[str, str] = MappingProxyType(
    {
        "s": "240",
        "n": "320",
        "w": "400",
        "m": "500",
        "z": "640",
        "c": "800",
        "l": "1024",
        "o": "original",
    }
)
"""The letter of an `url_*` key to the longest side in pixels. Larger ones each have a secret of their own."""

_TEXTS_AND_DATES = (
    "description",
    "license",
    "date_upload",
    "date_taken",
    "owner_name",
    "path_alias",
    "realname",
    "tags",
    "machine_tags",
    "geo",
    "views",
    "media",
    "original_format",
    "o_dims",
    "last_update",
    "content_type",
    "safety_level",
)
EXTRAS = (*_TEXTS_AND_DATES, *(f"url_{size}" for size in SIZES))
"""Everything there is to know about a photo comes with the search: no further call a photo."""

_PLACEHOLDER = "photo_unavailable"


def search_parameters(text: str, *, page: int, per_page: int = MAX_PER_PAGE) -> dict[str, str]:
    """Return the parameters of one page of a search, all but the key.

    Oldest upload first: photos that are added meanwhile go to the end and shift no page.
    """
    return {
        "method": "flickr.photos.search",
        "format": "json",
        "nojsoncallback": "1",
        "text": text,
        "extras": ",".join(EXTRAS),
        "sort": "date-posted-asc",
        "per_page": str(per_page),
        "page": str(page),
    }


def last_reachable_page(per_page: int) -> int:
    """Return the last page that still holds results of its own."""
    return max(1, RESULT_CAP // per_page)


def page_url(owner: str, photo_id: str) -> str:
    """Return the address of the photo's page; `owner` is a path alias or an NSID."""
    return f"https://www.flickr.com/photos/{owner}/{photo_id}/"


def is_placeholder(url: str) -> bool:
    """Whether an image address is that of the picture Flickr shows in place of a removed photo."""
    return _PLACEHOLDER in urlsplit(url).path
