"""A loopback server of drawn JPEGs that costs next to nothing: what a speed test of clients stands against.

    python -m benchmarks.image_server --core 1

Prints {"port": N} and serves /NUMBER.jpg until it is terminated, a Flickr search over the same images
(`image_search.py`), and /timing: when the first was asked for and the last one answered, since /timing was asked last.
All images share one drawn picture of about 128 KB;
a comment segment with the number makes the bytes of each one different, so that a client's files can be checked.
A raw asyncio protocol: any web framework here would be slower than the fastest client that it is to measure.
"""

import asyncio
import hashlib
import io
import json
import os
import re
import socket
import struct
import sys
import time
from dataclasses import asdict, dataclass

import click

from benchmarks.image_search import flickr_answer

SIZE = (800, 600)
AIM_BYTES = 128_000  # the median of Flickr's 800-pixel photos
_SOI = b"\xff\xd8"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\nCache-Control: public\r\n\r\n"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"


class DrawnImages:
    """The images by number: `content(n)` is the bytes of image n, `answer(n)` the whole HTTP answer with them."""

    def __init__(self, aim_bytes: int = AIM_BYTES) -> None:
        self._rest = drawn_jpeg(aim_bytes)[len(_SOI) :]
        byte_count = len(self.content(0))
        self._head = _HEAD % byte_count
        self.byte_count = byte_count

    def content(self, number: int) -> bytes:
        """Return the bytes of image `number`: the drawn picture with a comment (ITU-T T.81 B.2.4.5)."""
        comment = b"image %026d" % number
        return _SOI + b"\xff\xfe" + struct.pack(">H", 2 + len(comment)) + comment + self._rest

    def answer(self, number: int) -> bytes:
        """Return the HTTP answer that serves image `number`."""
        return self._head + self.content(number)

    def sha256(self, number: int) -> str:
        """Return the hex sha256 of image `number`."""
        return hashlib.sha256(self.content(number)).hexdigest()


def drawn_jpeg(aim_bytes: int) -> bytes:
    """Return a drawn 800x600 JPEG of about `aim_bytes`, the same for every process."""
    import numpy as np
    from PIL import Image

    width, height = SIZE
    rows, columns = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(rows / 37), np.cos(columns / 53), np.sin((rows + columns) / 29)], axis=-1)
    noise = np.random.default_rng(1).normal(0, 12, (height, width, 3))
    image = Image.fromarray(np.clip(128 + 90 * waves + noise, 0, 255).astype(np.uint8))
    for quality in range(50, 96, 3):
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=quality)
        if stream.tell() >= aim_bytes:
            break
    return stream.getvalue()


@dataclass
class Timing:
    """How many images were asked for, and when: from the first request to the last answer, in seconds."""

    count: int = 0
    first: float = 0.0
    last: float = 0.0

    def note(self, asked_at: float) -> None:
        """Take note of an image that was asked for at `asked_at` and answered now."""
        if not self.count:
            self.first = asked_at
        self.count += 1
        self.last = time.monotonic()


class _Connection(asyncio.Protocol):
    def __init__(self, images: DrawnImages, timing: Timing, port: int) -> None:
        self._images = images
        self._timing = timing
        self._port = port
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=4 << 20)

    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, _, rest = self._asked.partition(b"\r\n\r\n")
            body_bytes = _body_bytes(head)
            if len(rest) < body_bytes:
                return
            self._asked = rest[body_bytes:]
            self._transport.write(self._answer(head.split(b" ", 2)[1], rest[:body_bytes]))
            if b"onnection: close" in head:
                self._transport.close()

    def _answer(self, path: bytes, body: bytes) -> bytes:
        stem = path.removeprefix(b"/").removesuffix(b".jpg")
        if stem.isdigit():
            asked_at = time.monotonic()
            answer = self._images.answer(int(stem))
            self._timing.note(asked_at)
            return answer
        if path == b"/timing":
            said = _json(asdict(self._timing))
            self._timing.__init__()  # type: ignore[misc]  # the next client starts from nothing
            return said
        if path.startswith(b"/services/rest/"):
            return _json(flickr_answer(body.decode(), f"http://127.0.0.1:{self._port}"))
        return _NOT_FOUND  # robots.txt, for one


def _body_bytes(head: bytes) -> int:
    found = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    return int(found[1]) if found else 0


def _json(value: object) -> bytes:
    body = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def serve(aim_bytes: int) -> None:
    """Serve until cancelled; the port goes to standard output."""
    images, timing = DrawnImages(aim_bytes), Timing()
    loop = asyncio.get_running_loop()
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    port = listening.getsockname()[1]
    server = await loop.create_server(lambda: _Connection(images, timing, port), sock=listening)
    sys.stdout.write(json.dumps({"port": port, "bytes": images.byte_count}) + "\n")
    sys.stdout.flush()
    await server.serve_forever()


@click.command()
@click.option("--core", type=int, default=None, help="the one CPU core to run on")
@click.option("--aim-bytes", default=AIM_BYTES, show_default=True, help="about how large an image is to be")
def main(core: int | None, aim_bytes: int) -> None:
    """Serve drawn JPEGs on a free port of 127.0.0.1."""
    if core is not None:
        os.sched_setaffinity(0, {core})
    asyncio.run(serve(aim_bytes))


if __name__ == "__main__":
    main()
