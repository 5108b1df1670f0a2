"""Reading the `License` codes of Wikimedia Commons: cc-by-sa-4.0, cc-by-3.0-de, pd, cc0, ...

The codes are those of the extension that makes them, https://www.mediawiki.org/wiki/Extension:CommonsMetadata.
There is no closed list of them, so a code is read, not looked up; one that cannot be read is no licence we know.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from crawler.law.terms import Family, LicenceFacts, creative_commons_name, creative_commons_url

SITE = "commons"

_CREATIVE_COMMONS = re.compile(
    r"(?P<family>cc-(?:by(?:-nc)?(?:-sa|-nd)?|sa))-(?P<version>[1-4]\.[05])(?P<older>(?:[-,][1-4]\.[05])*|\+)"
    r"(?:-(?P<port>[a-z]{2,8}))?"
)
_NOT_A_COUNTRY = frozenset({"migrated", "heirs", "stma", "self"})
"""Suffixes that say how the licence came to the file, not where it was written."""

_PUBLIC_DOMAIN = re.compile(r"pd(?:[- ].{1,60})?|public domain")

_UNNUMBERED: Mapping[str, tuple[Family, str, str | None, str | None]] = MappingProxyType(
    {
        "cc0": ("cc0", "CC0 1.0", creative_commons_url("cc0", "1.0"), "1.0"),
        "cc-zero": ("cc0", "CC0 1.0", creative_commons_url("cc0", "1.0"), "1.0"),
        "cc-pd-mark": ("pdm", "Public Domain Mark 1.0", creative_commons_url("pdm", "1.0"), "1.0"),
        "pdm": ("pdm", "Public Domain Mark 1.0", creative_commons_url("pdm", "1.0"), "1.0"),
        "no restrictions": (
            "no-known-restrictions",
            "No known copyright restrictions",
            "https://www.flickr.com/commons/usage/",
            None,
        ),
        "gfdl": ("gfdl", "GNU Free Documentation License", "https://www.gnu.org/copyleft/fdl.html", None),
        "fal": ("fal", "Free Art License", "https://artlibre.org/licence/lal/en/", None),
        "attribution": ("attribution", "Attribution only", None, None),
        "copyrighted free use": ("copyrighted-free-use", "Copyrighted free use", None, None),
    }
)


def facts_of(code: str, *, is_non_free: bool = False) -> LicenceFacts | None:
    """Return the facts of a `License` code; None where it is not known or the file is marked NonFree."""
    folded = " ".join(code.strip().lower().split())
    if is_non_free or not folded:
        return None
    if folded in _UNNUMBERED:
        family, name, url, version = _UNNUMBERED[folded]
        return LicenceFacts(SITE, code, name, url, family, version)
    if _PUBLIC_DOMAIN.fullmatch(folded):
        return LicenceFacts(SITE, code, "Public domain", None, "pd")
    match = _CREATIVE_COMMONS.fullmatch(folded)
    if match is None:
        return None
    numbered: Family = match["family"]  # type: ignore[assignment]  # the pattern spells families only
    port = match["port"] if match["port"] not in _NOT_A_COUNTRY else None
    version = match["version"]
    return LicenceFacts(
        SITE,
        code,
        creative_commons_name(numbered, version, port),
        creative_commons_url(numbered, version, port),
        numbered,
        version,
        port,
    )
