"""Crops of one or several dataset folders behind one row number, as uint8.

Crops that the net sees smaller than they are stored are averaged down once and kept in memory (12 kB each at 64
pixels: 100,000 faces are 1.2 GB); at full size they stay in the memory map, and where the net wants them larger they
are enlarged as they are gathered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Part:
    """Some rows of one array of crops (N, S, S, 3); the array may be a memory map.

    `enlarged` is the side at which the crops are gathered where that is not the stored one, else 0.
    """

    array: Images
    rows: Rows
    enlarged: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of a gathered crop."""
        return (self.enlarged, self.enlarged, 3) if self.enlarged else self.array.shape[1:]

    def views(self, chosen: Rows) -> list[Images]:
        """Return the crops at positions `chosen` one by one, where they lie; made anew only where they are enlarged."""
        found = [self.array[row] for row in self.rows[chosen].tolist()]
        return [shrink(image, self.enlarged) for image in found] if self.enlarged else found

    def gather(self, chosen: Rows) -> Images:
        """Return the crops at positions `chosen` of this part."""
        images = np.ascontiguousarray(self.array[self.rows[chosen]])
        if not self.enlarged:
            return images
        large = np.empty((len(images), *self.shape), dtype=np.uint8)
        for place, image in enumerate(images):
            large[place] = shrink(image, self.enlarged)
        return large


@dataclass(frozen=True, eq=False)
class Crops:
    """Parts one after the other; row numbers run through all of them."""

    parts: tuple[Part, ...]

    def __len__(self) -> int:
        return sum(len(part.rows) for part in self.parts)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of a gathered crop."""
        return self.parts[0].shape

    def views(self, chosen: Rows) -> list[Images]:
        """Return the crops (S, S, 3) at `chosen` (B,), in that order, where they lie: nothing is copied."""
        if len(self.parts) == 1:
            return self.parts[0].views(np.asarray(chosen, dtype=np.int64))
        starts = np.cumsum([0] + [len(part.rows) for part in self.parts])
        owner = np.searchsorted(starts, chosen, side="right") - 1
        places = np.asarray(chosen, dtype=np.int64) - starts[owner]
        pairs = zip(owner.tolist(), places, strict=True)
        return [self.parts[number].views(place[None])[0] for number, place in pairs]

    def gather(self, chosen: Rows) -> Images:
        """Return the crops (B, S, S, 3) at `chosen` (B,), in that order."""
        chosen = np.asarray(chosen, dtype=np.int64)
        if len(self.parts) == 1:
            return self.parts[0].gather(chosen)
        starts = np.cumsum([0] + [len(part.rows) for part in self.parts])
        owner = np.searchsorted(starts, chosen, side="right") - 1
        images = np.empty((len(chosen), *self.parts[0].shape), dtype=np.uint8)
        for number, part in enumerate(self.parts):
            here = owner == number
            if here.any():
                images[here] = part.gather(chosen[here] - starts[number])
        return images


def part_of(crops: Images, rows: Rows, *, input_size: int) -> Part:
    """Return `rows` of `crops` (N, S, S, 3) at `input_size` pixels: a view of the map, or averaged down in memory."""
    if crops.shape[1] <= input_size:
        return Part(crops, np.asarray(rows, dtype=np.int64), input_size if crops.shape[1] < input_size else 0)
    small = np.empty((len(rows), input_size, input_size, 3), dtype=np.uint8)
    for place, row in enumerate(rows):
        small[place] = shrink(crops[row], input_size)
    return Part(small, np.arange(len(rows), dtype=np.int64))


def shrink(image: Images, input_size: int) -> Images:
    """Return one crop (S, S, 3) at `input_size` pixels, each the mean of the area it covers; bicubic where it grows."""
    if image.shape[0] == input_size:
        return image
    whole = np.ascontiguousarray(image)
    how = cv2.INTER_AREA if image.shape[0] > input_size else cv2.INTER_CUBIC
    return cv2.resize(whole, (input_size, input_size), interpolation=how)  # type: ignore[return-value]


def join(parts: Sequence[Part]) -> Crops:
    """Return `parts` as one; empty ones are left out unless all are."""
    filled = tuple(part for part in parts if len(part.rows))
    return Crops(filled or tuple(parts[:1]))
