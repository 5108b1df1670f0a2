"""One connection to a host of images: a request, its answer, and the connection again.

Bytes go from the socket straight into a buffer that the connection keeps, and bodies that say their length are left
there for whoever asked. With aiohttp a photo of 128 KB was copied twice more, each time into fresh memory from the
kernel, which cost as much as its hash (docs/experiments.md).
"""

import asyncio
from collections.abc import Callable
from typing import cast

import httptools

from crawler.fetching.exchange import Answer, BrokenOff, NoAnswer, TooSlow
from crawler.fetching.head import LONGEST_HEAD, AnswerReader

SMALL_BYTES = 1_000_000
"""Bodies that say they have at most these bytes are read into memory whole; almost all photos are smaller."""

_BUFFER_BYTES = 256 * 1024  # most photos fit, and a head of the longest kind; grows up to SMALL_BYTES


class Connection(asyncio.BufferedProtocol):
    """A connection that one task at a time asks; a fault, or a task that is cancelled, ends it.

    `deadline` is the moment of the loop's clock when a request is given up: `timeout_s` after it was sent, and again
    after the head of its answer; it may be moved at any time.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, timeout_s: float) -> None:
        self.deadline = 0.0
        self.idle_since = 0.0
        self._loop = loop
        self._timeout_s = timeout_s
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray(_BUFFER_BYTES)
        self._view = memoryview(self._buffer)
        self._end = 0  # of what was received
        self._body_at = 0
        self._body_end: int | None = None  # where a body ends that is read into the buffer
        self._left: int | None = None  # bytes still to come of one that is streamed
        self._reader: AnswerReader | None = None
        self._write: Callable[[memoryview], None] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_open = False
        self._may_stay = False

    @property
    def is_free(self) -> bool:
        """Whether another request can be sent on it."""
        return self._is_open and self._may_stay and self._waiter is None

    async def ask(self, request: bytes) -> Answer:
        """Send a request and return its answer; raise NoAnswer, BrokenOff or TooSlow."""
        self._end, self._body_at, self._body_end, self._left = 0, 0, None, None
        self._reader, self._may_stay = None, False
        self.deadline = self._loop.time() + self._timeout_s
        transport = self._transport
        if transport is None or not self._is_open:
            raise NoAnswer("the connection has ended")
        transport.write(request)
        await self._wait()
        reader = cast(AnswerReader, self._reader)
        body = None if self._body_end is None else self._view[self._body_at : self._body_end]
        return Answer(reader.status, reader.headers, body)

    async def stream(self, write: Callable[[memoryview], None]) -> None:
        """Hand the body of the last answer to `write`, part by part; raise what `write` raises, and as `ask`.

        The connection waits while `write` works.
        """
        transport = cast(asyncio.Transport, self._transport)
        self._write = write
        try:
            self._pass_on(self._view[self._body_at : self._end])
            if not self._is_streamed():
                if not self._is_open:
                    self._check_end()
                    return
                transport.resume_reading()
                await self._wait()
        except BaseException:
            self.abort()
            raise
        finally:
            self._write = None
        self._finish()

    def abort(self) -> None:
        """End the connection at once."""
        self._is_open = False
        self._disarm()
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls:

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._is_open = True

    def get_buffer(self, _sizehint: int) -> memoryview:
        return self._view[self._end :]

    def buffer_updated(self, nbytes: int) -> None:
        if self._waiter is None or self._waiter.done():
            self.abort()  # nobody asked for these bytes
            return
        try:
            if self._write is not None:
                self._pass_on(self._view[:nbytes])
                if self._is_streamed():
                    self._wake()
                return
            self._end += nbytes
            if self._reader is None:
                self._look_for_head(self._end - nbytes)
            elif self._body_end is not None and self._end >= self._body_end:
                self._finish()
                self._wake()
        except Exception as fault:  # noqa: BLE001  of `write`, too: it belongs to whoever waits
            self._wake(fault)

    def eof_received(self) -> bool:
        return False  # the transport closes

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_open = False
        self._disarm()
        if self._waiter is not None:
            try:
                self._check_end(exc)
            except ConnectionError as fault:
                self._wake(fault)
            else:
                self._wake()

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        if self._timer is None or self._timer.when() > self.deadline:
            self._disarm()
            self._timer = self._loop.call_at(self.deadline, self._look_at_clock)
        try:
            await self._waiter
        except BaseException:
            self.abort()
            raise
        finally:
            self._waiter = None

    def _wake(self, fault: BaseException | None = None) -> None:
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        if fault is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(fault)

    def _look_for_head(self, since: int) -> None:
        while True:
            at = self._buffer.find(b"\r\n\r\n", max(self._body_at, since - 3), self._end)
            if at < 0:
                if self._end - self._body_at > LONGEST_HEAD:
                    self._wake(NoAnswer("the answer has no end of its head"))
                return
            reader = AnswerReader()
            try:
                reader.feed(self._view[self._body_at : at + 4])
            except (httptools.HttpParserError, httptools.HttpParserUpgrade) as fault:
                raise NoAnswer(f"not HTTP as we asked for it: {fault}") from None
            self._body_at = since = at + 4
            if reader.status >= 200:  # what went before was only about the answer to come (RFC 9110 15.2)
                self._begin_body(reader)
                return

    def _begin_body(self, reader: AnswerReader) -> None:
        self._reader = reader
        self.deadline = self._loop.time() + self._timeout_s
        length = reader.length
        if length is not None and length <= SMALL_BYTES:
            self._body_end = self._body_at + length
            if self._body_end > len(self._buffer):
                self._grow(self._body_end)
            if self._end >= self._body_end:
                self._finish()
                self._wake()
            return
        self._left = length
        cast(asyncio.Transport, self._transport).pause_reading()
        self._wake()

    def _grow(self, size: int) -> None:
        larger = bytearray(size)
        larger[: self._end] = self._view[: self._end]
        self._buffer, self._view = larger, memoryview(larger)

    def _pass_on(self, received: memoryview) -> None:
        """Hand a part of a body that is streamed on."""
        self._end = 0
        if not len(received):
            return
        write = cast(Callable[[memoryview], None], self._write)
        if self._left is None:
            try:
                pieces = cast(AnswerReader, self._reader).feed(received)
            except httptools.HttpParserError as fault:
                raise BrokenOff(f"not HTTP: {fault}") from None
            for piece in pieces:
                write(memoryview(piece))
            return
        part = received[: self._left]
        self._left -= len(part)
        self._end = len(received) - len(part)
        write(part)

    def _is_streamed(self) -> bool:
        return cast(AnswerReader, self._reader).is_whole if self._left is None else not self._left

    def _check_end(self, fault: Exception | None = None) -> None:
        """Return if the answer may end with the connection; raise BrokenOff or NoAnswer."""
        if self._reader is None:
            raise NoAnswer(f"the connection ended without an answer{f' ({fault})' if fault else ''}")
        if self._left is None and self._body_end is None and self._reader.ends_with_connection and fault is None:
            return
        raise BrokenOff("the connection ended within the answer")

    def _finish(self) -> None:
        """Leave the connection as it can be asked again, if it can."""
        reader = cast(AnswerReader, self._reader)
        reader.close()
        # What is more than was said would be read as the next answer; where no length was said, nobody can tell.
        is_exact = self._end == (self._body_end or 0)
        self._may_stay = self._is_open and reader.keeps_alive and reader.length is not None and is_exact

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_at_clock(self) -> None:
        # One timer for all requests of the connection: it looks whether the deadline was moved meanwhile.
        self._timer = None
        if self._waiter is None:
            return  # nobody waits: the next one sets the timer again
        if self._loop.time() < self.deadline:
            self._timer = self._loop.call_at(self.deadline, self._look_at_clock)
        else:
            self._wake(TooSlow(has_answered=self._reader is not None))
