"""`action=query` of Commons: which pages, and what is told of them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crawler.photosite.wiki.continuing import Continuation, read_continuation
from crawler.photosite.wiki.envelope import Call, WikiFault
from crawler.photosite.wiki.files import WikiFile
from crawler.photosite.wiki.imageinfo import INFO_PARAMS, add_imageinfo, read_wanted
from crawler.photosite.wiki.listing import (
    CATEGORIES,
    FILES,
    LISTS,
    Page,
    category_counts,
    category_page,
    list_entry,
    list_pages,
    list_params,
)
from crawler.photosite.wiki.pictures import PictureStore
from crawler.photosite.wiki.search import FileIndex
from crawler.photosite.wiki.siteinfo import META, META_PARAMS, meta_of

PROP_PARAMS = {"info": ("inprop",), "imageinfo": INFO_PARAMS, "categoryinfo": ("cicontinue",)}
NAMESPACES = {"file": FILES, "image": FILES, "category": CATEGORIES}
_SAID = {FILES: "File", CATEGORIES: "Category"}
_BAD_LETTER = re.compile(r"[\[\]{}|#<>\x00-\x1f\x7f]")
_INFO = {"contentmodel": "wikitext", "pagelanguage": "en", "pagelanguagehtmlcode": "en", "pagelanguagedir": "ltr"}


def answer_query(index: FileIndex, store: PictureStore, call: Call, base: str) -> dict[str, Any]:
    """Answer a query; raise WikiFault where the wiki refuses it."""
    props = call.several("prop", PROP_PARAMS, module="query")
    lists = call.several("list", LISTS, module="query")
    metas = call.several("meta", META, module="query")
    generator = call.choice("generator", ("", *LISTS), "")
    going_on = read_continuation(call, [*props, *lists, *metas], frozenset(props) if generator else frozenset())
    for name in lists:
        call.pass_over(list_params(name))
    if generator:
        call.pass_over(f"g{param}" for param in list_params(generator))
    for name in metas:
        call.pass_over(META_PARAMS[name])
    query: dict[str, Any] = {}
    for name in props:  # read whether there are pages or not
        call.pass_over(PROP_PARAMS[name])
    pages, extra = _page_set(index, call, generator, going_on)
    query |= extra
    if pages is not None:
        shown = [_shown(page) for page in pages]
        _tell(index, store, call, base, props, pages, shown, going_on)
        query["pages"] = shown
    for name in lists:
        if going_on.runs(name):
            listed = list_pages(index, name, call, is_generator=False)
            if name == "search":
                query["searchinfo"] = {"totalhits": listed.total}
            query[name] = [list_entry(name, page) for page in listed.pages]
            if listed.next_params:
                going_on.unfinished[name] = listed.next_params
    for name in metas:
        if going_on.runs(name):
            query |= meta_of(name, call, base)
    return {**going_on.result(), **({"query": query} if query else {})}


def _page_set(
    index: FileIndex, call: Call, generator: str, going_on: Continuation
) -> tuple[list[Page] | None, dict[str, Any]]:
    """Return the pages asked for, None where none were, and what was put right in their titles."""
    if generator:
        for name in ("titles", "pageids"):
            call.text(name)
        if going_on.is_generator_done:
            return None, {}
        listed = list_pages(index, generator, call, is_generator=True)
        going_on.generator_next = listed.next_params
        # Pages come by id, whatever the order of the search was: `index` has that.
        return sorted(listed.pages, key=lambda page: page.pageid or 0) or None, {}
    if pageids := call.several("pageids", module="query"):
        if not all(one.isdigit() for one in pageids):
            bad = next(one for one in pageids if not one.isdigit())
            raise WikiFault("badinteger", f'Invalid value "{bad}" for integer parameter "pageids".')
        return [_page_of_id(index, int(one)) for one in pageids], {}
    titles = call.several("titles", module="query")
    if not titles:
        return None, {}
    read = {title: _page_of_title(index, title) for title in titles}
    changed = [
        {"fromencoded": False, "from": title, "to": page.title}
        for title, page in read.items()
        if page.title != title and page.namespace >= 0
    ]
    return list(read.values()), {"normalized": changed} if changed else {}


def _page_of_id(index: FileIndex, pageid: int) -> Page:
    file = index.by_pageid.get(pageid)
    return Page(file.title, FILES, pageid, file) if file else Page("", -2, pageid)


def _page_of_title(index: FileIndex, title: str) -> Page:
    namespace, colon, rest = title.replace("_", " ").partition(":")
    name = " ".join(rest.split()) if colon else " ".join(namespace.split())
    number = NAMESPACES.get(namespace.strip().lower(), 0) if colon else 0
    if number == 0:
        name = " ".join(title.replace("_", " ").split())
    if not name or _BAD_LETTER.search(name) or name in (".", ".."):
        return Page(title, -1)
    name = name[0].upper() + name[1:]
    if number == FILES:
        file = index.by_key.get(name.replace(" ", "_"))
        return Page(f"File:{name}", FILES, file.pageid if file else None, file)
    if number == CATEGORIES:
        return category_page(index, name) or Page(f"Category:{name}", CATEGORIES)
    return Page(name, 0)


def _shown(page: Page) -> dict[str, Any]:
    if page.namespace == -2:
        return {"pageid": page.pageid, "missing": True}
    if page.namespace == -1:
        return {"title": page.title, "invalidreason": _invalid_reason(page.title), "invalid": True}
    if page.pageid is None:
        return {"ns": page.namespace, "title": page.title, "missing": True}
    found: dict[str, Any] = {"pageid": page.pageid, "ns": page.namespace, "title": page.title}
    return found | ({"index": page.index} if page.index is not None else {})


def _invalid_reason(title: str) -> str:
    name = title.partition(":")[2] or title
    if name in (".", ".."):
        return (
            "Title has relative path. Relative page titles (./, ../) are invalid, because they will often be "
            "unreachable when handled by user's browser."
        )
    bad = _BAD_LETTER.search(name)
    if bad is None:
        return "The requested page title is empty or contains only a namespace prefix."
    return f'The requested page title contains invalid characters: "{bad[0]}".'


def _tell(
    index: FileIndex,
    store: PictureStore,
    call: Call,
    base: str,
    props: Sequence[str],
    pages: Sequence[Page],
    shown: list[dict[str, Any]],
    going_on: Continuation,
) -> None:
    """Add what each property module tells of the pages."""
    for name in props:
        if name == "imageinfo":
            wanted = read_wanted(call)
            if going_on.runs(name):
                files: Mapping[str, WikiFile] = {page.title: page.file for page in pages if page.file}
                cut_at = add_imageinfo(shown, dict(files), wanted, call, store, base)
                if cut_at:
                    going_on.unfinished[name] = {"iicontinue": cut_at}
        elif name == "info":
            with_protection = "protection" in call.several("inprop", module="info")
            if going_on.runs(name):
                for page, told in zip(pages, shown, strict=True):
                    told |= _info(page, with_protection=with_protection)
        elif going_on.runs(name):
            for page, told in zip(pages, shown, strict=True):
                if page.namespace == CATEGORIES and page.pageid is not None:
                    told[name] = category_counts(index, page.title.partition(":")[2])


def _info(page: Page, *, with_protection: bool) -> dict[str, Any]:
    if page.namespace < 0:
        return {}
    found: dict[str, Any] = dict(_INFO)
    if page.pageid is not None:
        touched = f"{page.file.timestamp:%Y-%m-%dT%H:%M:%SZ}" if page.file else "2024-01-01T00:00:00Z"
        found |= {"touched": touched, "lastrevid": page.pageid * 7, "length": 700}
    if with_protection:
        kinds = ["edit", "move", "upload"] if page.pageid is not None else ["create"]
        found |= {"protection": [], "restrictiontypes": kinds}
    return found
