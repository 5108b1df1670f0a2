"""Which photo an address on the web speaks of: pages and image files of Flickr and of Wikimedia Commons.

People who want a photo taken down give the address they see, in any of its forms; the crawl and the takedown must read
them alike. Pure: no look-up, so a Commons address gives the file's name and the catalog knows the rest.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit, urlunsplit

FLICKR, COMMONS = "flickr", "commons"

_BASE58 = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"  # of flic.kr/p/...
_FLICKR_HOST = re.compile(r"(?:www\.|m\.|secure\.)?flickr\.com")
_FLICKR_FILES = re.compile(r"(?:live|farm\d+|c\d)\.static\.?flickr\.com")
_FLICKR_PAGE = re.compile(r"/photos/[^/]+/(\d+)(?:/.*)?")
_FLICKR_FILE = re.compile(r"(?:/\d+)?/\d+/(\d+)_[0-9a-f]+(?:_[0-9a-z]{1,2})?(?:_d)?\.\w+")
_WIKI_HOST = re.compile(r"(?:commons|[a-z-]+)(?:\.m)?\.(?:wikimedia|wikipedia)\.org")
_WIKI_TITLE = re.compile(r"(?:File|Image|Special:(?:FilePath|Redirect/file))[:/](.+)", re.IGNORECASE)
_WIKI_FILE = re.compile(r"/wikipedia/commons(?:/(?:thumb|archive))*/[0-9a-f]/[0-9a-f]{2}/([^/]+)(?:/[^/]+)?")
_WIKI_ENTITY = re.compile(r"/(?:entity|wiki/Special:EntityPage)/M(\d+)")


@dataclass(frozen=True)
class PhotoAddress:
    """A photo at a site, by its id there or, at Commons, by the name of its file (with spaces, less `File:`)."""

    site: str
    site_id: str | None = None
    file_name: str | None = None


def read_photo_url(url: str) -> PhotoAddress | None:
    """Return the photo `url` speaks of; None for an address that is of no form known here.

    Flickr's forms: https://www.flickr.com/services/api/misc.urls.html
    """
    parts = _split(url)
    if parts is None:
        return None
    host, path = parts.hostname or "", unquote(parts.path)
    if _FLICKR_HOST.fullmatch(host):
        return _flickr_page(path, parts.query)
    if host == "flic.kr" and path.startswith("/p/"):
        return _flickr_short(path[3:].strip("/"))
    if _FLICKR_FILES.fullmatch(host):
        file = _FLICKR_FILE.fullmatch(path)
        return PhotoAddress(FLICKR, site_id=file[1]) if file else None
    if host == "upload.wikimedia.org":
        file = _WIKI_FILE.fullmatch(path)
        return PhotoAddress(COMMONS, file_name=file_name_of_title(file[1])) if file else None
    if _WIKI_HOST.fullmatch(host):
        return _commons_page(host, path, parts.query)
    return None


def plain_url(url: str) -> str | None:
    """Return `url` in the one spelling that equal addresses share; None when it is no web address.

    Scheme and host in small letters, https for http, no port 80 or 443, no fragment, no slash at the end.
    """
    parts = _split(url)
    if parts is None:
        return None
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    return urlunsplit(("https", f"{parts.hostname}{port}", parts.path.rstrip("/"), parts.query, ""))


def file_name_of_title(title: str) -> str:
    """Return a Commons title as a file's name: spaces for underscores, a capital first, no namespace."""
    name = re.sub(r"^(?:File|Image):", "", title.replace("_", " ").strip(), flags=re.IGNORECASE).strip()
    return name[:1].upper() + name[1:]


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def _flickr_page(path: str, query: str) -> PhotoAddress | None:
    if page := _FLICKR_PAGE.fullmatch(path):
        return PhotoAddress(FLICKR, site_id=page[1])
    ids = parse_qs(query).get("id", [])
    if path == "/photo.gne" and ids and ids[0].isdecimal():
        return PhotoAddress(FLICKR, site_id=ids[0])
    return None


def _flickr_short(word: str) -> PhotoAddress | None:
    if not word or set(word) - set(_BASE58):
        return None
    number = 0
    for letter in word:
        number = number * 58 + _BASE58.index(letter)
    return PhotoAddress(FLICKR, site_id=str(number))


def _commons_page(host: str, path: str, query: str) -> PhotoAddress | None:
    values = parse_qs(query)
    is_commons = host.startswith("commons.")
    if is_commons and (entity := _WIKI_ENTITY.fullmatch(path)):
        return PhotoAddress(COMMONS, site_id=entity[1])
    if is_commons and (ids := values.get("curid", [])) and ids[0].isdecimal():
        return PhotoAddress(COMMONS, site_id=ids[0])
    title = path.removeprefix("/wiki/") if path.startswith("/wiki/") else (values.get("title") or [""])[0]
    found = _WIKI_TITLE.fullmatch(title)
    return PhotoAddress(COMMONS, file_name=file_name_of_title(found[1])) if found else None
