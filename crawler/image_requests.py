"""Fetching images: a request for a pending photo, and what became of it as a `PhotoOutcome`.

Ordinary requests, not Scrapy's media pipelines: those re-encode what they fetch, keep every result in memory for
ever, bypass the scheduler and write files that a kill leaves half done (docs/crawl.md).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest, ResponseDataLossError
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.images import NotAnImage, keep_image, opts_out
from crawler.plan import IMAGE_SLOT
from db.image_frontier import PendingPhoto, PhotoOutcome

_GONE_STATUSES = frozenset({404, 410, 451})
_WRITERS = 4  # threads that write and flush files; a disk takes no more at once


class ImageRequests:
    """Makes requests for photos below the folder `data`; calls `settle` with each outcome.

    The outcome is None where the photo is to stay as it is, because the machine failed and not the photo.
    """

    def __init__(
        self,
        data: Path,
        *,
        is_placeholder: Callable[[str], bool],
        settle: Callable[[PhotoOutcome | None], None],
        stop: Callable[[Exception], None],
    ) -> None:
        self.in_flight = 0
        self._data = data
        self._is_placeholder = is_placeholder
        self._settle = settle
        self._stop = stop
        self._writers = ThreadPoolExecutor(max_workers=_WRITERS, thread_name_prefix="images")

    def request(self, photo: PendingPhoto) -> Request:
        """Return the request for a photo's image; it is in flight until its outcome is settled."""
        self.in_flight += 1
        return Request(
            photo.image_url,
            callback=self._save,
            errback=self._explain,
            cb_kwargs={"photo": photo},
            meta={"download_slot": IMAGE_SLOT},
            dont_filter=True,
        )

    def close(self) -> None:
        """Let the threads go, after what they are writing."""
        self._writers.shutdown(wait=True)

    async def _save(self, response: Response, photo: PendingPhoto) -> None:
        outcome: PhotoOutcome | None = None
        try:
            outcome = await self._outcome(response, photo)
        except OSError as fault:  # a full disk is not the photo's fault
            self._stop(fault)
        finally:
            self._end(outcome)

    async def _outcome(self, response: Response, photo: PendingPhoto) -> PhotoOutcome:
        if self._is_placeholder(response.url):
            return _gone(photo, "the site shows a placeholder in its place")
        robots_tags = b",".join(response.headers.getlist(b"X-Robots-Tag")).decode("latin-1")
        if opts_out(robots_tags):
            return _gone(photo, f"its owner opted out (X-Robots-Tag: {robots_tags[:80]})")
        work = asyncio.get_running_loop().run_in_executor
        try:
            kept = await work(self._writers, keep_image, response.body, self._data / photo.path)
        except NotAnImage as fault:
            return _failed(photo, str(fault))
        return PhotoOutcome(
            photo_id=photo.id,
            state="done",
            path=photo.path,
            sha256=kept.sha256,
            byte_count=kept.byte_count,
            width=kept.width,
            height=kept.height,
        )

    def _explain(self, failure: Failure) -> None:
        photo: PendingPhoto = failure.request.cb_kwargs["photo"]  # type: ignore[attr-defined]  # Scrapy adds it
        self._end(outcome_of_fault(photo, failure.value))

    def _end(self, outcome: PhotoOutcome | None) -> None:
        self.in_flight -= 1
        self._settle(outcome)


def outcome_of_fault(photo: PendingPhoto, fault: Any) -> PhotoOutcome:
    """Return what a failed request means: gone for good, or failed and tried again in the next run."""
    if isinstance(fault, HttpError):
        status = fault.response.status
        return (_gone if status in _GONE_STATUSES else _failed)(photo, f"HTTP {status}")
    if isinstance(fault, ResponseDataLossError):
        return _failed(photo, "truncated: the site sent fewer bytes than it said")
    if isinstance(fault, DownloadCancelledError):
        return _failed(photo, "larger than max_image_megabytes")
    if isinstance(fault, IgnoreRequest):
        return _failed(photo, f"not fetched: {fault}")
    return _failed(photo, f"{type(fault).__name__}: {fault}"[:500])


def _gone(photo: PendingPhoto, why: str) -> PhotoOutcome:
    return PhotoOutcome(photo_id=photo.id, state="gone", path=None, error=why)


def _failed(photo: PendingPhoto, why: str) -> PhotoOutcome:
    return PhotoOutcome(photo_id=photo.id, state="failed", path=photo.path, error=why)
