"""The image host: which file a path names, and its bytes in that size."""

import hashlib
import io
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass

from crawler.photosite.answers import SERVER, ending_of, is_kept
from crawler.photosite.photos import SitePhoto
from crawler.photosite.search import Photos
from crawler.photosite.sizes import BY_SUFFIX, Size, extent_of, is_original, secret_of

CACHED_FILES = 256  # of about 30 kB: what a crawl with retries asks for twice
MOST_PIXELS = 64_000_000  # larger originals are not resized but served as they are
JPEG_QUALITY = 90

FILE_NAME = re.compile(r"(\d+)_([0-9a-z]+?)(?:_([a-z0-9]{1,2}))?(?:_d)?\.([a-z]+)")
_TYPES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png"), (b"GIF8", "image/gif"))


@dataclass(frozen=True)
class ImageFile:
    """One file of the image host."""

    photo: SitePhoto
    size: Size


@dataclass(frozen=True)
class ImageBytes:
    """What is sent: the bytes, their type and their tag."""

    content: bytes
    content_type: str
    etag: str


def find_file(photos: Photos, server: str, name: str) -> ImageFile | None:
    """Return the file of this path, or None: unknown photo, wrong secret, or a size the photo does not have."""
    match = FILE_NAME.fullmatch(name)
    if match is None or server != SERVER:
        return None
    photo_id, secret, suffix, ending = match.groups()
    photo, size = photos.photo(photo_id), BY_SUFFIX.get(suffix or "")
    if photo is None or size is None or not is_kept(photo.extent, photo.has_large_sizes, size):
        return None
    if secret != secret_of(photo_id, size) or ending != ending_of(photo, size):
        return None
    return ImageFile(photo, size)


class ImageStore:
    """Bytes of image files; resized and drawn ones are kept for a while. Safe to call from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], ImageBytes] = OrderedDict()
        self._lock = threading.Lock()

    def load(self, file: ImageFile) -> ImageBytes:
        """Return the file: the owner's very bytes where this size holds the whole photo, else a smaller JPEG."""
        whole = is_original(file.photo.extent, file.size)
        key = (file.photo.record.id, "o" if whole else file.size.key)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        content = file.photo.load()
        if not whole:
            content = _resized(content, file)
        loaded = ImageBytes(content, _type_of(content), f'"{hashlib.sha256(content).hexdigest()[:32]}.1"')
        with self._lock:
            self._kept[key] = loaded
            while len(self._kept) > CACHED_FILES:
                self._kept.popitem(last=False)
        return loaded


def _type_of(content: bytes) -> str:
    return next((name for magic, name in _TYPES if content.startswith(magic)), "image/jpeg")


def _resized(content: bytes, file: ImageFile) -> bytes:
    """Return a JPEG of the file's size, upright and without EXIF; what cannot be decoded is returned as it is."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    original, target = file.photo.extent, extent_of(file.photo.extent, file.size)
    if original.width * original.height > MOST_PIXELS:
        return content
    try:
        with Image.open(io.BytesIO(content)) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return content
    extent = (target.width, target.height)
    fit = ImageOps.fit(upright, extent) if file.size.is_square else upright.resize(extent, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    fit.save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()
