"""Which licences a crawl may store: ready choices (all-open, commercial, ...), and lists of a site's own ids.

`commercial+derivatives` is what both allow; a comma adds: `public-domain,4`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from agegap.errors import SettingsError, suggest
from crawler.law.flickr_licences import FLICKR_LICENCES
from crawler.law.licences import licence_facts
from crawler.law.terms import TERMS, Family, Terms

PRESETS: Mapping[str, Callable[[Terms], bool]] = MappingProxyType(
    {
        "all-open": lambda terms: terms.is_open,
        "commercial": lambda terms: terms.is_open and terms.allows_commercial,
        # A face crop is a derivative: NoDerivatives licences do not allow to pass it on.
        "derivatives": lambda terms: terms.is_open and terms.allows_derivatives,
        "public-domain": lambda terms: terms.is_public_domain,
    }
)
"""No preset takes "all rights reserved": that must be asked for by its id."""


@dataclass(frozen=True)
class LicenceChoice:
    """The licences of one site that may be stored: those of `families`, and those of `ids`."""

    site: str
    families: frozenset[Family]
    ids: frozenset[str]

    def allows(self, licence_id: str | None) -> bool:
        """Whether a photo of this licence may be stored; never for one that is not known."""
        facts = licence_facts(self.site, licence_id)
        return facts is not None and (facts.family in self.families or facts.licence_id in self.ids)


def choose_licences(site: str, text: str) -> LicenceChoice:
    """Return what `text` (presets, and licence ids of the site, with commas) allows; raise SettingsError."""
    families: set[Family] = set()
    ids: set[str] = set()
    faults: list[str] = []
    for item in (item.strip() for item in text.split(",")):
        if not item:
            continue
        presets = [word.strip() for word in item.split("+")]
        if all(word in PRESETS for word in presets):
            families |= {family for family, terms in TERMS.items() if all(PRESETS[word](terms) for word in presets)}
        elif licence_facts(site, item) is not None:
            ids.add(item)
        else:
            faults.append(f"[crawl] licences: unknown licence '{item}'; {suggest(item, _known(site))}")
    if not families and not ids and not faults:
        faults.append(f"[crawl] licences: none is given; known: {', '.join(_known(site))}")
    if faults:
        raise SettingsError(faults)
    return LicenceChoice(site, frozenset(families), frozenset(ids))


def licence_ids(site: str, text: str) -> frozenset[str]:
    """Return the ids that `text` allows at a site with a closed list of them (Flickr); raise SettingsError.

    Commons has no such list: ask `choose_licences("commons", text).allows(code)` there.
    """
    if site != "flickr":
        raise ValueError(f"{site} has no closed list of licences")
    choice = choose_licences(site, text)
    return frozenset(licence_id for licence_id in FLICKR_LICENCES if choice.allows(licence_id))


def _known(site: str) -> list[str]:
    return [*PRESETS, *(FLICKR_LICENCES if site == "flickr" else ("cc0", "pd", "cc-by-4.0", "cc-by-sa-4.0"))]
