"""What an image file says about when and with what it was made: EXIF, IPTC and XMP; the pixels are not touched."""

import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.embedded_dates import XmpDates, read_iptc_date, read_xmp_dates

if TYPE_CHECKING:
    from PIL.Image import Image

# https://exiftool.org/TagNames/EXIF.html
_EXIF_IFD = 0x8769
_MAKE, _MODEL, _SOFTWARE, _DATE_TIME = 0x010F, 0x0110, 0x0131, 0x0132
_DATE_TIME_ORIGINAL = 0x9003
_DATE_TIME_DIGITIZED = 0x9004
_PHOTOSHOP_IPTC = 0x0404
_TIFF_IPTC = 33723

_DEVICE_LETTERS = 200  # some write a licence text into Software

# What Pillow has been seen to raise on damaged files, besides its own errors, which derive from OSError.
_DAMAGED = (OSError, ValueError, SyntaxError, KeyError, IndexError, TypeError, EOFError, struct.error, ArithmeticError)


@dataclass(frozen=True)
class ExifDates:
    """The dates of a file as written (2004:05:06 07:08:09; IPTC and XMP 2004-05-06), None where absent.

    `modified` is that of the last program that wrote the file. `device` is the make and model of the camera or
    scanner, and the program: "Canon EOS 5D / Adobe Photoshop".
    """

    original: str | None = None
    digitised: str | None = None
    modified: str | None = None
    device: str | None = None
    iptc_date: str | None = None
    xmp_date: str | None = None


def read_exif_dates(path: Path) -> ExifDates:
    """Return the dates of an image file; none where there is no file, no image, or a damaged block."""
    try:
        from PIL import Image
    except ImportError:  # the crawler alone works without Pillow
        return ExifDates()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of corrupt EXIF and of large pictures: nothing is decoded
            with Image.open(path) as image:
                return _dates_of(image)
    except (*_DAMAGED, Image.DecompressionBombError):
        return ExifDates()


def _dates_of(image: "Image") -> ExifDates:
    xmp = _xmp(image)
    iptc = read_iptc_date(_iptc(image))
    try:
        exif = image.getexif()
        block = exif.get_ifd(_EXIF_IFD)
    except (*_DAMAGED, AttributeError):  # a damaged block must not cost the two others
        return ExifDates(None, xmp.digitised, xmp.modified, None, iptc, xmp.created)
    return ExifDates(
        original=_text(block.get(_DATE_TIME_ORIGINAL)),
        digitised=_text(block.get(_DATE_TIME_DIGITIZED)) or xmp.digitised,
        modified=_text(exif.get(_DATE_TIME)) or xmp.modified,
        device=_device(_text(exif.get(_MAKE)), _text(exif.get(_MODEL)), _text(exif.get(_SOFTWARE))),
        iptc_date=iptc,
        xmp_date=xmp.created,
    )


def _device(make: str | None, model: str | None, software: str | None) -> str | None:
    if make and model and model.lower().startswith(make.lower()):  # "Canon", "Canon EOS 5D"
        make = None
    machine = " ".join(part for part in (make, model) if part)
    return " / ".join(part for part in (machine, software) if part)[:_DEVICE_LETTERS] or None


def _xmp(image: "Image") -> XmpDates:
    block = image.info.get("xmp")
    if isinstance(block, str):
        block = block.encode("utf-8", "replace")
    return read_xmp_dates(block) if isinstance(block, bytes) else XmpDates()


def _iptc(image: "Image") -> bytes:
    resources = image.info.get("photoshop")
    block: Any = resources.get(_PHOTOSHOP_IPTC) if isinstance(resources, dict) else None
    if block is None and image.format == "TIFF":
        block = getattr(image, "tag_v2", {}).get(_TIFF_IPTC)
    return block if isinstance(block, bytes) else b""


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    if not isinstance(value, str):
        return None
    return value.strip("\x00 ") or None
