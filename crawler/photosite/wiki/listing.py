"""What lists pages: a search and the members of a category, as `list=` or as `generator=` (parameters with a g)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crawler.photosite.tags import words_of
from crawler.photosite.wiki.envelope import Call, WikiFault
from crawler.photosite.wiki.files import WikiFile, subcategory_of
from crawler.photosite.wiki.search import FileIndex

MOST_AT_ONCE = 500
SEARCH_CEILING = 10_000
FILES, CATEGORIES = 6, 14
LISTS = {"search": "sr", "categorymembers": "cm"}
_PARAMS = {
    "search": ("search", "namespace", "limit", "offset", "what", "info", "prop", "sort", "interwiki", "enablerewrites",
               "qiprofile", "backend"),
    "categorymembers": ("title", "type", "namespace", "limit", "continue", "prop", "sort", "dir", "start", "end",
                        "startsortkeyprefix", "endsortkeyprefix"),
}  # fmt: skip
_SORTS = (
    "relevance",
    "none",
    "just_match",
    "create_timestamp_asc",
    "create_timestamp_desc",
    "last_edit_asc",
    "last_edit_desc",
)


@dataclass(frozen=True)
class Page:
    """A page of the wiki: a file, a category, or a title of neither."""

    title: str
    namespace: int
    pageid: int | None = None
    file: WikiFile | None = None
    index: int | None = None  # place in a search


@dataclass(frozen=True)
class Listed:
    """Some of what a list holds."""

    pages: Sequence[Page]
    next_params: dict[str, Any]
    total: int


def list_pages(index: FileIndex, name: str, call: Call, *, is_generator: bool) -> Listed:
    """Return the pages of a list from where the call continues it; raise WikiFault."""
    prefix = ("g" if is_generator else "") + LISTS[name]
    return _search(index, call, prefix) if name == "search" else _members(index, call, prefix)


def list_params(name: str) -> list[str]:
    """Return the names of a list's parameters, those that change nothing here too."""
    return [LISTS[name] + param for param in _PARAMS[name]]


def list_entry(name: str, page: Page) -> dict[str, Any]:
    """Return a page as `list=` shows it."""
    if name == "categorymembers":
        return {"pageid": page.pageid, "ns": page.namespace, "title": page.title}
    text = " ".join(page.file.texts) if page.file else ""
    return {
        "ns": page.namespace,
        "title": page.title,
        "pageid": page.pageid,
        "size": len(text.encode()),
        "wordcount": len(words_of(text)),
        "snippet": " ".join(words_of(text)[:12]),
        "timestamp": f"{page.file.timestamp:%Y-%m-%dT%H:%M:%SZ}" if page.file else "",
    }


def category_page(index: FileIndex, category: str) -> Page | None:
    """Return a category's page, or None where nothing is in it."""
    if category not in index.by_category:
        return None
    return Page(f"Category:{category}", CATEGORIES, pageid=500_000_000 + min(_ids(index, category)))


def category_counts(index: FileIndex, category: str) -> dict[str, int]:
    """Return how much is in a category."""
    files, below = len(index.by_category.get(category, ())), len(_below(index, category))
    return {"size": files + below, "pages": 0, "files": files, "subcats": below}


def _search(index: FileIndex, call: Call, prefix: str) -> Listed:
    query = call.needed(f"{prefix}search")
    limit = call.number(f"{prefix}limit", 10, lowest=1, highest=MOST_AT_ONCE, module="search")
    offset = call.number(f"{prefix}offset", 0, lowest=0, module="search")
    sort = call.choice(f"{prefix}sort", _SORTS, "relevance")
    namespaces = call.several(f"{prefix}namespace", default="0", module="search")
    if offset >= SEARCH_CEILING:
        raise WikiFault(
            "cirrussearch-offset-too-large",
            f"Could not retrieve results. Up to {SEARCH_CEILING} search results are supported, but results starting "
            f"at {offset} were requested.",
        )
    # Files are found in their namespace only: a search that forgets to say so finds nothing here, as on Commons.
    found = index.search(query, sort=sort) if {"6", "*"} & set(namespaces) else []
    shown = found[offset : min(offset + limit, SEARCH_CEILING)]
    pages = [Page(file.title, FILES, file.pageid, file, offset + place) for place, file in enumerate(shown, start=1)]
    following = {f"{prefix}offset": offset + limit} if offset + limit < len(found) else {}
    return Listed(pages, following, len(found))


def _members(index: FileIndex, call: Call, prefix: str) -> Listed:
    title = call.needed(f"{prefix}title")
    namespace, colon, category = title.replace("_", " ").partition(":")
    if not colon or namespace.strip().lower() != "category" or not category.strip():
        raise WikiFault("invalidcategory", "The category name you entered is not valid.")
    category = " ".join(category.split())
    kinds = call.several(
        f"{prefix}type", ("page", "subcat", "file"), default="page|subcat|file", module="categorymembers"
    )
    namespaces = call.several(f"{prefix}namespace", module="categorymembers")
    limit = call.number(f"{prefix}limit", 10, lowest=1, highest=MOST_AT_ONCE, module="categorymembers")
    members: list[tuple[str, Page]] = []
    if "subcat" in kinds:
        members += [("subcat", page) for name in _below(index, category) if (page := category_page(index, name))]
    if "file" in kinds:
        inside = sorted(index.by_category.get(category, ()), key=lambda file: (file.name.upper(), file.pageid))
        members += [("file", Page(file.title, FILES, file.pageid, file)) for file in inside]
    if namespaces:
        members = [(kind, page) for kind, page in members if str(page.namespace) in namespaces]
    start = call.text(f"{prefix}continue")
    places = [_place(kind, page) for kind, page in members]
    if start and start not in places:
        raise WikiFault(
            "badcontinue", "Invalid continue param. You should pass the original value returned by the previous query."
        )
    first = places.index(start) if start else 0
    following = {f"{prefix}continue": places[first + limit]} if first + limit < len(members) else {}
    return Listed([page for _, page in members[first : first + limit]], following, len(members))


def _place(kind: str, page: Page) -> str:
    """Return where a member is, as continuations say it: its kind, its sort key in hexadecimal, its id."""
    return f"{kind}|{page.title.partition(':')[2].upper().encode().hex().upper()}|{page.pageid}"


def _below(index: FileIndex, category: str) -> list[str]:
    below = subcategory_of(category)
    return [below] if below in index.by_category else []


def _ids(index: FileIndex, category: str) -> list[int]:
    return [file.pageid for file in index.by_category[category]]
