"""The facts of one licence, and what each family of licences permits."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Family = Literal[
    "all-rights-reserved",
    "cc-by",
    "cc-by-sa",
    "cc-by-nd",
    "cc-by-nc",
    "cc-by-nc-sa",
    "cc-by-nc-nd",
    "cc-sa",
    "cc0",
    "pdm",
    "pd",
    "us-government",
    "no-known-restrictions",
    "gfdl",
    "fal",
    "attribution",
    "copyrighted-free-use",
]


@dataclass(frozen=True)
class Terms:
    """What a family of licences permits and asks for."""

    allows_commercial: bool = True
    allows_derivatives: bool = True
    is_public_domain: bool = False
    needs_attribution: bool = True
    is_share_alike: bool = False
    is_open: bool = True


@dataclass(frozen=True)
class LicenceFacts:
    """One licence of a site; `licence_id` is as the catalog stores it, `jurisdiction` a ported licence's country."""

    site: str
    licence_id: str
    name: str
    url: str | None
    family: Family
    version: str | None = None
    jurisdiction: str | None = None

    @property
    def terms(self) -> Terms:
        """What it permits and asks for."""
        return TERMS[self.family]


_PUBLIC_DOMAIN = Terms(is_public_domain=True, needs_attribution=False)

TERMS: Mapping[Family, Terms] = MappingProxyType(
    {
        "all-rights-reserved": Terms(allows_commercial=False, allows_derivatives=False, is_open=False),
        "cc-by": Terms(),
        "cc-by-sa": Terms(is_share_alike=True),
        "cc-by-nd": Terms(allows_derivatives=False),
        "cc-by-nc": Terms(allows_commercial=False),
        "cc-by-nc-sa": Terms(allows_commercial=False, is_share_alike=True),
        "cc-by-nc-nd": Terms(allows_commercial=False, allows_derivatives=False),
        "cc-sa": Terms(is_share_alike=True, needs_attribution=False),
        "cc0": _PUBLIC_DOMAIN,
        "pdm": _PUBLIC_DOMAIN,
        "pd": _PUBLIC_DOMAIN,
        "us-government": _PUBLIC_DOMAIN,
        # What an institution of Flickr Commons says when it knows of no copyright: as near as it can come.
        "no-known-restrictions": _PUBLIC_DOMAIN,
        "gfdl": Terms(is_share_alike=True),
        "fal": Terms(is_share_alike=True),
        "attribution": Terms(),
        "copyrighted-free-use": Terms(needs_attribution=False),
    }
)


def creative_commons_url(family: Family, version: str, jurisdiction: str | None = None) -> str:
    """Return the address of a Creative Commons deed."""
    if family in ("cc0", "pdm"):
        return f"https://creativecommons.org/publicdomain/{'zero' if family == 'cc0' else 'mark'}/{version}/"
    port = f"{jurisdiction}/" if jurisdiction else ""
    return f"https://creativecommons.org/licenses/{family.removeprefix('cc-')}/{version}/{port}"


def creative_commons_name(family: Family, version: str, jurisdiction: str | None = None) -> str:
    """Return its usual short name: CC BY-SA 3.0 DE."""
    words = family.removeprefix("cc-").upper()
    return f"CC {words} {version}{f' {jurisdiction.upper()}' if jurisdiction else ''}"
