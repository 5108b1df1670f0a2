"""Photos for the tests of the photo site, without files."""

import io
from typing import Any

from PIL import Image

from crawler.photosite.photos import SitePhoto
from crawler.photosite.records import PhotoRecord, numeric_id
from crawler.photosite.sizes import Extent


def jpeg_of(width: int, height: int, colour: tuple[int, int, int] = (120, 90, 60)) -> bytes:
    """A plain JPEG."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def site_photo(number: int = 1, *, width: int = 640, height: int = 480, **fields: Any) -> SitePhoto:
    """A photo of the site with these record fields."""
    file = f"{number}.jpg"
    record = PhotoRecord(
        file=file, **{"id": numeric_id(file), "owner": "1@N01", "date_upload": 1_500_000_000, **fields}
    )
    return SitePhoto(record, Extent(width, height), "jpg", lambda: jpeg_of(width, height))
