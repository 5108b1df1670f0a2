"""Dates in the two other blocks that programs write into image files: IPTC and XMP. Bytes in, dates as written out.

IPTC IIM 4.2 (https://iptc.org/std/IIM/4.2/specification/IIMV4.2.pdf), 2:55 Date Created. XMP as photo programs write
it: an attribute or an element of a known name; a parser of XML would be open to what strangers put there.
"""

import re
from dataclasses import dataclass

_MARK, _APPLICATION_RECORD, _DATE_CREATED = 0x1C, 2, 55
_HEADER_BYTES = 5  # mark, record, dataset and two of length
_LONG_FORM = 0x8000
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)")

_MOST_XMP_BYTES = 1 << 20  # XMP of a photo is 2 to 60 kB; beyond this lie thumbnails and edits


@dataclass(frozen=True)
class XmpDates:
    """Dates of an XMP block: of the picture itself, of the digital file, and of its last change."""

    created: str | None = None
    digitised: str | None = None
    modified: str | None = None


def read_iptc_date(block: bytes) -> str | None:
    """Return IPTC Date Created as `1984-05-06` (`1984-00-00` where only the year is known), None where absent.

    `block` are the datasets themselves: Photoshop's resource 0x0404, or tag 33723 of a TIFF.
    """
    place = 0
    while place + _HEADER_BYTES <= len(block) and block[place] == _MARK:
        record, dataset = block[place + 1], block[place + 2]
        size = int.from_bytes(block[place + 3 : place + _HEADER_BYTES], "big")
        if size & _LONG_FORM:  # no date is longer than 32 kB
            return None
        place += _HEADER_BYTES
        if (record, dataset) == (_APPLICATION_RECORD, _DATE_CREATED):
            match = _DATE.fullmatch(block[place : place + size].decode("ascii", "replace").strip("\x00 "))
            return "-".join(match.groups()) if match and match[1] != "0000" else None
        place += size
    return None


def read_xmp_dates(block: bytes) -> XmpDates:
    """Return the dates of an XMP block as they are written, the surest field first."""
    text = block[:_MOST_XMP_BYTES].decode("utf-8", "replace")
    if "Date" not in text:
        return XmpDates()
    return XmpDates(
        created=_first(text, ("photoshop:DateCreated", "exif:DateTimeOriginal")),
        digitised=_first(text, ("exif:DateTimeDigitized", "xmp:CreateDate")),
        modified=_first(text, ("xmp:ModifyDate",)),
    )


def _first(text: str, names: tuple[str, ...]) -> str | None:
    for name in names:
        match = re.search(rf"\b{name}\s*(?:=\s*[\"']|>)\s*([0-9][0-9T:.+Z -]{{3,38}})\s*[\"'<]", text)
        if match:
            return match[1].strip()
    return None
