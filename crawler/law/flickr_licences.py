"""Flickr's licence ids 0 to 16, as flickr.photos.licenses.getInfo listed them in June 2025 (recorded)."""

from collections.abc import Mapping
from types import MappingProxyType

from crawler.law.terms import Family, LicenceFacts, creative_commons_name, creative_commons_url

SITE = "flickr"
ALL_RIGHTS_RESERVED = "0"

_CREATIVE_COMMONS: tuple[tuple[str, Family, str], ...] = (
    ("1", "cc-by-nc-sa", "2.0"),
    ("2", "cc-by-nc", "2.0"),
    ("3", "cc-by-nc-nd", "2.0"),
    ("4", "cc-by", "2.0"),
    ("5", "cc-by-sa", "2.0"),
    ("6", "cc-by-nd", "2.0"),
    ("11", "cc-by", "4.0"),
    ("12", "cc-by-sa", "4.0"),
    ("13", "cc-by-nd", "4.0"),
    ("14", "cc-by-nc", "4.0"),
    ("15", "cc-by-nc-sa", "4.0"),
    ("16", "cc-by-nc-nd", "4.0"),
)

_OTHERS = (
    LicenceFacts(
        SITE,
        ALL_RIGHTS_RESERVED,
        "All Rights Reserved",
        "https://www.flickrhelp.com/hc/en-us/articles/10710266545556-Using-Flickr-images-shared-by-other-members",
        "all-rights-reserved",
    ),
    LicenceFacts(
        SITE, "7", "No known copyright restrictions", "https://www.flickr.com/commons/usage/", "no-known-restrictions"
    ),
    LicenceFacts(
        SITE, "8", "United States Government Work", "https://www.usa.gov/government-copyright", "us-government"
    ),
    LicenceFacts(SITE, "9", "CC0 1.0", creative_commons_url("cc0", "1.0"), "cc0", "1.0"),
    LicenceFacts(SITE, "10", "Public Domain Mark 1.0", creative_commons_url("pdm", "1.0"), "pdm", "1.0"),
)


def _table() -> dict[str, LicenceFacts]:
    rows = [
        LicenceFacts(
            SITE,
            licence_id,
            creative_commons_name(family, version),
            creative_commons_url(family, version),
            family,
            version,
        )
        for licence_id, family, version in _CREATIVE_COMMONS
    ]
    return {row.licence_id: row for row in sorted([*rows, *_OTHERS], key=lambda row: int(row.licence_id))}


FLICKR_LICENCES: Mapping[str, LicenceFacts] = MappingProxyType(_table())
"""Every id that is known; one that is not here is refused, whatever the site says it means."""


def facts_of(licence_id: str) -> LicenceFacts | None:
    """Return the facts of an id; None for one that is not known."""
    return FLICKR_LICENCES.get(licence_id)
