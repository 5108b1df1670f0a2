"""The pictures of a report: small copies in its own folder, each written once."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dataset.images import ImageRefused, read_crop, read_image

_THUMBNAIL = 128  # pixels of the longer side: the size of a crop


class ReportPictures:
    """Copies crops and thumbnails below `folder`; counts what could not be read."""

    def __init__(self, folder: Path, *, data: Path, jpeg_quality: int) -> None:
        self.folder, self.data, self.jpeg_quality = folder, data, jpeg_quality
        self.unreadable = 0
        self._written: dict[str, str | None] = {}

    @property
    def count(self) -> int:
        """How many pictures were written."""
        return sum(name is not None for name in self._written.values())

    def crop(self, face_id: int, crop_path: str | None) -> str | None:
        """Return the address of a face's copy relative to the page; None where there is no crop to read."""
        name = f"faces/{face_id}.jpg"
        if crop_path is None:
            return None
        if name not in self._written:
            try:
                self._written[name] = self._save(name, read_crop(self.data / crop_path))
            except ImageRefused:
                self.unreadable += 1
                self._written[name] = None
        return self._written[name]

    def thumbnail(self, photo_id: int, path: str | None) -> str | None:
        """Return the address of a small copy of a whole photo; None where it cannot be read."""
        name = f"photos/{photo_id}.jpg"
        if path is None:
            return None
        if name not in self._written:
            try:
                self._written[name] = self._save(name, read_image(self.data / path))
            except ImageRefused:  # many photos are shown just because they cannot be read
                self._written[name] = None
        return self._written[name]

    def _save(self, name: str, pixels: NDArray[np.uint8]) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(pixels)
        image.thumbnail((_THUMBNAIL, _THUMBNAIL))
        image.save(path, "JPEG", quality=self.jpeg_quality)
        return name
