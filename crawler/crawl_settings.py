"""What a user can set of a crawl: table [crawl] of agegap.toml, AGEGAP_CRAWL_*, or `-a name=value`."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field

import agegap
from agegap.errors import SettingsError, WrongUse
from agegap.settings import load_settings

SECTION = "crawl"

CONTACT_REMEDY = "give -a contact=mailto:you@example.org (or a URL), or set AGEGAP_CRAWL_CONTACT"

_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@dataclass(frozen=True)
class CrawlSettings:
    """Settings of a crawl; each default has its reason."""

    licences: str = "all-open"
    """What may be stored: all-open, commercial, derivatives, public-domain, or ids of the site, with commas."""

    sizes: str = "c,l,o,z,m,w,n,s"
    """Image sizes, best first. 800 pixels hold a face well at 100 to 130 KB; without c and l the original is small."""

    per_page: Annotated[int, Field(ge=1, le=500)] = 500
    """Results an answer; Flickr's largest, for the fewest calls."""

    fallbacks: bool = True
    """Whether a name the site has nothing for is asked in other forms (no initials, plain letters)."""

    images: bool = True
    """False: texts and dates only; the photos wait for a crawl that fetches."""

    refresh: bool = False
    """Ask again what was asked before: new photos come, known ones get the texts and licences of now."""

    retry_failed: bool = False
    """Try every failed photo and window again, however often that was done."""

    api_calls_per_hour: Annotated[int, Field(ge=0, le=1_000_000)] = 3600
    """Calls in any rolling hour, over all workers and restarts: as Flickr allows a key. 0: no limit (loopback)."""

    api_delay_s: _Seconds = 1.0
    """Seconds between two API calls, so that the hour's calls are not made in its first minutes. 0 on loopback."""

    api_concurrency: Annotated[int, Field(ge=1, le=3)] = 2
    """Calls under way at once: an answer takes about a second. Wikimedia asks for 3 or fewer. 1 on loopback."""

    image_concurrency: Annotated[int, Field(ge=1, le=128)] = 8
    """Images fetched at once."""

    start_images_per_s: _Seconds = 8.0
    """Images a second a host is asked for at first; it rises and falls with what the host bears. 0: no limit."""

    max_images_per_s: _Seconds = 50.0
    """Images a second that no host is asked for more than. 0: no limit, as on loopback."""

    retries: Annotated[int, Field(ge=0, le=20)] = 4
    """Further tries of a call or an image within one run."""

    retry_delay_s: _Seconds = 1.0
    """Seconds before the first further try, doubled each time; 0.1 on loopback."""

    max_attempts: Annotated[int, Field(ge=1)] = 3
    """Runs in which a failed photo or window is tried again."""

    timeout_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 60.0
    """Seconds a request may take."""

    max_image_megabytes: Annotated[int, Field(ge=1, le=1024)] = 64
    """Largest image file; what is larger is a failed photo, not a full memory."""

    contact: str = ""
    """A URL or mail address for the site's operators, sent as part of the User-Agent. Live sites need one."""

    @property
    def user_agent(self) -> str:
        """How the crawl introduces itself."""
        contact = f" ({self.contact})" if self.contact else ""
        return f"agegap/{agegap.__version__}{contact}"


_ON_LOOPBACK: Mapping[str, Any] = {
    "api_calls_per_hour": 0,
    "api_delay_s": 0.0,
    "api_concurrency": 1,
    "start_images_per_s": 0.0,
    "max_images_per_s": 0.0,
    "retry_delay_s": 0.1,
}
"""No politeness is due to one's own machine."""


def load_crawl_settings(flags: Mapping[str, Any], *, is_loopback: bool) -> CrawlSettings:
    """Return the settings of a crawl; raise SettingsError with every fault."""
    settings = load_settings(SECTION, CrawlSettings, flags=flags, base=_ON_LOOPBACK if is_loopback else None)
    faults = []
    if not settings.contact.isprintable():
        faults.append("[crawl] contact: must be one line of text")
    if settings.max_images_per_s and settings.start_images_per_s > settings.max_images_per_s:
        faults.append("[crawl] start_images_per_s: must not be above max_images_per_s")
    if faults:
        raise SettingsError(faults)
    return settings


def check_contact(contact: str, api: str) -> None:
    """Raise WrongUse when a live site is to be asked without telling its operators whom to write to."""
    if is_loopback(api) or "@" in contact or "://" in contact:
        return
    host = urlsplit(api).hostname
    what = f"contact '{contact}' is no mail address or URL" if contact else "no contact is set"
    raise WrongUse(f"{what}: the operators of {host} must be able to reach you; {CONTACT_REMEDY}")


def check_api_url(url: str, *, example: str) -> str:
    """Return `url` when it can be the address of an API; raise WrongUse otherwise."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise WrongUse(f"api: '{url}' is not a web address; give one such as {example}")
    return url


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
