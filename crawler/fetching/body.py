"""From the body of an answer to a file that is whole: read, hashed, checked, renamed."""

import asyncio
from dataclasses import dataclass

from crawler.fetching.answers import too_large
from crawler.fetching.connection import Connection
from crawler.fetching.exchange import Answer
from crawler.fetching.faults import Passing, Unfit
from crawler.fetching.image_end import has_end
from crawler.fetching.part_file import PartFile
from crawler.fetching.settings import FetchSettings
from crawler.image_header import Content, ImageHeader, read_image_header, starts_like_image


@dataclass(frozen=True)
class KeptImage:
    """An image file that is whole and in its place; sizes in bytes and pixels."""

    sha256: str
    byte_count: int
    width: int
    height: int


async def keep_body(connection: Connection, answer: Answer, path: str, settings: FetchSettings) -> KeptImage:
    """Read the body of `answer` into the file `path`, whole or not at all.

    What the connection's buffer holds of it is in memory, and no more. Raises FetchFault for what came,
    ConnectionError where it broke off, TooSlow, and OSError when the disk fails.
    """
    if answer.body is not None:
        return _keep_small(answer.body, path)
    part = PartFile(path)
    try:
        await _stream(connection, part, settings)
        with part.content() as content:
            header = _checked(content)
        part.keep()
    finally:
        part.drop()
    return KeptImage(part.sha256, part.byte_count, header.width, header.height)


def _keep_small(content: memoryview, path: str) -> KeptImage:
    # Written in the event loop: handing 128 KB to a thread costs more than the write, which ends in the page cache.
    header = _checked(content)
    part = PartFile(path)
    try:
        part.write(content)
        part.keep()
    finally:
        part.drop()
    return KeptImage(part.sha256, part.byte_count, header.width, header.height)


async def _stream(connection: Connection, part: PartFile, settings: FetchSettings) -> None:
    begun = asyncio.get_running_loop().time()

    def write(chunk: memoryview) -> None:
        if part.byte_count + len(chunk) > settings.max_image_bytes:
            raise Unfit(too_large(settings.max_image_bytes))
        part.write(chunk)
        connection.deadline = begun + settings.timeout_s + part.byte_count / settings.least_bytes_per_s

    await connection.stream(write)


def _checked(content: Content) -> ImageHeader:
    if not content:
        raise Passing("the answer is empty")
    header = read_image_header(content)
    if header is None and not starts_like_image(content):
        raise Unfit("the answer is not an image")
    if header is None or not has_end(content, header.kind):
        raise Passing("truncated: the image ends before its end")
    return header
