"""What to ask Wikidata: items by name, and what is known of items.

https://www.wikidata.org/w/api.php?action=help&modules=wbsearchentities and modules=wbgetentities
"""

import re
from collections.abc import Sequence

from crawler.sites.mediawiki import COMMON_PARAMETERS

SITE = "wikidata"
API_URL = "https://www.wikidata.org/w/api.php"

SEARCH_LIMIT = 10
"""Items a name is looked up to: the eleventh of a name is nobody a crawl of the well-known means."""

MAX_ENTITIES = 50
"""Items an answer may tell of."""

LANGUAGES = "en|mul"
"""Of labels and aliases: English as the names of a crawl are, and "mul", the default for all languages."""

_BARE_INITIAL = re.compile(r"\b([A-Z])(?=\s)")


def search_parameters(name: str) -> dict[str, str]:
    """Return the parameters that look a name up."""
    return {
        **COMMON_PARAMETERS,
        "action": "wbsearchentities",
        "search": name,
        "language": "en",
        "type": "item",
        "limit": str(SEARCH_LIMIT),
    }


def entities_parameters(ids: Sequence[str]) -> dict[str, str]:
    """Return the parameters that ask for up to MAX_ENTITIES items."""
    if not 0 < len(ids) <= MAX_ENTITIES:
        raise ValueError(f"{len(ids)} items cannot be asked for at once")
    return {
        **COMMON_PARAMETERS,
        "action": "wbgetentities",
        "ids": "|".join(ids),
        "props": "labels|aliases|descriptions|claims|sitelinks",
        "languages": LANGUAGES,
    }


def spellings(name: str) -> list[str]:
    """Return the spellings a name is looked up by, in turn until one finds items: as given, initials with a point.

    The look-up compares from the front and letter by letter: "George W Bush" is not how an item is called.
    """
    pointed = _BARE_INITIAL.sub(r"\1.", name)
    return [name] if pointed == name else [name, pointed]
