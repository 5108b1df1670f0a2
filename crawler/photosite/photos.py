"""The photos a site holds: a record, the extent of the original, and a way to its bytes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crawler.photosite.records import PhotoRecord, read_records
from crawler.photosite.sizes import Extent

UNKNOWN_EXTENT = Extent(500, 375)
"""What is said of a file whose header nobody can read: such files are served too, crawlers must bear them."""

_ROTATED = (5, 6, 7, 8)  # EXIF orientations that swap width and height
_ORIENTATION = 0x0112


@dataclass(frozen=True)
class SitePhoto:
    """One photo of the site; `load` returns the bytes of the original."""

    record: PhotoRecord
    extent: Extent
    format: str  # the original's file name ending: jpg, png, gif
    load: Callable[[], bytes]
    last_update: int | None = None  # Unix time; None: untouched since the upload
    first_licence: str | None = None  # where the owner changed it
    has_large_sizes: bool = True  # False: nothing above 500 px, no original
    can_download: bool = True
    is_one_file: bool = False  # `load` is quick, and its bytes are served under every size


def photos_of_folder(folder: Path) -> list[SitePhoto]:
    """Read photos.jsonl and the headers of its photos; raise BadInputFile where a line is malformed."""
    photos = []
    with _huge_headers_allowed():
        for record in read_records(folder):
            path = folder / record.file
            extent, ending = _header(path)
            photos.append(SitePhoto(record, extent, ending, path.read_bytes))
    return photos


def photos_of_people(people: int, *, photos: int, seed: int) -> list[SitePhoto]:
    """Return the album photos of drawn people; each is drawn when it is asked for."""
    from crawler.photosite.drawn.folder import drawn_photos
    from crawler.photosite.drawn.photo import photo_size

    found = []
    for photo in drawn_photos(people, photos=photos, seed=seed, style="album"):
        width, height = photo_size(photo.identity_seed, photo.photo_seed, style="album")
        found.append(SitePhoto(photo.record, Extent(width, height), "jpg", photo.draw))
    return found


def _header(path: Path) -> tuple[Extent, str]:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            width, height = image.size
            if image.getexif().get(_ORIENTATION) in _ROTATED:
                width, height = height, width
            ending = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "GIF": "gif"}.get(image.format or "", "jpg")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):  # what Pillow raises on a broken header
        return UNKNOWN_EXTENT, "jpg"
    return Extent(width, height), ending


@contextmanager
def _huge_headers_allowed() -> Iterator[None]:
    """Let Pillow read the header of a picture of any extent: nothing is decoded here."""
    from PIL import Image

    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit
