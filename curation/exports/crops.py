"""Reading the stored crops of selected faces; one that cannot be read is a counted drop."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agegap.progress import track
from dataset.face.reasons import DropReason
from dataset.images import ImageRefused, decode_crop
from db.exports import KeptFace


class CropReader:
    """Reads crops below `data`; `kept` and `dropped` say what became of each face."""

    def __init__(self, data: Path) -> None:
        self.kept: list[KeptFace] = []
        self.dropped: Counter[DropReason] = Counter()
        self._data = data

    def read(self, faces: list[KeptFace]) -> Iterator[tuple[KeptFace, bytes, NDArray[np.uint8]]]:
        """Yield each readable face with the bytes of its JPEG and its pixels, uint8 RGB (128, 128, 3)."""
        for face in track(faces, label="export", unit="face"):
            if face.crop_path is None:
                self.dropped[DropReason.MISSING] += 1
                continue
            path = self._data / face.crop_path
            try:
                content = path.read_bytes()
                crop = decode_crop(content, path)
            except ImageRefused as refused:
                self.dropped[refused.reason] += 1
            except OSError:
                self.dropped[DropReason.MISSING] += 1
            else:
                self.kept.append(face)
                yield face, content, crop

    def dropped_by_reason(self) -> dict[str, int]:
        """Return how many crops could not be read, by the reason."""
        return {str(reason): count for reason, count in sorted(self.dropped.items())}
