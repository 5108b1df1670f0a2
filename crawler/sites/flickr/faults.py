"""What every refusal of Flickr means: try again, give up, or stop.

Codes of https://www.flickr.com/services/api/flickr.photos.search.html and flickr.photos.getInfo.html, and of recorded
answers. They come with HTTP 200; a gateway before Flickr answers with other statuses.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import unquote_plus

from crawler.politeness.retry_after import retry_after_s
from crawler.sites.found import FaultKind, SiteFault
from crawler.sites.loose import to_int, to_text

PHOTO_NOT_FOUND: Final = 1
PERMISSION_DENIED: Final = 2
EXCESSIVE_OFFSET: Final = 20

_EVERY_METHOD: Mapping[int, tuple[str, FaultKind]] = MappingProxyType(
    {
        0: ("Sorry, the Flickr API service is not currently available.", "transient"),
        95: ("SSL is required", "fatal"),
        96: ("Invalid signature", "fatal"),
        97: ("Missing signature", "fatal"),
        98: ("Login failed / Invalid auth token", "fatal"),
        99: ("User not logged in / Insufficient permissions", "fatal"),
        100: ("Invalid API Key", "fatal"),
        105: ("Service currently unavailable", "transient"),
        106: ("Write operation failed", "transient"),
        108: ("Invalid frob", "fatal"),
        111: ('Format "xxx" not found', "fatal"),
        112: ('Method "xxx" not found', "fatal"),
        114: ("Invalid SOAP envelope", "fatal"),
        115: ("Invalid XML-RPC Method Call", "fatal"),
        116: ("Bad URL found", "permanent"),  # the words of one query, not of the key
        201: ("Sorry, the Flickr API service is not currently available.", "transient"),
    }
)

FAULTS: Mapping[str, Mapping[int, tuple[str, FaultKind]]] = MappingProxyType(
    {
        "flickr.photos.search": MappingProxyType(
            {
                **_EVERY_METHOD,
                1: ("Too many tags in ALL query", "permanent"),
                2: ("Unknown user", "permanent"),
                3: ("Parameterless searches have been disabled", "permanent"),
                4: ("You don't have permission to view this pool", "permanent"),
                5: ("User deleted", "permanent"),
                10: ("Sorry, the Flickr search API is not currently available.", "transient"),
                11: ("No valid machine tags", "permanent"),
                12: ("Exceeded maximum allowable machine tags", "permanent"),
                13: ("jump_to not available for this query", "permanent"),
                14: ("Bad value for jump_to", "permanent"),
                15: ("Photo not found", "permanent"),
                16: ("You can only search within your own favorites", "permanent"),
                17: ("You can only search within your own contacts", "permanent"),
                18: ("Illogical arguments", "permanent"),
                EXCESSIVE_OFFSET: ("Excessive photo offset in search", "permanent"),
            }
        ),
        "flickr.photos.getInfo": MappingProxyType(
            {
                **_EVERY_METHOD,
                PHOTO_NOT_FOUND: ("Photo not found", "permanent"),
                PERMISSION_DENIED: ("Permission denied", "permanent"),
                5: ("User deleted", "permanent"),
            }
        ),
        "flickr.photos.licenses.getInfo": _EVERY_METHOD,
    }
)
"""Method to code to (what the documentation calls it, what we do). A code that is not here is permanent."""

# Codes 0, 10 and 201 have been seen with it, and whatever the code, these words mean tomorrow.
_TRANSIENT_WORDS = re.compile(
    r"not currently available|currently unavailable|temporarily (?:un|not )available", re.IGNORECASE
)

_OAUTH_PROBLEM = re.compile(r"oauth_problem=([^&\s]{1,80})")
_SHOWN_LETTERS = 120

_REFUSED = (401, 403)
_NO_API_HERE = (404, 405, 410)
_SLOW_DOWN = 429


def read_fault(answer: Mapping[str, Any], method: str = "flickr.photos.search") -> SiteFault:
    """Return the fault of an answer whose `stat` is "fail"."""
    code = to_int(answer.get("code"))
    message = to_text(answer.get("message")) or "no reason given"
    if _TRANSIENT_WORDS.search(message):
        return SiteFault("transient", message, code)
    _words, kind = FAULTS.get(method, _EVERY_METHOD).get(-1 if code is None else code, ("", "permanent"))
    return SiteFault(kind, message, code)


def fault_of_status(status: int, headers: Mapping[str, str], body: bytes) -> SiteFault:
    """Return what an answer with another HTTP status than 200 means."""
    head = body[:4096].decode("utf-8", "replace")
    problem = _OAUTH_PROBLEM.search(head)
    if problem is not None:
        return SiteFault("fatal", f"HTTP {status}: {unquote_plus(problem[1])[:_SHOWN_LETTERS]}")
    if status == _SLOW_DOWN or status >= 500:
        wait = retry_after_s(_header(headers, "retry-after"))
        return SiteFault("transient", f"HTTP {status}", retry_after_s=wait)
    if status in _REFUSED or status in _NO_API_HERE:
        return SiteFault("fatal", f"HTTP {status}")
    if 300 <= status < 400:
        # The key goes to the address that was typed and to no other.
        return SiteFault("fatal", f"HTTP {status}: it sends us elsewhere, to {_place(headers)}")
    return SiteFault("transient" if status in (408, 425) else "permanent", f"HTTP {status}")


def _place(headers: Mapping[str, str]) -> str:
    # An address that was redirected may carry what was asked for; its front says enough.
    return (_header(headers, "location") or "nowhere").split("?")[0][:_SHOWN_LETTERS]


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)
