"""From the body of an answer to a file that is whole: read, hashed, checked, renamed."""

import asyncio
from dataclasses import dataclass

import aiohttp

from crawler.fetching.answers import too_large
from crawler.fetching.faults import Passing, Unfit
from crawler.fetching.image_end import has_end
from crawler.fetching.part_file import PartFile
from crawler.fetching.settings import FetchSettings
from crawler.image_header import Content, ImageHeader, read_image_header, starts_like_image

SMALL_BYTES = 1_000_000
"""Bodies up to this size are read at once and checked before anything is written; almost all photos are smaller."""

_DEADLINE_STEP_S = 1.0  # the deadline of a long body is moved no oftener


@dataclass(frozen=True)
class KeptImage:
    """An image file that is whole and in its place; sizes in bytes and pixels."""

    sha256: str
    byte_count: int
    width: int
    height: int


async def keep_body(
    response: aiohttp.ClientResponse, path: str, settings: FetchSettings, deadline: asyncio.Timeout
) -> KeptImage:
    """Read the body of `response` into the file `path`, whole or not at all; `deadline` runs around the call.

    At most SMALL_BYTES of it are in memory, besides what the connection has read ahead. Raises FetchFault for what
    came, aiohttp.ClientError where it broke off, OSError when the disk fails.
    """
    length = response.content_length
    if length is not None and length <= SMALL_BYTES:
        return _keep_small(await response.content.read(), path)
    part = PartFile(path)
    try:
        await _stream(response.content, part, settings, deadline)
        with part.content() as content:
            header = _checked(content)
        part.keep()
    finally:
        part.drop()
    return KeptImage(part.sha256, part.byte_count, header.width, header.height)


def _keep_small(content: bytes, path: str) -> KeptImage:
    # Written in the event loop: handing 128 KB to a thread costs more than the write, which ends in the page cache.
    header = _checked(content)
    part = PartFile(path)
    try:
        part.write(content)
        part.keep()
    finally:
        part.drop()
    return KeptImage(part.sha256, part.byte_count, header.width, header.height)


async def _stream(
    body: aiohttp.StreamReader, part: PartFile, settings: FetchSettings, deadline: asyncio.Timeout
) -> None:
    clock = asyncio.get_running_loop().time
    begun = moved_at = clock()
    async for chunk in body.iter_any():
        if part.byte_count + len(chunk) > settings.max_image_bytes:
            raise Unfit(too_large(settings.max_image_bytes))
        part.write(chunk)
        if (now := clock()) > moved_at + _DEADLINE_STEP_S:
            moved_at = now
            deadline.reschedule(begun + settings.timeout_s + part.byte_count / settings.least_bytes_per_s)


def _checked(content: Content) -> ImageHeader:
    if not content:
        raise Passing("the answer is empty")
    header = read_image_header(content)
    if header is None and not starts_like_image(content):
        raise Unfit("the answer is not an image")
    if header is None or not has_end(content, header.kind):
        raise Passing("truncated: the image ends before its end")
    return header
