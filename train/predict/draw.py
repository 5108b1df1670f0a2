"""Copies of photos with the boxes of their faces and the ages said."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from agegap.files import atomic_open
from train.predict.answers import PersonAge, PredictedAge
from train.predict.faces import Box

_YELLOW, _BLACK = (255, 215, 0), (0, 0, 0)
_LINE = 200  # the line is a 200th of the longest side
_LETTER = 28  # a letter is a 28th of it, at least 12 pixels
_QUALITY = 92


def drawn(pixels: NDArray[np.uint8], boxes: Sequence[Box], texts: Sequence[str]) -> Image.Image:
    """Return a picture with each box (in its pixels) and the text above it, or inside where there is no room above."""
    image = Image.fromarray(pixels).convert("RGB")
    pen = ImageDraw.Draw(image)
    longest = max(image.size)
    width, letter = max(2, longest // _LINE), max(12, longest // _LETTER)
    font = ImageFont.load_default(size=letter)
    for (left, top, wide, high), text in zip(boxes, texts, strict=True):
        pen.rectangle((left, top, left + max(wide, 1), top + max(high, 1)), outline=_YELLOW, width=width)
        x, y = max(0.0, left), top - 1.3 * letter
        y = y if y >= 0 else max(0.0, top)
        around = pen.textbbox((x + width, y), text, font=font)
        pen.rectangle((around[0] - width, around[1] - width, around[2] + width, around[3] + width), fill=_YELLOW)
        pen.text((x + width, y), text, fill=_BLACK, font=font)
    return image


def draw_photo_ages(pixels: NDArray[np.uint8], ages: Sequence[PredictedAge], *, scale: float) -> Image.Image:
    """Return a photo as it was read, `scale` times smaller than its boxes say, with boxes and ages."""
    boxes: list[Box] = [(x / scale, y / scale, w / scale, h / scale) for x, y, w, h in (one.box for one in ages)]
    return drawn(pixels, boxes, [years_text(one) for one in ages])


def years_text(one: PredictedAge | PersonAge) -> str:
    """Return "34 (28-41)"."""
    return f"{one.age:.0f} ({one.low:.0f}-{one.high:.0f})"


class Copies:
    """The names of the copies in a folder: those of the photos, numbered where two are alike; the same every time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._given: set[Path] = set()

    def save(self, image: Image.Image, name: Path) -> Path:
        """Write `image` under a relative name, as JPEG; return where."""
        if name.suffix.lower() not in (".jpg", ".jpeg"):
            name = name.with_name(name.name + ".jpg")
        place, number = name, 1
        while place in self._given:
            number += 1
            place = name.with_name(f"{name.stem}-{number}{name.suffix}")
        self._given.add(place)
        with atomic_open(self.folder / place) as handle:
            image.save(handle, "JPEG", quality=_QUALITY)
        return self.folder / place


def copy_name(photo: Path, named: Sequence[Path]) -> Path:
    """Return the name of a photo's copy: its path below the folder that was named, else its own name."""
    folder = next((path for path in named if path in photo.parents), None)
    return photo.relative_to(folder) if folder is not None else Path(photo.name)
