"""Reading an answer of Commons: the files whose facts it has, and where the window goes on.

https://www.mediawiki.org/wiki/API:Continue
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crawler.sites.commons.asks import (
    BY_NAME,
    CATEGORY_NAMESPACE,
    NEWEST_FIRST,
    OLDEST_FIRST,
    SEARCH_CEILING,
    category_text,
    read_count,
)
from crawler.sites.commons.cursor import Cursor, read_cursor
from crawler.sites.commons.page import JudgeLicence, image_facts, read_page
from crawler.sites.found import FoundPhoto, Refusal, SiteFault, Step
from crawler.sites.loose import to_text
from crawler.sites.mediawiki import continuation_of, has_flag, pages_of, read_answer, warnings_of
from db.window_rows import NewWindow, WantedQuery, Window


def read_step(
    window: Window, body: bytes, headers: Mapping[str, str], *, width: int | None, judge: JudgeLicence
) -> Step | SiteFault:
    """Return what an answer says for `window`; a fault of the site when it says nothing."""
    answer = read_answer(body, headers)
    if isinstance(answer, SiteFault):
        return answer
    cursor = read_cursor(window.cursor)
    if cursor.is_counting:
        return _counted(window, cursor, answer)
    following = continuation_of(answer)
    if following and following == cursor.following:
        return SiteFault("transient", "the site continues where it was asked from")
    is_whole = has_flag(answer, "batchcomplete") or not following
    batch = _read_batch(window, cursor, answer, is_whole=is_whole, width=width, judge=judge)
    ahead = replace(
        cursor,
        following=following,
        read=() if is_whole else (*cursor.read, *batch.read),
        seen=cursor.seen + batch.seen,
    )
    note = warnings_of(answer)
    if note is not None and not batch.seen and "iiprop" in note:
        note = None  # where nothing is found the site does not look at what was to be told of it, and says so
    return _step(window, ahead, batch, note=note)


class _Batch:
    """What one answer adds."""

    def __init__(self) -> None:
        self.photos: list[FoundPhoto] = []
        self.refused: Counter[Refusal] = Counter()
        self.seen = 0
        self.read: list[int] = []
        self.subcategories: list[str] = []


def _read_batch(
    window: Window, cursor: Cursor, answer: Mapping[str, Any], *, is_whole: bool, width: int | None, judge: JudgeLicence
) -> _Batch:
    batch, known = _Batch(), set(cursor.read)
    for page in pages_of(answer):
        number = page.get("pageid")
        if number in known:
            continue
        if page.get("ns") == CATEGORY_NAMESPACE:
            title = to_text(page.get("title"))
            batch.subcategories += [title] if title else []
        elif image_facts(page) is None and not is_whole and not has_flag(page, "missing"):
            continue  # its facts come with a later answer of this batch
        else:
            found = read_page(page, rank=cursor.seen + batch.seen, width=width, judge=judge)
            batch.seen += 1
            if isinstance(found, Refusal):
                batch.refused[found] += 1
            else:
                batch.photos.append(found)
        if isinstance(number, int):
            known.add(number)
            batch.read.append(number)
    return batch


def _step(window: Window, ahead: Cursor, batch: _Batch, *, note: str | None) -> Step:
    is_search = window.kind != "category"
    is_ended = not ahead.following
    if is_search and not ahead.read:
        is_ended = is_ended or _offset(ahead) >= SEARCH_CEILING
    if ahead.stop_at is not None and ahead.seen >= ahead.stop_at:
        is_ended = True
    if is_search and not is_ended and ahead.total is None:
        ahead = replace(ahead, is_counting=True)
    total = _window_total(ahead) if ahead.total is not None else (ahead.seen if is_ended else None)
    # The index may count files that are gone: the site says they are there and shows them not.
    unreachable = max(0, total - ahead.seen) if is_ended and total is not None else 0
    if unreachable:
        note = f"{unreachable} of {total} results the site counts were not shown"
    return Step(
        photos=tuple(batch.photos),
        seen=batch.seen,
        refused=dict(batch.refused),
        total=total,
        query_total=ahead.total if ahead.total is not None else total,
        cursor=None if is_ended else ahead.as_json(),
        children=(),
        follow_ups=() if ahead.is_subcategory else _subcategories(window, batch.subcategories),
        note=note,
        unreachable=unreachable,
    )


def _counted(window: Window, cursor: Cursor, answer: Mapping[str, Any]) -> Step | SiteFault:
    total = read_count(answer)
    if total is None:
        return SiteFault("transient", "the answer holds no number of results")
    children: tuple[NewWindow, ...] = ()
    note, unreachable = None, max(0, total - 2 * SEARCH_CEILING)
    if total > SEARCH_CEILING and window.sort == OLDEST_FIRST:
        rest = Cursor(stop_at=min(total - SEARCH_CEILING, SEARCH_CEILING), total=total)
        children = (NewWindow(sort=NEWEST_FIRST, cursor=rest.as_json()),)
    if unreachable:
        note = f"{unreachable} of {total} results cannot be reached: the site shows {SEARCH_CEILING} from each end"
    return Step(
        photos=(),
        seen=0,
        refused={},
        total=min(total, SEARCH_CEILING),
        query_total=total,
        cursor=replace(cursor, is_counting=False, total=total).as_json(),
        children=children,
        follow_ups=(),
        note=note,
        unreachable=unreachable,
    )


def _window_total(cursor: Cursor) -> int:
    """Return how many results this window is to read: the ones the site shows, less what another window reads."""
    return cursor.stop_at if cursor.stop_at is not None else min(cursor.total or 0, SEARCH_CEILING)


def _offset(cursor: Cursor) -> int:
    words = cursor.following.get("gsroffset", "")
    return int(words) if words.isdigit() else 0


def _subcategories(window: Window, titles: list[str]) -> tuple[WantedQuery, ...]:
    return tuple(
        WantedQuery(
            window.name,
            window.display_name,
            category_text(title),
            kind="category",
            window=NewWindow(sort=BY_NAME, cursor=Cursor(is_subcategory=True).as_json()),
        )
        for title in titles
    )
