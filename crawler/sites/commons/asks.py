"""What to ask Wikimedia Commons: the parameters of a search, of a category, and of a count.

https://commons.wikimedia.org/w/api.php?action=help&modules=query%2Bimageinfo
"""

from collections.abc import Mapping
from typing import Any, Literal

from crawler.sites.mediawiki import COMMON_PARAMETERS

SITE = "commons"
API_URL = "https://commons.wikimedia.org/w/api.php"

BATCH = 50
"""Files an answer: the most for which the API makes thumbnail addresses (its TRANSFORM_LIMIT)."""

SEARCH_CEILING = 10_000
"""Results of one search that can be reached by offset; beyond it the site shows none (CirrusSearch)."""

OLDEST_FIRST = "create_timestamp_asc"
NEWEST_FIRST = "create_timestamp_desc"
BY_NAME = "sortkey"
"""Orders that stand still while files are added: relevance would move results between two answers."""

STANDARD_WIDTHS = (20, 40, 60, 120, 250, 330, 500, 960, 1280, 1920, 3840)
"""Thumbnail widths Wikimedia serves; others are answered with 429 since 2025."""

DEFAULT_WIDTH = 960

IMAGE_FACTS = "timestamp|user|url|size|mime|mediatype|sha1|canonicaltitle|extmetadata|commonmetadata"

FILE_NAMESPACE = 6
CATEGORY_NAMESPACE = 14

Kind = Literal["search", "depicts", "category"]


def search_text(display_name: str) -> str:
    """Return a search for a person's name among pictures."""
    return f'"{display_name}" filetype:bitmap'


def depicts_text(entity_id: str) -> str:
    """Return a search for the files whose structured data says that they depict an item."""
    return f"haswbstatement:P180={entity_id}"


def category_text(category: str) -> str:
    """Return the title of a category, from its name with or without the prefix."""
    name = category.removeprefix("Category:").replace("_", " ").strip()
    return f"Category:{name}"


def batch_parameters(
    text: str, *, kind: str, sort: str, width: int, with_subcategories: bool, following: Mapping[str, str]
) -> dict[str, str]:
    """Return the parameters of one batch of files; `following` is the whole `continue` of the answer before.

    `width` is that of the thumbnails, one of STANDARD_WIDTHS.
    """
    return {
        **COMMON_PARAMETERS,
        "action": "query",
        **(_category(text, with_subcategories) if kind == "category" else _search(text, sort)),
        "prop": "imageinfo",
        "iiprop": IMAGE_FACTS,
        "iiurlwidth": str(width),
        **following,
    }


def count_parameters(text: str) -> dict[str, str]:
    """Return the parameters that ask how many results a search has: a generator does not say."""
    return {
        **COMMON_PARAMETERS,
        "action": "query",
        "list": "search",
        "srsearch": text,
        "srnamespace": str(FILE_NAMESPACE),
        "srlimit": "1",
        "srinfo": "totalhits",
        "srprop": "",
    }


def read_count(answer: Mapping[str, Any]) -> int | None:
    """Return the number of results an answer to `count_parameters` tells, or None."""
    query = answer.get("query")
    facts = query.get("searchinfo") if isinstance(query, Mapping) else None
    total = facts.get("totalhits") if isinstance(facts, Mapping) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total >= 0 else None


def _search(text: str, sort: str) -> dict[str, str]:
    return {
        "generator": "search",
        "gsrsearch": text,
        "gsrnamespace": str(FILE_NAMESPACE),
        "gsrlimit": str(BATCH),
        "gsrsort": sort,
    }


def _category(title: str, with_subcategories: bool) -> dict[str, str]:
    return {
        "generator": "categorymembers",
        "gcmtitle": title,
        "gcmtype": "file|subcat" if with_subcategories else "file",
        "gcmlimit": str(BATCH),
    }
