"""The image files of a synthetic site: a few hundred JPEGs of about 128 KB, each photo's own by a comment inside."""

import functools
import hashlib
import io

import numpy as np

WIDTH, HEIGHT = 800, 600
PICTURES = 200
_QUALITY = 85
_GRAIN = 13.0
"""Strength of the noise: with it a picture takes about 128 KB."""


def expected_bytes(photo_id: str) -> bytes:
    """Return the very bytes the site serves for a photo, under every size.

    The id stands in a JPEG comment segment, so that no two photos are alike.
    """
    picture = pictures()[int(photo_id) % PICTURES]
    comment = f"photo {photo_id}".encode()
    start = 4 + int.from_bytes(picture[4:6], "big")  # behind the JFIF header, which has to come first
    return picture[:start] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + picture[start:]


def expected_sha256(photo_id: str) -> str:
    """Return the hash of those bytes, as hex."""
    return hashlib.sha256(expected_bytes(photo_id)).hexdigest()


@functools.cache
def pictures() -> tuple[bytes, ...]:
    """Draw the pictures; the same for the same version of Pillow. Takes about a second, once."""
    from PIL import Image

    rng = np.random.default_rng(5)
    grain = rng.normal(0, _GRAIN, (HEIGHT * 2, WIDTH * 2, 3)).astype(np.int16)
    drawn = []
    for _ in range(PICTURES):
        top, left = int(rng.integers(HEIGHT)), int(rng.integers(WIDTH))
        colour = rng.integers(60, 190, 3, dtype=np.int16)
        pixels = np.clip(colour + grain[top : top + HEIGHT, left : left + WIDTH], 0, 255).astype(np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=_QUALITY)
        drawn.append(buffer.getvalue())
    return tuple(drawn)
