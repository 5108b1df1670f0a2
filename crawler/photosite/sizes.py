"""The sizes the image host keeps of a photo, and how answers name them.

Names, edges and suffixes: flickr.com/services/api/misc.urls.html. The JSON type of each size's height and width is
that of its newest recorded answer: they are not alike, and a reader has to bear that.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

NumberType = Literal["int", "str"]


@dataclass(frozen=True)
class Size:
    """One size: `key` in answers (url_m), `suffix` in file names, `edge` of its longest side in pixels."""

    key: str
    suffix: str
    edge: int
    is_square: bool = False
    has_own_secret: bool = False
    height_type: NumberType = "int"
    width_type: NumberType = "int"


@dataclass(frozen=True)
class Extent:
    """Width and height in pixels."""

    width: int
    height: int

    @property
    def longest(self) -> int:
        """The longer of the two."""
        return max(self.width, self.height)


SIZES: tuple[Size, ...] = (
    Size("sq", "s", 75, is_square=True),
    Size("q", "q", 150, is_square=True, height_type="str", width_type="str"),
    Size("t", "t", 100),
    Size("s", "m", 240),
    Size("n", "n", 320, width_type="str"),
    Size("w", "w", 400),
    Size("m", "", 500),
    Size("z", "z", 640, height_type="str", width_type="str"),
    Size("c", "c", 800, width_type="str"),
    Size("l", "b", 1024),
    Size("h", "h", 1600, has_own_secret=True, width_type="str"),
    Size("k", "k", 2048, has_own_secret=True, width_type="str"),
    Size("3k", "3k", 3072, has_own_secret=True),
    Size("4k", "4k", 4096, has_own_secret=True),
    Size("5k", "5k", 5120, has_own_secret=True),
    Size("6k", "6k", 6144, has_own_secret=True),
)
ORIGINAL = Size("o", "o", 0, has_own_secret=True, height_type="str", width_type="str")

LARGEST_GUESSABLE = 500
"""What is left where an owner hides the large sizes."""

LABELS = {
    "sq": "Square", "q": "Large Square", "t": "Thumbnail", "s": "Small", "n": "Small 320", "w": "Small 400",
    "m": "Medium", "z": "Medium 640", "c": "Medium 800", "l": "Large", "h": "Large 1600", "k": "Large 2048",
    "3k": "X-Large 3K", "4k": "X-Large 4K", "5k": "X-Large 5K", "6k": "X-Large 6K", "o": "Original",
}  # fmt: skip
"""What flickr.photos.getSizes calls each size (recorded)."""

BY_KEY = {size.key: size for size in (*SIZES, ORIGINAL)}
BY_SUFFIX = {size.suffix: size for size in (*SIZES, ORIGINAL)}


def has_size(original: Extent, size: Size) -> bool:
    """Say whether the host keeps this size: up to the first that holds the whole photo, none that would enlarge it.

    A photo of 480x360 has a medium (500) of 480x360 and nothing above it, as recorded. The medium is always there:
    it is the file whose name has no suffix.
    """
    if size.is_square or size is ORIGINAL or not size.suffix:
        return True
    smaller = [other.edge for other in SIZES if not other.is_square and other.edge < size.edge]
    return original.longest > max(smaller, default=0)


def is_original(original: Extent, size: Size) -> bool:
    """Say whether this size is the owner's very file."""
    return size is ORIGINAL or (not size.is_square and original.longest <= size.edge)


def extent_of(original: Extent, size: Size) -> Extent:
    """Return the extent a photo has in this size."""
    if size.is_square:
        return Extent(size.edge, size.edge)
    if is_original(original, size):
        return original
    share = size.edge / original.longest
    return Extent(max(round(original.width * share), 1), max(round(original.height * share), 1))


def secret_of(photo_id: str, size: Size) -> str:
    """Return the secret in the file name of this size: one for all up to `l`, an own one for each above."""
    return _secret(f"{photo_id}/{size.key}" if size.has_own_secret else photo_id)


@lru_cache(16_384)
def _secret(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:10]


def number(value: int, kind: NumberType) -> int | str:
    """Return `value` in the JSON type of this field."""
    return str(value) if kind == "str" else value
