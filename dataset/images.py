"""The one place where bytes become pixels, guarded against hostile, damaged and odd files.

The header is read first, so a picture of 20,000 x 20,000 pixels costs no memory. Only formats that photos come in are
tried (Pillow would also run Ghostscript for a PostScript file). Content decides, not the name. A large JPEG is read at
a half, a quarter or an eighth of its size, which its decoder does while decoding.
"""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
from PIL import Image, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin

from agegap.errors import DataFailed
from dataset.face.reasons import DropReason

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""What is tried to be read. Pillow's JPEG reader also takes the MPO of some phones and stereo cameras."""

_REGISTERED = (TiffImagePlugin, WebPImagePlugin)  # Pillow knows the others by itself; importing these two adds them

CROP_SHAPE = (128, 128, 3)
_CROP_JPEG_QUALITY = 95  # 3 to 10 kB a crop; chroma is kept at full resolution

_ORIENTATION_TAG = 0x0112  # EXIF; each value is undone by one transposition
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = tuple(turn for value, turn in _UPRIGHT.items() if value >= 5)
_PILLOW_FAULTS = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error)
"""What Pillow's readers raise on damaged files."""


@dataclass(frozen=True)
class ImageLimits:
    """What is refused before a pixel is decoded, and how large a photo is read."""

    min_side: int = 32
    max_megapixels: float = 64.0
    max_side: int = 2048
    """A photo with a longer side is read smaller, so that neither side is longer."""


DEFAULT_LIMITS = ImageLimits()


class ImageRefused(DataFailed):
    """A file that gives no pixels: `reason` is counted, `detail` says it in words."""

    def __init__(self, path: object, reason: DropReason, detail: str) -> None:
        self.path, self.reason, self.detail = path, reason, detail
        super().__init__(f"{path}: {detail}")


@dataclass(frozen=True, eq=False)
class PhotoPixels:
    """A photo as it was read: upright, uint8 RGB HWC, with the size it has in full."""

    pixels: npt.NDArray[np.uint8]
    width: int
    height: int

    @property
    def scale(self) -> float:
        """Return how many pixels of the photo one pixel of `pixels` stands for."""
        return max(self.width, self.height) / float(max(self.pixels.shape[:2]))


def read_image(path: Path, limits: ImageLimits = DEFAULT_LIMITS) -> npt.NDArray[np.uint8]:
    """Return the photo at `path` upright as uint8 RGB HWC; raise ImageRefused."""
    return read_photo(path, limits).pixels


def read_photo(path: Path, limits: ImageLimits = DEFAULT_LIMITS) -> PhotoPixels:
    """Return the photo at `path` upright, no side longer than `limits.max_side`, and its full size.

    Grey, palette, CMYK and 16-bit pictures become 8-bit RGB, what is transparent becomes white, of an animation the
    first frame is read. Raises ImageRefused with the reason.
    """
    try:
        handle = path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise ImageRefused(path, DropReason.MISSING, "no such file") from None
    except OSError as fault:
        raise ImageRefused(path, DropReason.UNREADABLE, f"cannot be opened ({fault.strerror})") from None
    with handle:
        return _read(handle, path, limits)


def _read(source: IO[bytes], path: Path, limits: ImageLimits) -> PhotoPixels:
    with _pillow_faults(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd EXIF, sizes: our own checks decide
        with Image.open(source, formats=FORMATS) as image:
            width, height = image.size
            _check_size(path, width, height, limits)
            longest = max(width, height)
            if longest > limits.max_side:
                image.draft("RGB", _shrunk(width, height, limits.max_side))  # only a JPEG obeys
            turn = _UPRIGHT.get(_orientation(image))
            rgb = _to_rgb(image)
        if max(rgb.size) > limits.max_side:
            rgb = rgb.reduce(-(-max(rgb.size) // limits.max_side))
        if turn is not None:
            rgb = rgb.transpose(turn)
            if turn in _SIDEWAYS:
                width, height = height, width
        return PhotoPixels(pixels=np.array(rgb, dtype=np.uint8), width=width, height=height)


@contextmanager
def _pillow_faults(path: Path) -> Iterator[None]:
    try:
        yield
    except ImageRefused:
        raise
    except Image.DecompressionBombError:
        raise ImageRefused(path, DropReason.TOO_LARGE, "has more pixels than any photo") from None
    except UnidentifiedImageError:
        raise ImageRefused(path, DropReason.UNREADABLE, "is not an image") from None
    except _PILLOW_FAULTS as fault:
        words = str(fault).strip() or type(fault).__name__
        is_cut = isinstance(fault, EOFError) or "truncated" in words.lower()
        reason = DropReason.TRUNCATED if is_cut else DropReason.UNREADABLE
        raise ImageRefused(path, reason, f"cannot be decoded ({words})") from None


def _check_size(path: Path, width: int, height: int, limits: ImageLimits) -> None:
    if min(width, height) < limits.min_side:
        raise ImageRefused(path, DropReason.TOO_SMALL, f"{width}x{height} is below {limits.min_side} pixels a side")
    if width * height > limits.max_megapixels * 1e6:
        raise ImageRefused(
            path, DropReason.TOO_LARGE, f"{width}x{height} is above {limits.max_megapixels:g} million pixels"
        )


def _shrunk(width: int, height: int, max_side: int) -> tuple[int, int]:
    k = 1
    while max(width, height) > max_side * k and k < 8:  # a JPEG decoder knows 1/2, 1/4 and 1/8
        k *= 2
    return max(1, width // k), max(1, height // k)


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
    except _PILLOW_FAULTS:  # broken EXIF says nothing about the pixels
        return 1
    return value if isinstance(value, int) else 1


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        image = Image.fromarray(_to_eight_bits(np.asarray(image)))
    if image.mode in ("RGBA", "LA", "La", "PA", "RGBa") or "transparency" in image.info:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    return image.convert("RGB")


def _to_eight_bits(grey: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Return deep grey values as 8 bits: 0..65535 for whole numbers, 0..1 or 0..255 for broken ones."""
    values = np.nan_to_num(grey.astype(np.float32))
    if grey.dtype.kind == "f":
        values = values * (255.0 if values.max(initial=0) <= 1 else 1.0)
    elif values.max(initial=0) > 255:
        values = values / 257.0
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def encode_crop(crop: npt.NDArray[np.uint8]) -> bytes:
    """Return `crop` (uint8 RGB) as the JPEG bytes that are stored."""
    buffer = io.BytesIO()
    Image.fromarray(crop).save(buffer, "JPEG", quality=_CROP_JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()


def decode_crop(content: bytes, path: object = "crop") -> npt.NDArray[np.uint8]:
    """Return the uint8 RGB (128, 128, 3) pixels of a stored crop; raise ImageRefused when it is not one."""
    with _pillow_faults(Path(str(path))), Image.open(io.BytesIO(content), formats=FORMATS) as image:
        if image.size != CROP_SHAPE[:2]:
            raise ImageRefused(path, DropReason.UNREADABLE, f"is no 128x128 crop but {image.width}x{image.height}")
        return np.array(image.convert("RGB"), dtype=np.uint8)


def read_crop(path: Path) -> npt.NDArray[np.uint8]:
    """Return the stored crop at `path` as uint8 RGB (128, 128, 3); raise ImageRefused."""
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise ImageRefused(path, DropReason.MISSING, f"cannot be opened ({fault.strerror})") from None
    return decode_crop(content, path)
