"""Flickr's own words: its address, key, limits, sizes and licences."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from crawler.law.flickr_licences import ALL_RIGHTS_RESERVED as ALL_RIGHTS_RESERVED
from crawler.law.flickr_licences import FLICKR_LICENCES

SITE = "flickr"
API_URL = "https://api.flickr.com/services/rest/"
KEY_VARIABLE = "FLICKR_API_KEY"
KEY_PARAMETER = "api_key"

RESULT_CAP = 4000
"""Results a search can reach; later pages repeat the last ones without a word (Flickr's documentation)."""

MAX_PER_PAGE = 500

LICENCES: Mapping[str, str] = MappingProxyType({number: facts.name for number, facts in FLICKR_LICENCES.items()})
"""Flickr's licence ids to their names."""

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
        "h": "1600",
        "k": "2048",
    }
)
"""The letter of an `url_*` key to the longest side in pixels."""

ORIGINAL = "o"

SIZE_PRESETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "640": ("z", "c", "l", "o", "m", "w", "n", "s"),
        "800": ("c", "l", "o", "z", "m", "w", "n", "s"),
        "1024": ("l", "o", "c", "z", "m", "w", "n", "s"),
        # Where its owner keeps the original back, the largest copy.
        "original": ("o", "k", "h", "l", "c", "z", "m", "w", "n", "s"),
    }
)
"""What `--size` means, best first: a photo too small for the size has the next smaller ones only."""

_PLACEHOLDER = "photo_unavailable"


def page_url(owner: str, photo_id: str) -> str:
    """Return the address of the photo's page; `owner` is a path alias or an NSID."""
    return f"https://www.flickr.com/photos/{owner}/{photo_id}/"


def is_placeholder(url: str) -> bool:
    """Whether an image address is that of the picture Flickr shows in place of a removed photo."""
    return _PLACEHOLDER in url and _PLACEHOLDER in urlsplit(url).path
