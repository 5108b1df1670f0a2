"""The head of an answer, read by llhttp (the parser of Node.js, through httptools)."""

import httptools
from multidict import CIMultiDict

LONGEST_HEAD = 64 * 1024
"""Bytes of a head; more is no answer that anybody means."""


class AnswerReader:
    """Reads one answer: `feed` it the head, and where `length` is None the body.

    `length` is the bytes of a body that says so itself (0 for none): those need not be fed. `is_whole` when all was
    fed; `ends_with_connection` when only the end of the connection can tell. Raises httptools.HttpParserError.
    """

    def __init__(self) -> None:
        self.headers: CIMultiDict[str] = CIMultiDict()
        self.status = 0
        self.length: int | None = None
        self.keeps_alive = False
        self.ends_with_connection = False
        self.is_whole = False
        self._parts: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)  # a circle of two, which `close` opens

    def feed(self, received: bytes | memoryview) -> list[bytes]:
        """Read on; return what there was of the body."""
        self._parser.feed_data(received)
        parts, self._parts = self._parts, []
        return parts

    def close(self) -> None:
        """Let the parser go, so that nothing is left for the garbage collector to find."""
        del self._parser

    # What httptools calls:

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.add(name.decode("latin-1"), value.decode("utf-8", "surrogateescape"))

    def on_headers_complete(self) -> None:
        parser, headers = self._parser, self.headers
        self.status = parser.get_status_code()
        self.keeps_alive = parser.should_keep_alive()
        if self.status in (204, 304) or self.status < 200:
            self.length = 0
        elif "Transfer-Encoding" not in headers:
            length = headers.get("Content-Length")
            self.length = int(length) if length is not None else None  # the parser lets one number through only
            self.ends_with_connection = length is None

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)

    def on_message_complete(self) -> None:
        self.is_whole = True
