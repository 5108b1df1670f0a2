"""Connections to the hosts of images, used again and again: one for each fetch under way, and some at rest."""

import asyncio
import ssl

from crawler.fetching.address import Address
from crawler.fetching.connection import Connection
from crawler.fetching.exchange import Answer, NoAnswer

MOST_AT_REST = 64
"""Connections kept open without a request, of all hosts together: more than any `image_concurrency` that is used."""

REST_S = 15.0
"""Hosts close connections at rest after 5 to 75 seconds; one that is closed while we ask costs another round."""

_EYEBALLS_S = 0.25  # RFC 8305: how long the first address of a host is tried alone


class ConnectFailed(ConnectionError):
    """There is no connection to be had to a host."""


class ImageClient:
    """Asks hosts for images; use it from one event loop, and close it there. It sends no cookies and keeps none."""

    def __init__(self, *, user_agent: str, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        # "identity": images do not pack, and the bytes are kept as they come.
        self._headers = f"User-Agent: {user_agent}\r\nAccept: image/*,*/*;q=0.5\r\nAccept-Encoding: identity\r\n\r\n"
        self._resting: list[tuple[tuple[str, str, int], Connection]] = []
        self._tls: ssl.SSLContext | None = None

    async def ask(self, address: Address) -> tuple[Connection, Answer]:
        """Return the answer of a host, and the connection that it came on, to be given back with `put_back`.

        Raises ConnectFailed, NoAnswer, BrokenOff or TooSlow.
        """
        request = f"GET {address.target} HTTP/1.1\r\nHost: {address.origin}\r\n{self._headers}".encode()
        while True:
            resting = self._take(address)
            connection = resting or await self._connect(address)
            try:
                return connection, await connection.ask(request)
            except NoAnswer:
                connection.abort()
                if resting is None:  # else the host may have closed it just now, which says nothing
                    raise

    def put_back(self, address: Address, connection: Connection) -> None:
        """Keep the connection for another request, if it can bear one."""
        if not connection.is_free:
            connection.abort()
            return
        connection.idle_since = asyncio.get_running_loop().time()
        self._resting.append((address[:3], connection))
        if len(self._resting) > MOST_AT_REST:
            self._resting.pop(0)[1].abort()

    def close(self) -> None:
        """End the connections."""
        while self._resting:
            self._resting.pop()[1].abort()

    def _take(self, address: Address) -> Connection | None:
        wanted, resting = address[:3], self._resting
        oldest = asyncio.get_running_loop().time() - REST_S
        while resting and resting[0][1].idle_since < oldest:
            resting.pop(0)[1].abort()
        for at in range(len(resting) - 1, -1, -1):
            if resting[at][0] == wanted:
                connection = resting.pop(at)[1]
                if connection.is_free:
                    return connection
        return None

    async def _connect(self, address: Address) -> Connection:
        loop = asyncio.get_running_loop()
        connection = Connection(loop, timeout_s=self._timeout_s)
        tls = self._tls_context() if address.scheme == "https" else None
        try:
            async with asyncio.timeout(self._timeout_s):
                await loop.create_connection(
                    lambda: connection, address.host, address.port, ssl=tls, happy_eyeballs_delay=_EYEBALLS_S
                )
        except TimeoutError:
            raise ConnectFailed(f"{address.origin} did not take the connection within {self._timeout_s:g} s") from None
        except (OSError, ValueError) as fault:  # ValueError: a name that is none to the resolver
            raise ConnectFailed(f"{address.origin} cannot be reached: {fault}") from None
        return connection

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls
