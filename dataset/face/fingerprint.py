"""By what a crop is known again: exactly (sha256 of its pixels) and nearly (perceptual hash)."""

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

_HASH_SIDE = 8  # 8 x 8 lowest frequencies = 64 bits
_DCT_SIDE = 32


@dataclass(frozen=True)
class Fingerprint:
    """Hashes of the pixels of one crop."""

    sha256: str
    order_key: int
    """First 31 bits of `sha256`: seeds the order of pairs, alike on every database."""
    perceptual_hash: int
    """64 bits as a signed integer."""


def fingerprint(crop: npt.NDArray[np.uint8]) -> Fingerprint:
    """Hash the pixels of `crop`: those a reader of the stored file gets, not those that were encoded."""
    digest = hashlib.sha256(np.ascontiguousarray(crop).tobytes()).hexdigest()
    return Fingerprint(sha256=digest, order_key=int(digest[:8], 16) >> 1, perceptual_hash=perceptual_hash(crop))


def perceptual_hash(crop: npt.NDArray[np.uint8]) -> int:
    """Return the 64-bit pHash of `crop` (uint8 RGB) in two's complement, as SQL's BIGINT holds it.

    The grey crop is averaged to 32x32; a bit says whether one of the 8x8 lowest frequencies of its cosine transform is
    above their median. Two crops whose hashes differ in few bits are copies of one picture.
    """
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_DCT_SIDE, _DCT_SIDE), interpolation=cv2.INTER_AREA).astype(np.float64)
    low = cv2.dct(small)[:_HASH_SIDE, :_HASH_SIDE].ravel()
    bits = low > np.median(low)
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)
