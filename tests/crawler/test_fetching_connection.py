"""The client of images against hosts that write to the socket what they like, byte for byte."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.fetching.address import Address, read_address
from crawler.fetching.client import ConnectFailed, ImageClient
from crawler.fetching.connection import SMALL_BYTES
from crawler.fetching.exchange import BrokenOff, NoAnswer, TooSlow
from crawler.fetching.head import LONGEST_HEAD

Writer = asyncio.StreamWriter
Speak = Callable[[Writer], Awaitable[None]]


@dataclass
class Host:
    """Answers the requests of all connections one after another with `speaks`, the last one for ever."""

    speaks: list[Speak]
    connections: int = 0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        self.connections += 1
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                speak = self.speaks.pop(0) if len(self.speaks) > 1 else self.speaks[0]
                await speak(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def hosting(*speaks: Speak, tls: ssl.SSLContext | None = None) -> AsyncIterator[Host]:
    host = Host(list(speaks))
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0, ssl=tls)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()


def says(*parts: bytes, ends: bool = False) -> Speak:
    """Write these bytes, each part for itself; `ends`: then close."""

    async def speak(writer: Writer) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            if len(parts) > 1:
                await asyncio.sleep(0.001)  # so that they come apart
        if ends:
            writer.close()

    return speak


def whole(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def read_all(client: ImageClient, address: Address) -> bytes:
    """Return the body of the answer, and give the connection back."""
    connection, answer = await client.ask(address)
    try:
        if answer.body is not None:
            return bytes(answer.body)
        parts: list[bytes] = []
        await connection.stream(lambda part: parts.append(bytes(part)))
        return b"".join(parts)
    finally:
        client.put_back(address, connection)


def bodies(*speaks: Speak, times: int, timeout_s: float = 10.0) -> tuple[list[bytes], int]:
    """Return the bodies of so many answers, and how many connections were made for them."""

    async def main() -> tuple[list[bytes], int]:
        async with hosting(*speaks) as host:
            client = ImageClient(user_agent="agegap", timeout_s=timeout_s)
            address = read_address(f"http://127.0.0.1:{host.port}/1.jpg")
            try:
                return [await read_all(client, address) for _ in range(times)], host.connections
            finally:
                client.close()

    return asyncio.run(main())


def chunked(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def test_one_connection_serves_one_request_after_another() -> None:
    parts = [whole(b"a"), whole(b""), whole(b"long" * 300_000), whole(b"b")]
    assert bodies(*map(says, parts), times=4) == ([b"a", b"", b"long" * 300_000, b"b"], 1)


SIZES = [0, 1, 5_000, 256 * 1024 - 60, 256 * 1024, 300_000, SMALL_BYTES, SMALL_BYTES + 1, 1_500_000]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cuts", [(), (1,), (20, 60), (63, 64, 65, 100_000)])
def test_a_body_is_what_was_sent_however_it_comes(size: int, cuts: tuple[int, ...]) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    sent = whole(body[:size])
    ends = [0, *(cut for cut in cuts if cut < len(sent)), len(sent)]
    speak = says(*(sent[start:end] for start, end in pairwise(ends)))
    assert bodies(speak, times=2) == ([body[:size]] * 2, 1)


def test_a_head_that_comes_byte_by_byte_is_read() -> None:
    assert bodies(says(*(bytes([byte]) for byte in whole(b"abc"))), times=1) == ([b"abc"], 1)


@pytest.mark.parametrize("first", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n" * 3])
def test_what_goes_before_an_answer_is_passed_over(first: bytes) -> None:
    assert bodies(says(first + whole(b"abc")), times=2) == ([b"abc"] * 2, 1)
    assert bodies(says(first, whole(b"abc")), times=2) == ([b"abc"] * 2, 1)


@pytest.mark.parametrize(
    "sent",
    [
        whole(b"abc", "Connection: close"),
        whole(b"abc").replace(b"HTTP/1.1", b"HTTP/1.0"),
        whole(b"abc", "Upgrade: h2", "Connection: Upgrade, close"),  # Apache offers it; nobody asked
        whole(b"abc") + b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",  # nobody asked for this one
        chunked(b"abc"),
    ],
)
def test_a_connection_that_may_not_or_cannot_be_trusted_is_not_used_again(sent: bytes) -> None:
    assert bodies(says(sent), times=3) == ([b"abc"] * 3, 3)


def test_bytes_beyond_a_long_body_are_no_part_of_it_nor_of_the_next() -> None:
    body = b"x" * (SMALL_BYTES + 10)
    assert bodies(says(whole(body) + b"HTTP/1.1 404 No\r\n\r\n"), times=2) == ([body] * 2, 2)


def test_a_connection_that_the_host_closed_at_rest_is_replaced() -> None:
    async def main() -> None:
        async with hosting(says(whole(b"a")), says(ends=True), says(whole(b"b"))) as host:
            client = ImageClient(user_agent="agegap", timeout_s=10)
            address = read_address(f"http://127.0.0.1:{host.port}/1.jpg")
            # The second request is what the host closes on: as if it had closed just before.
            assert [await read_all(client, address) for _ in range(2)] == [b"a", b"b"]
            assert host.connections == 2
            client.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        (b"", NoAnswer),
        (b"HTTP/1.1 200 OK\r\nContent-", NoAnswer),
        (b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", NoAnswer),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", NoAnswer),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", NoAnswer),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabcd", NoAnswer),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * LONGEST_HEAD, NoAnswer),
        (whole(b"abc")[:-1], BrokenOff),
        (whole(b"x" * 2 * SMALL_BYTES)[:-1], BrokenOff),
        (chunked(b"abc")[:-3], BrokenOff),
        (chunked(b"abc").replace(b"\r\n3\r\n", b"\r\nmany\r\n"), BrokenOff),
    ],
)
def test_what_is_no_whole_answer_is_a_fault_of_its_kind(sent: bytes, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        bodies(says(sent, ends=True), times=1)


@pytest.mark.parametrize(("sent", "has_answered"), [(b"", False), (b"HTTP/1.1 200", False), (whole(b"abc")[:-1], True)])
def test_a_host_that_goes_silent_is_given_up_in_time(sent: bytes, has_answered: bool) -> None:
    with pytest.raises(TooSlow) as caught:
        bodies(says(sent), times=1, timeout_s=0.05)
    assert caught.value.has_answered == has_answered


def test_what_a_writer_raises_comes_out_and_ends_the_connection() -> None:
    async def main() -> None:
        async with hosting(says(whole(b"x" * 3 * SMALL_BYTES))) as host:
            client = ImageClient(user_agent="agegap", timeout_s=10)
            connection, _ = await client.ask(read_address(f"http://127.0.0.1:{host.port}/1.jpg"))
            taken = 0

            def write(part: memoryview) -> None:
                nonlocal taken
                taken += len(part)
                if taken > SMALL_BYTES:
                    raise OSError(28, "No space left on device")

            with pytest.raises(OSError, match="No space left"):
                await connection.stream(write)
            assert not connection.is_free
            client.close()

    asyncio.run(main())


def test_tls_is_spoken_with_hosts_that_can_be_trusted_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = tmp_path / "host.pem"
    pem.write_bytes(_certificate())
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pem)
    long = b"x" * (SMALL_BYTES + 70_000)

    async def main() -> list[bytes]:
        async with hosting(says(whole(b"abc")), says(whole(long)), says(whole(b"end")), tls=tls) as host:
            client = ImageClient(user_agent="agegap", timeout_s=10)
            address = read_address(f"https://127.0.0.1:{host.port}/1.jpg")
            try:
                found = [await read_all(client, address) for _ in range(3)]
            finally:
                client.close()
            assert host.connections == 1
            return found

    with pytest.raises(ConnectFailed, match="certificate"):
        asyncio.run(main())
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    assert asyncio.run(main()) == [b"abc", long, b"end"]


def _certificate() -> bytes:
    """Return a key and a certificate of 127.0.0.1, signed by itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://h/1.jpg", Address("http", "h", 80, "/1.jpg", "h")),
        ("https://live.example/65/1_c.jpg", Address("https", "live.example", 443, "/65/1_c.jpg", "live.example")),
        ("http://127.0.0.1:8080/1.jpg", Address("http", "127.0.0.1", 8080, "/1.jpg", "127.0.0.1:8080")),
        ("HTTPS://Host.Example:443", Address("https", "host.example", 443, "/", "host.example")),
        ("http://h?x=1", Address("http", "h", 80, "/?x=1", "h")),
        ("http://h/a b/\u00e9?q=%20&r=100%#part", Address("http", "h", 80, "/a%20b/%C3%A9?q=%20&r=100%25", "h")),
        ("http://h/a\r\nHost: other/1.jpg", Address("http", "h", 80, "/aHost:%20other/1.jpg", "h")),
        ("http://[::1]:81/1.jpg", Address("http", "::1", 81, "/1.jpg", "[::1]:81")),
        ("http://m\u00fcnchen.de/1.jpg", Address("http", "xn--mnchen-3ya.de", 80, "/1.jpg", "xn--mnchen-3ya.de")),
    ],
)  # fmt: skip
def test_an_address_is_read_and_can_be_asked_for(url: str, address: Address) -> None:
    assert read_address(url) == address


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "http://", "http:///1.jpg", "http://h:port/1.jpg", "http://h:99999/1.jpg", "ftp://h/1.jpg",
     "file:///etc/passwd", "http://me:secret@h/1.jpg", "http://[::1/1.jpg", "http://a b/1.jpg", "http://\u00fc..x/"],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_address(url)
