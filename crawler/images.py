"""The place of a photo's file below the data folder; `crawler/fetching/` puts its bytes there."""

import hashlib
import re
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import urlsplit

PHOTOS_FOLDER = "photos"

_ENDINGS = frozenset({"jpg", "jpeg", "png", "gif", "webp", "bmp"})
_DEFAULT_ENDING = "jpg"
_UNSAFE_IN_FOLDER = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_SAFE_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_UNSAFE_IN_FILE = re.compile(r"[^A-Za-z0-9_.-]")
_PLAIN_URL = re.compile(r"https?://[\w.:-]+/[\w/-]*[\w-]\.(\w{3,4})", re.ASCII)  # as nearly all are
_MAX_FOLDER_BYTES = 200  # file systems take 255; some room for what others append


def photo_path(query_name: str, site_id: str, image_url: str) -> str:
    """Return the place of a photo's file below the data folder: photos/<Query_Name>/<site_id>.<ending>.

    The ending is the one in the image's address; the content may be of another kind, and readers go by content.
    """
    plain = _PLAIN_URL.fullmatch(image_url)
    # Taking every address apart costs as much as the rest of making a row.
    ending = (plain[1] if plain else PurePosixPath(urlsplit(image_url).path).suffix.removeprefix(".")).lower()
    file_name = f"{_file_stem(site_id)}.{ending if ending in _ENDINGS else _DEFAULT_ENDING}"
    return f"{PHOTOS_FOLDER}/{folder_name(query_name)}/{file_name}"


@lru_cache(maxsize=64)  # the photos of a name come together
def folder_name(query_name: str) -> str:
    """Return `query_name` as the name of one folder: no separators, no leading dot, not too long."""
    name = _UNSAFE_IN_FOLDER.sub("_", query_name).strip(" .") or "_"
    if len(name.encode()) > _MAX_FOLDER_BYTES:
        start = name.encode()[: _MAX_FOLDER_BYTES - 9].decode(errors="ignore")
        name = f"{start}-{_digest(query_name)}"
    return name


def _file_stem(site_id: str) -> str:
    if _SAFE_FILE.fullmatch(site_id):
        return site_id
    # The digest keeps apart what the replaced letters would bring together.
    return f"{_UNSAFE_IN_FILE.sub('_', site_id)[:80]}-{_digest(site_id)}".lstrip(".")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]
