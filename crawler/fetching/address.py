"""Where an image is to be asked for: the parts of its URL that a connection and a request need."""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

_PORTS = {"http": 80, "https": 443}
_PLAIN = re.compile(r"(https?://[a-z0-9.-]+(?::[0-9]+)?)(/[\w/.,~+-]*)", re.ASCII)  # as nearly all of them are
_UNSAFE = re.compile(r"[^!-~]")  # what may stand in no request line
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KEPT = "!#$%&'()*+,/:;=?@[]~"  # as yarl and requests leave them: a site signs its URLs as it wrote them


class Address(NamedTuple):
    """A URL taken apart: `target` is path and query as they are asked for, `origin` who is asked (`host:port`)."""

    scheme: str
    host: str
    port: int
    target: str
    origin: str


def read_address(url: str) -> Address:
    """Return the parts of a URL of the web; raise ValueError where it is none."""
    plain = _PLAIN.fullmatch(url)
    if plain is None:
        return _read(url)
    scheme, host, port, _, origin = _read_host(plain[1])
    return Address(scheme, host, port, plain[2], origin)


def _read(url: str) -> Address:
    parts = urlsplit(url)
    scheme, netloc, path, query = parts.scheme, parts.netloc, parts.path, parts.query
    default = _PORTS.get(scheme)
    host = parts.hostname
    if default is None or not host or "@" in netloc:
        raise ValueError("no address of the web")
    port = parts.port
    target = f"{path or '/'}?{query}" if query else path or "/"
    if "%" in target:
        target = _STRAY_PERCENT.sub("%25", target)
    if _UNSAFE.search(target):
        target = quote(target, safe=_KEPT)
    if not host.isascii():
        host = host.encode("idna").decode()  # UnicodeError is a ValueError
    if _UNSAFE.search(host):
        raise ValueError("no name of a host")
    named = f"[{host}]" if ":" in host else host
    origin = named if port in (None, default) else f"{named}:{port}"
    return Address(scheme, host, default if port is None else port, target, origin)


_read_host = lru_cache(maxsize=256)(_read)  # taking a URL apart costs more than asking for it
