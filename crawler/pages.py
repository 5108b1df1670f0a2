"""A page of found photos as rows of the catalog."""

from typing import Any

from crawler.images import photo_path
from crawler.sites.found import FoundPage, FoundPhoto
from db.frontier import PageRows

NO_IMAGE = "the site gives no address of an image"


def page_rows(page: FoundPage, query_name: str) -> PageRows:
    """Return the rows of a page; new photos get their place in the folder of `query_name`, now and for good.

    Fixing the place with the row, not when the image comes, lets an interrupted crawl write to the same name again
    whichever name finds the photo next.
    """
    return PageRows(
        page=page.page,
        pages=page.pages,
        total=page.total,
        seen=page.seen,
        refused=sum(page.refused.values()),
        is_last=page.is_last,
        photos=[_photo_row(photo, query_name) for photo in page.photos],
        ranks=[photo.rank for photo in page.photos],
        note=page.note,
    )


def _photo_row(photo: FoundPhoto, query_name: str) -> dict[str, Any]:
    has_image = photo.image_url is not None
    return {
        "site_id": photo.site_id,
        "page_url": photo.page_url,
        "image_url": photo.image_url,
        "licence": photo.licence,
        "owner_id": photo.owner_id,
        "owner_name": photo.owner_name,
        "title": photo.title,
        "description": photo.description,
        "tags": photo.tags,
        "machine_tags": photo.machine_tags,
        "date_taken": photo.date_taken,
        "date_taken_granularity": photo.date_taken_granularity,
        "date_taken_unknown": photo.date_taken_unknown,
        "uploaded": photo.uploaded,
        "raw": dict(photo.raw),
        "state": "pending" if has_image else "gone",
        "attempts": 0,
        "error": None if has_image else NO_IMAGE,
        "path": photo_path(query_name, photo.site_id, photo.image_url) if photo.image_url else None,
    }
