"""A site's answer as rows of the catalog."""

from datetime import UTC, datetime
from typing import Any

from crawler.images import photo_path
from crawler.sites.found import FoundPhoto, Step
from db.windows import StepRows

NO_IMAGE = "the site gives no address of an image"

_SITE_WITHOUT_PREFIX = "flickr"


def step_rows(step: Step, *, site: str, query_name: str) -> StepRows:
    """Return the rows of an answer; new photos get their place in the folder of `query_name`, now and for good.

    Fixing the place with the row, not when the image comes, lets an interrupted crawl write to the same name again
    whichever name finds the photo next.
    """
    now = datetime.now(UTC)
    return StepRows(
        photos=[_photo_row(photo, site=site, query_name=query_name, now=now) for photo in step.photos],
        ranks=[photo.rank for photo in step.photos],
        seen=step.seen,
        refused={str(reason): count for reason, count in step.refused.items()},
        total=step.total,
        query_total=step.query_total,
        cursor=step.cursor,
        children=step.children,
        queries=step.follow_ups,
        note=step.note,
        unreachable=step.unreachable,
    )


def file_stem(site: str, site_id: str) -> str:
    """Return what a photo's file is called: two sites may give the same number to different photos."""
    return site_id if site == _SITE_WITHOUT_PREFIX else f"{site}-{site_id}"


def _photo_row(photo: FoundPhoto, *, site: str, query_name: str, now: datetime) -> dict[str, Any]:
    has_image = photo.image_url is not None
    return {
        "site_id": photo.site_id,
        "page_url": photo.page_url,
        "image_url": photo.image_url,
        "image_size": photo.image_size,
        "licence": photo.licence,
        "licence_at": now,
        "owner_id": photo.owner_id,
        "owner_name": photo.owner_name,
        "title": photo.title,
        "description": photo.description,
        "tags": photo.tags,
        "machine_tags": photo.machine_tags,
        "file_name": photo.file_name,
        "date_taken": photo.date_taken,
        "date_taken_granularity": photo.date_taken_granularity,
        "date_taken_unknown": photo.date_taken_unknown,
        "date_text": photo.date_text,
        "exif_taken": photo.exif_taken,
        "uploaded": photo.uploaded,
        "raw": dict(photo.raw),
        "state": "pending" if has_image else "gone",
        "attempts": 0,
        "error": None if has_image else NO_IMAGE,
        "path": photo_path(query_name, file_stem(site, photo.site_id), photo.image_url) if photo.image_url else None,
    }
