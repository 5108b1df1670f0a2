"""What a user can set of a crawl: table [crawl] of agegap.toml, AGEGAP_CRAWL_*, or `-a name=value`."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field

import agegap
from agegap.errors import SettingsError, WrongUse, suggest
from agegap.settings import load_settings
from crawler.sites import flickr

SECTION = "crawl"


@dataclass(frozen=True)
class CrawlSettings:
    """Settings of a crawl; each default has its reason."""

    licences: str = ",".join(licence for licence in flickr.LICENCES if licence != flickr.ALL_RIGHTS_RESERVED)
    """Flickr's licence ids that may be stored. All but 0: all rights reserved means that."""

    sizes: str = "c,l,o,z,m,w,n,s"
    """Image sizes, best first. 800 pixels hold a face well at 100 to 130 KB; without c and l the original is small."""

    per_page: Annotated[int, Field(ge=1, le=flickr.MAX_PER_PAGE)] = flickr.MAX_PER_PAGE
    """Results a page; the site's largest, for the fewest calls."""

    api_delay_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    """Seconds between two API calls: 3,600 an hour is what Flickr allows a key. 0 on loopback."""

    image_concurrency: Annotated[int, Field(ge=1, le=128)] = 8
    """Images fetched at once from the image host."""

    image_delay_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Seconds between two image fetches."""

    retries: Annotated[int, Field(ge=0, le=20)] = 4
    """Further tries of a request within one run."""

    retry_delay_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    """Seconds before the first further try, doubled each time; 0.1 on loopback."""

    max_attempts: Annotated[int, Field(ge=1)] = 3
    """Runs in which a failed photo or name is tried again."""

    timeout_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 60.0
    """Seconds a request may take."""

    max_image_megabytes: Annotated[int, Field(ge=1, le=1024)] = 64
    """Largest image file; what is larger is a failed photo, not a full memory."""

    contact: str = ""
    """A URL or mail address for the site's operators, sent as part of the User-Agent."""

    @property
    def licence_ids(self) -> frozenset[str]:
        """The licence ids as a set."""
        return frozenset(_items(self.licences))

    @property
    def size_letters(self) -> tuple[str, ...]:
        """The image sizes in order."""
        return tuple(_items(self.sizes))

    @property
    def user_agent(self) -> str:
        """How the crawl introduces itself."""
        contact = f" ({self.contact})" if self.contact else ""
        return f"agegap/{agegap.__version__}{contact}"


def load_crawl_settings(flags: Mapping[str, Any], *, is_loopback: bool) -> CrawlSettings:
    """Return the settings of a crawl; raise SettingsError with every fault."""
    base = {"api_delay_s": 0.0, "retry_delay_s": 0.1} if is_loopback else None
    settings = load_settings(SECTION, CrawlSettings, flags=flags, base=base)
    faults = _unknown("licence", settings.licences, flickr.LICENCES) + _unknown("size", settings.sizes, flickr.SIZES)
    if not settings.contact.isprintable():
        faults.append("[crawl] contact: must be one line of text")
    if faults:
        raise SettingsError(faults)
    return settings


def check_api_url(url: str) -> str:
    """Return `url` when it can be the address of an API; raise WrongUse otherwise."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise WrongUse(f"api: '{url}' is not a web address; give one such as {flickr.API_URL}")
    return url


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _unknown(kind: str, text: str, known: Mapping[str, str]) -> list[str]:
    items = _items(text)
    faults = [
        f"[crawl] {kind}s: unknown {kind} '{item}'; {suggest(item, known)}" for item in items if item not in known
    ]
    return faults if items else [f"[crawl] {kind}s: none is given; known: {', '.join(known)}"]
