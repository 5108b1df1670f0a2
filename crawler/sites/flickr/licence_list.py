"""Reading the list of licences that Flickr gives today (flickr.photos.licenses.getInfo)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.law.flickr_licences import FLICKR_LICENCES
from crawler.sites.flickr.envelope import read_envelope
from crawler.sites.found import SiteFault
from crawler.sites.loose import to_text

METHOD = "flickr.photos.licenses.getInfo"
_COMMONS_HOST = "creativecommons.org"


@dataclass(frozen=True)
class ListedLicence:
    """A licence as the site lists it."""

    licence_id: str
    name: str
    url: str | None


def read_licence_list(body: bytes) -> tuple[ListedLicence, ...] | SiteFault:
    """Return the licences the site knows; entries without an id or a name are passed over."""
    answer = read_envelope(body, METHOD)
    if isinstance(answer, SiteFault):
        return answer
    holder = answer.get("licenses")
    entries = holder.get("license") if isinstance(holder, Mapping) else None
    if not isinstance(entries, list):
        return SiteFault("transient", "the answer holds no licences")
    listed = []
    for entry in entries:
        words = entry if isinstance(entry, Mapping) else {}
        licence_id, name = to_text(words.get("id")), to_text(words.get("name"))
        if licence_id is not None and name is not None:
            listed.append(ListedLicence(licence_id, name, to_text(words.get("url"))))
    if not listed:
        return SiteFault("transient", "the answer holds no licences")
    return tuple(listed)


def trusted_ids(listed: Iterable[ListedLicence]) -> frozenset[str]:
    """Return the ids that mean today what we know them to mean: in our table, in the list, and the same deed."""
    return frozenset(licence.licence_id for licence in listed if _is_as_known(licence))


def _is_as_known(licence: ListedLicence) -> bool:
    known = FLICKR_LICENCES.get(licence.licence_id)
    if known is None:
        return False
    ours, theirs = _deed(known.url), _deed(licence.url)
    # Flickr has given the other licences other pages over the years, and none: only deeds have an address for ever.
    return ours is None or theirs is None or ours == theirs


def _deed(url: str | None) -> str | None:
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    host = (parts.hostname or "").removeprefix("www.")
    return parts.path.rstrip("/") if host == _COMMONS_HOST else None
