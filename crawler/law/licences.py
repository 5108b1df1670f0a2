"""What a licence allows, whichever site names it: the facts that presets and the attribution manifest go by.

Not legal advice: the facts are those the licence deeds state (https://creativecommons.org/licenses/).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from crawler.law import commons_licences, flickr_licences
from crawler.law.terms import LicenceFacts

_READERS: Mapping[str, Callable[[str], LicenceFacts | None]] = MappingProxyType(
    {"flickr": flickr_licences.facts_of, "commons": commons_licences.facts_of}
)


def licence_facts(site: str, licence_id: str | None) -> LicenceFacts | None:
    """Return what is known of a licence as the catalog has it; None for an unknown licence, site or no licence."""
    read = _READERS.get(site)
    return read(licence_id) if read is not None and licence_id else None
