"""What the server can do: every image asked for and thrown away, in the kernel's own buffers as far as that goes."""

import selectors
import socket
import sys
from urllib.parse import urlsplit

AT_ONCE = 16


def main(host: str, count: int) -> None:
    """Ask for every image and count bytes; the first answer says how many a whole one has."""
    place = urlsplit(host)
    address = (place.hostname, place.port)
    numbers = iter(range(count))
    buffer = bytearray(1 << 20)
    length = _answer_bytes(address, host)
    waiting = selectors.DefaultSelector()
    left: dict[socket.socket, int] = {}

    def ask(connection: socket.socket) -> None:
        number = next(numbers, None)
        if number is None:
            waiting.unregister(connection)
            del left[connection]
            return
        left[connection] = length
        connection.sendall(b"GET /%d.jpg HTTP/1.1\r\nHost: bench\r\n\r\n" % number)

    for _ in range(AT_ONCE):
        connection = socket.create_connection(address)
        waiting.register(connection, selectors.EVENT_READ)
        ask(connection)
    while left:
        for key, _ in waiting.select():
            connection = key.fileobj  # type: ignore[assignment]
            left[connection] -= connection.recv_into(buffer)
            if left[connection] <= 0:
                ask(connection)


def _answer_bytes(address: tuple[str | None, int | None], host: str) -> int:
    with socket.create_connection(address) as connection:
        connection.sendall(f"GET /0.jpg HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return sum(len(part) for part in iter(lambda: connection.recv(1 << 20), b""))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
