"""The host of originals and thumbnails: paths by the hash of the name, thumbnails at the standard widths only."""

import hashlib
import io
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import quote

from crawler.photosite.sizes import Extent
from crawler.photosite.wiki.files import WikiFile

STANDARD_WIDTHS = (20, 40, 60, 120, 250, 330, 500, 960, 1280, 1920, 3840)
"""Since 2026 any other width is answered with 429 (koreader#14766)."""

ROOT = "/wikipedia/commons"
DRAWING_EXTENT = Extent(512, 256)
DOCUMENT_EXTENT = Extent(1240, 1754)
CACHED_FILES = 256
JPEG_QUALITY = 90
_THUMB = re.compile(r"(?:page1-)?(\d+)px-(.+)")
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="512" height="256"><title>{}</title><path d="M4 20h48"/></svg>'
_PDF = (
    "%PDF-1.4\n% {}\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 1>>endobj\n%%EOF\n"
)


@dataclass(frozen=True)
class FileFacts:
    """What the wiki keeps of the bytes of an original."""

    byte_count: int
    sha1: str


@dataclass(frozen=True)
class Picture:
    """What the image host sends."""

    content: bytes
    content_type: str


class NoPicture(Exception):
    """A request the image host refuses."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


class PictureStore:
    """Bytes of originals and thumbnails, some of them kept. Safe to call from several threads."""

    def __init__(self) -> None:
        self._facts: dict[int, FileFacts] = {}
        self._thumbs: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def facts(self, file: WikiFile) -> FileFacts:
        """Return size and hash of the original; a drawn photo is drawn for it, once."""
        if (known := self._facts.get(file.pageid)) is None:
            content = original_bytes(file)
            known = FileFacts(len(content), hashlib.sha1(content, usedforsecurity=False).hexdigest())
            with self._lock:
                self._facts[file.pageid] = known
        return known

    def load(self, file: WikiFile, thumb: str | None) -> Picture:
        """Return the original, or a thumbnail by its file name; raise NoPicture, or OSError where the file is gone."""
        if not file.has_file:
            raise NoPicture(404, "File not found")
        if thumb is None:
            return Picture(original_bytes(file), file.mime)
        match = _THUMB.fullmatch(thumb)
        if match is None or match[2] != thumb_name(file, 1).split("px-", 1)[1]:
            raise NoPicture(404, "Thumbnail not found")
        width = int(match[1])
        if width not in STANDARD_WIDTHS:
            raise NoPicture(429, "Use thumbnail steps listed on https://w.wiki/GHai")
        if file.mediatype == "BITMAP" and width >= extent_of(file).width:
            raise NoPicture(400, "The requested thumbnail is wider than the original")
        is_png = file.format in ("svg", "png", "gif")
        with self._lock:
            content = self._thumbs.get((file.pageid, width))
        if content is None:
            content = _thumbnail(file, width, "PNG" if is_png else "JPEG")
            with self._lock:
                self._thumbs[file.pageid, width] = content
                while len(self._thumbs) > CACHED_FILES:
                    self._thumbs.popitem(last=False)
        return Picture(content, "image/png" if is_png else "image/jpeg")


def original_bytes(file: WikiFile) -> bytes:
    """Return the uploaded file; raise OSError where the folder has lost it."""
    if file.photo is not None:
        return file.photo.load()
    return (_SVG if file.format == "svg" else _PDF).format(file.key.replace("<", "").replace("&", "")).encode()


def extent_of(file: WikiFile) -> Extent:
    """Return width and height of the original."""
    if file.photo is not None:
        return file.photo.extent
    return DRAWING_EXTENT if file.format == "svg" else DOCUMENT_EXTENT


def thumb_extent(file: WikiFile, width: int, height: int | None) -> Extent | None:
    """Return the extent of a thumbnail that fits into width and height, or None where it is the original itself."""
    original = extent_of(file)
    if height is not None:
        width = min(width, max(original.width * height // original.height, 1))
    if file.mediatype == "BITMAP" and width >= original.width:
        return None
    return Extent(width, max(round(original.height * width / original.width), 1))


def hash_path(key: str) -> str:
    """Return the two folders a file is in."""
    digest = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
    return f"{digest[0]}/{digest[:2]}"


def original_path(file: WikiFile) -> str:
    """Return the path of the original on the image host."""
    return f"{ROOT}/{hash_path(file.key)}/{quote(file.key, safe='')}"


def thumb_path(file: WikiFile, width: int) -> str:
    """Return the path of a thumbnail on the image host."""
    return f"{ROOT}/thumb/{hash_path(file.key)}/{quote(file.key, safe='')}/{quote(thumb_name(file, width), safe='')}"


def thumb_name(file: WikiFile, width: int) -> str:
    """Return the file name of a thumbnail; those of drawings and documents have a second ending."""
    if file.format == "pdf":
        return f"page1-{width}px-{file.key}.jpg"
    return f"{width}px-{file.key}{'.png' if file.format == 'svg' else ''}"


def _thumbnail(file: WikiFile, width: int, kind: str) -> bytes:
    """Return the picture at this width, upright and without EXIF; a grey sheet for what is no picture."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    original = extent_of(file)
    extent = (width, max(round(original.height * width / original.width), 1))
    picture = Image.new("RGB", extent, (200, 200, 200))
    if file.photo is not None:
        content = file.photo.load()
        try:
            with Image.open(io.BytesIO(content)) as opened:
                picture = ImageOps.exif_transpose(opened).convert("RGB").resize(extent, Image.Resampling.LANCZOS)
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as fault:  # what Pillow raises on bad bytes
            raise NoPicture(500, "Error generating thumbnail") from fault
    buffer = io.BytesIO()
    picture.save(buffer, kind, **({"quality": JPEG_QUALITY} if kind == "JPEG" else {}))
    return buffer.getvalue()
