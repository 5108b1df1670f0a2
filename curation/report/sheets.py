"""Many small pictures in one JPEG: sixty faces are one file of about 110 kB, not sixty requests.

A place on a sheet belongs to a picture whether it could be read or not, so a page can be written from the order alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from dataset.images import ImageLimits, ImageRefused, read_crop, read_image

TILE = 96
"""Pixels of a picture: six of JPEG's 16-pixel blocks, so no colour bleeds from a face to its neighbour."""
COLUMNS, ROWS = 10, 6
PER_SHEET = COLUMNS * ROWS
_GROUND = (128, 128, 128)
_THUMBNAIL_SIDE = 4 * TILE  # a JPEG of any size is decoded at an eighth of it


@dataclass(frozen=True, slots=True)
class Source:
    """A picture to be drawn: a stored crop, or a whole photo made small."""

    path: Path | None
    is_crop: bool = True


@dataclass(frozen=True, slots=True)
class Tile:
    """A place on a sheet; `sheet` is its address from the report's folder."""

    sheet: str
    column: int
    row: int
    columns: int
    rows: int


def tiles_of(sheet: str, count: int) -> list[Tile]:
    """Return the places of `count` pictures on one sheet, row after row."""
    columns, rows = min(count, COLUMNS), -(-count // COLUMNS)
    return [Tile(sheet, place % COLUMNS, place // COLUMNS, columns, rows) for place in range(count)]


def draw_sheet(target: Path, sources: Sequence[Source], *, jpeg_quality: int) -> set[int]:
    """Write the pictures to the JPEG `target`; return the places of those that could not be read.

    No file is written when none could.
    """
    places = tiles_of("", len(sources))
    sheet: Image.Image | None = None
    missing = set()
    for number, (source, tile) in enumerate(zip(sources, places, strict=True)):
        picture = _small(source)
        if picture is None:
            missing.add(number)
            continue
        sheet = sheet or Image.new("RGB", (tile.columns * TILE, tile.rows * TILE), _GROUND)
        left = tile.column * TILE + (TILE - picture.width) // 2
        sheet.paste(picture, (left, tile.row * TILE + (TILE - picture.height) // 2))
    if sheet is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        sheet.save(target, "JPEG", quality=jpeg_quality)
    return missing


class Sheets:
    """Draws the pictures of pages below `folder`, sheet after sheet; counts them and notes the crops it cannot read."""

    def __init__(self, folder: Path, *, jpeg_quality: int) -> None:
        self._folder, self._jpeg_quality = folder, jpeg_quality
        self.drawn = 0
        self.unreadable: set[Path] = set()

    def draw(self, name: str, sources: Sequence[Source]) -> list[Tile | None]:
        """Draw `sources` on sheets called sheets/`name`-1.jpg and so on; return where each is, None where nowhere."""
        found: list[Tile | None] = []
        for start in range(0, len(sources), PER_SHEET):
            some = sources[start : start + PER_SHEET]
            sheet = f"sheets/{name}-{start // PER_SHEET + 1}.jpg"
            missing = draw_sheet(self._folder / sheet, some, jpeg_quality=self._jpeg_quality)
            found += [None if place in missing else tile for place, tile in enumerate(tiles_of(sheet, len(some)))]
            self.drawn += len(some) - len(missing)
            # Of a whole photo that is no fault: many are shown just because they cannot be read.
            lost = [some[place].path for place in missing if some[place].is_crop]
            self.unreadable.update(path for path in lost if path is not None)
        return found


def _small(source: Source) -> Image.Image | None:
    if source.path is None:
        return None
    try:
        if source.is_crop:
            pixels = read_crop(source.path)
        else:
            pixels = read_image(source.path, ImageLimits(min_side=1, max_side=_THUMBNAIL_SIDE))
    except ImageRefused:
        return None
    picture = Image.fromarray(pixels)
    scale = TILE / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.HAMMING)
