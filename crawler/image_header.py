"""What kind of image some bytes are and how large, from the first bytes alone.

Nothing is decoded, so a picture of 20,000 x 20,000 pixels costs no more than a small one.
"""

import mmap
import struct
from dataclasses import dataclass

Content = bytes | memoryview | mmap.mmap
"""The bytes of a file, in memory (where they were received, as memoryview) or mapped."""


@dataclass(frozen=True)
class ImageHeader:
    """Format (jpeg, png, gif, webp, bmp) and stored size in pixels, before any EXIF rotation."""

    kind: str
    width: int
    height: int


def read_image_header(content: Content) -> ImageHeader | None:
    """Return the header of an image file, or None where `content` is no image of a known kind or is cut off in it."""
    for magic, read in _READERS:
        if content[: len(magic)] == magic:
            try:
                header = read(content)
            except (struct.error, IndexError):
                return None
            return header if header and header.width > 0 and header.height > 0 else None
    return None


def starts_like_image(content: Content) -> bool:
    """Whether `content` begins as images of a known kind do, be its header cut off or not."""
    return any(content[: len(magic)] == magic for magic, _ in _READERS)


def _jpeg(content: Content) -> ImageHeader | None:
    # ITU-T T.81 B.1.1: segments of marker, length, payload; the frame header (SOF) holds the size.
    at = 2
    while True:
        if content[at] != 0xFF:
            return None
        while content[at] == 0xFF:  # fill bytes may stand before a marker
            at += 1
        marker = content[at]
        at += 1
        if marker in _JPEG_WITHOUT_LENGTH:
            continue
        if marker in (0xD9, 0xDA):  # end of image, start of scan: no frame header came
            return None
        (length,) = struct.unpack_from(">H", content, at)
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 3)
            return ImageHeader("jpeg", width, height)
        at += max(length, 2)


_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0..SOF15 without DHT, JPG, DAC
_JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})  # TEM, RST0..RST7


def _png(content: Content) -> ImageHeader | None:
    if content[12:16] != b"IHDR":
        return None
    return ImageHeader("png", *struct.unpack_from(">II", content, 16))


def _gif(content: Content) -> ImageHeader | None:
    return ImageHeader("gif", *struct.unpack_from("<HH", content, 6))


def _bmp(content: Content) -> ImageHeader | None:
    (header_bytes,) = struct.unpack_from("<I", content, 14)
    if header_bytes < 40:  # OS/2 bitmaps
        return ImageHeader("bmp", *struct.unpack_from("<HH", content, 18))
    width, height = struct.unpack_from("<ii", content, 18)
    return ImageHeader("bmp", width, abs(height))  # a negative height means rows from the top


def _webp(content: Content) -> ImageHeader | None:
    # https://developers.google.com/speed/webp/docs/riff_container
    if content[8:12] != b"WEBP":
        return None
    kind = content[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(content[24:27], "little") + 1
        height = int.from_bytes(content[27:30], "little") + 1
        return ImageHeader("webp", width, height) if len(content) >= 30 else None
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return ImageHeader("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", content, 26)
        return ImageHeader("webp", width & 0x3FFF, height & 0x3FFF)
    return None


_READERS = (
    (b"\xff\xd8\xff", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"GIF87a", _gif),
    (b"GIF89a", _gif),
    (b"RIFF", _webp),
    (b"BM", _bmp),
)
