"""Whether an image file has its end: what a connection that broke off without a word leaves behind has not.

Bytes after the end are allowed, as cameras and editors append to files. Nothing is decoded.
"""

import struct

from crawler.image_header import Content

_PNG_END = b"IEND\xaeB`\x82"  # the last chunk has no data, so its CRC is always the same
_TAIL_BYTES = 1024


def has_end(content: Content, kind: str) -> bool:
    """Whether `content`, an image whose header says `kind`, is there to its end; never raises."""
    try:
        return _ENDS[kind](content)
    except (IndexError, struct.error):
        return False


def _jpeg(content: Content) -> bool:
    # The EXIF thumbnail is a JPEG with an end of its own: only one after the start of the scan counts. In the scan
    # itself 0xFF is always followed by 0x00 or a restart marker (ITU-T T.81 F.1.2.3).
    return _last(content, b"\xff\xd9") > _scan_start(content)


def _scan_start(content: Content) -> int:
    at = 2
    while True:
        while content[at] == 0xFF:
            at += 1
        marker = content[at]
        at += 1
        if marker == 0xDA:
            return at
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:  # TEM, RST: no length follows
            continue
        at += max(2, int.from_bytes(content[at : at + 2], "big"))


def _png(content: Content) -> bool:
    return _last(content, _PNG_END) >= 0


def _last(content: Content, wanted: bytes) -> int:
    """Return where `wanted` stands last, -1 where it does not."""
    if not isinstance(content, memoryview):
        return content.rfind(wanted)
    size = _TAIL_BYTES  # a memoryview cannot search; the end is nearly always at the end
    while True:
        start = max(0, len(content) - size)
        at = bytes(content[start:]).rfind(wanted)
        if at >= 0 or not start:
            return start + at if at >= 0 else -1
        size *= 16


def _gif(content: Content) -> bool:
    # https://www.w3.org/Graphics/GIF/spec-gif89a.txt: blocks of sub-blocks, then the trailer 0x3B.
    at = 13 + _colour_bytes(content[10])
    while True:
        kind = content[at]
        if kind == 0x3B:
            return True
        if kind == 0x21:  # extension: label, sub-blocks
            at += 2
        elif kind == 0x2C:  # image: descriptor, colours, code size, sub-blocks
            at += 11 + _colour_bytes(content[at + 9])
        else:
            return False
        while length := content[at]:
            at += length + 1
        at += 1


def _colour_bytes(packed: int) -> int:
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _webp(content: Content) -> bool:
    (riff_bytes,) = struct.unpack_from("<I", content, 4)
    return len(content) >= 8 + int(riff_bytes)


def _bmp(content: Content) -> bool:
    (file_bytes,) = struct.unpack_from("<I", content, 2)
    return len(content) >= int(file_bytes)


_ENDS = {"jpeg": _jpeg, "png": _png, "gif": _gif, "webp": _webp, "bmp": _bmp}
