"""The two dates of an image file's EXIF block, as strings; the pixels are not touched."""

import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

_EXIF_IFD = 0x8769
_DATE_TIME_ORIGINAL = 0x9003
_DATE_TIME_DIGITIZED = 0x9004

# What Pillow has been seen to raise on damaged files, besides its own errors, which derive from OSError.
_DAMAGED = (OSError, ValueError, SyntaxError, KeyError, IndexError, TypeError, EOFError, struct.error, ArithmeticError)


@dataclass(frozen=True)
class ExifDates:
    """`DateTimeOriginal` and `DateTimeDigitized` as written (2004:05:06 07:08:09), None where absent."""

    original: str | None = None
    digitised: str | None = None


def read_exif_dates(path: Path) -> ExifDates:
    """Return the EXIF dates of an image file; none where there is no file, no image, or a damaged block."""
    try:
        from PIL import Image
    except ImportError:  # the crawler alone works without Pillow
        return ExifDates()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of corrupt EXIF and of large pictures: nothing is decoded
            with Image.open(path) as image:
                block = image.getexif().get_ifd(_EXIF_IFD)
    except (*_DAMAGED, Image.DecompressionBombError):
        return ExifDates()
    return ExifDates(_text(block.get(_DATE_TIME_ORIGINAL)), _text(block.get(_DATE_TIME_DIGITIZED)))


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    if not isinstance(value, str):
        return None
    return value.strip("\x00 ") or None
