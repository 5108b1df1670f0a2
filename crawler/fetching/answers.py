"""What an answer to a request for an image means, from its status and headers alone."""

from urllib.parse import urljoin, urlsplit

from multidict import MultiMapping

from crawler.fetching.faults import Gone, Passing, Unfit
from crawler.politeness.retry_after import retry_after_s
from crawler.politeness.robots_tag import opts_out

MAX_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410, 451})
_REFUSED = frozenset({429, 503})
_PASSING = frozenset({408, 425})  # timeout, too early; and all of 5xx


def redirect_target(status: int, headers: MultiMapping[str], url: str) -> str | None:
    """Return where the answer sends us, None where it does not; raise Unfit where we may not go there.

    Only to the web, and never from https to http: the bytes of a photo must not depend on who sits in between.
    """
    if status not in _REDIRECTS:
        return None
    location = headers.get("Location")
    if not location:
        raise Unfit(f"HTTP {status} without an address")
    try:
        target = urljoin(url, location)
        scheme, host = urlsplit(target).scheme, urlsplit(target).hostname
    except ValueError:
        raise Unfit(f"redirected to what is no address: {location[:200]}") from None
    if scheme not in ("http", "https") or not host:
        raise Unfit(f"redirected out of the web: {location[:200]}")
    if scheme == "http" and url.lower().startswith("https:"):
        raise Unfit(f"redirected from https to http: {target[:200]}")
    return target


def check_answer(status: int, headers: MultiMapping[str], *, max_bytes: int) -> None:
    """Return if the body of this answer is worth reading; raise Gone, Unfit or Passing otherwise."""
    if status != 200:
        _raise_for(status, headers)
    tags = headers.getall("X-Robots-Tag", ())
    if tags and opts_out(tags):
        raise Gone(f"its owner opted out (X-Robots-Tag: {', '.join(tags)[:80]})")
    encoding = headers.get("Content-Encoding")
    if encoding and encoding.lower() != "identity":  # we ask for the plain bytes
        raise Unfit(f"the answer is packed ({encoding[:40]}), which we did not ask for")
    length = headers.get("Content-Length")
    if length is not None and int(length) > max_bytes:  # the HTTP parser lets digits through only
        raise Unfit(too_large(max_bytes))


def too_large(max_bytes: int) -> str:
    """Return the reason for images above the limit."""
    return f"larger than max_image_megabytes ({max_bytes / (1 << 20):g} MB)"


def _raise_for(status: int, headers: MultiMapping[str]) -> None:
    reason = f"HTTP {status}"
    if status in _GONE:
        raise Gone(reason)
    if status in _REFUSED:
        raise Passing(reason, retry_after_s=retry_after_s(headers.get("Retry-After")), is_refusal=True)
    if status in _PASSING or status >= 500:
        raise Passing(reason, retry_after_s=retry_after_s(headers.get("Retry-After")))
    raise Unfit(reason)
