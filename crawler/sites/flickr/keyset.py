"""Reading a window by upload time: each answer begins at the second where the last one ended.

Page numbers would shift with every photo that is deleted or relicensed meanwhile, and end at the 4,000th. Asking for
"uploaded at t or later, oldest first, page 1" does neither. Only the last second is told twice; the cursor holds its
ids. Where that cannot work - more photos of one second than an answer holds, no upload times, a site that does not
keep to the order or to `min_upload_date` - a part of the window is read by page numbers (pages.py).
"""

from dataclasses import replace
from itertools import pairwise

from crawler.sites.flickr.choices import FlickrChoices
from crawler.sites.flickr.cursors import KeysetCursor, PagesCursor
from crawler.sites.flickr.results import Result, Results, Taken, take
from crawler.sites.found import Step
from db.window_rows import NewWindow, Window

_MOST_SLIPS = 0.1
"""Share of results out of order up to which there is an order: by chance it would be half of them."""

_TAIL = 50
"""Results at the end of an answer that are told again where some of it was out of order."""


def keyset_step(window: Window, cursor: KeysetCursor, answer: Results, choices: FlickrChoices) -> Step:
    """Return what an answer to `window` at `cursor` brought and how it goes on."""
    start = cursor.start
    uploads = [upload for upload in answer.uploads if start is None or upload >= start]
    if start is not None and 2 * len(uploads) < len(answer.uploads):
        return _older_than_asked(window, cursor, answer, choices, start)
    taken = take(_countable(answer, start), choices, known=cursor.seen, rank=cursor.rank)
    rank = cursor.rank + taken.seen
    at_one_second = bool(uploads) and start == min(uploads) == max(uploads)
    if answer.is_full and at_one_second:
        return _dense_second(window, cursor, answer, taken)
    if not answer.is_full and not _says_more(answer):
        return _step(window, answer, taken, None)
    if not taken.seen:
        if cursor.is_again or answer.total == 0:
            return _step(window, answer, taken, None, note=_unshown(answer))
        return _step(window, answer, taken, replace(cursor, is_again=True))
    goes_on = _next_start(uploads, window.max_upload)
    if goes_on is None or (answer.is_full and goes_on == start):
        note = None if uploads else "results without upload times: read by page numbers"
        return _step(window, answer, taken, _by_pages(cursor, answer, start), note=note)
    ids = _ids_from(answer, goes_on, start) | (cursor.seen if goes_on == start else frozenset())
    later = KeysetCursor(start=goes_on, seen=ids, rank=rank)
    if _pays_to_filter(window, answer, goes_on, choices):
        child = NewWindow(choices.licence_filter, goes_on, window.max_upload, window.sort, later.to_json())
        return _step(window, answer, taken, None, children=(child,))
    return _step(window, answer, taken, later)


def _dense_second(window: Window, cursor: KeysetCursor, answer: Results, taken: Taken) -> Step:
    """An answer full of one second's photos: that second becomes a window of its own, and this one goes on after it."""
    second = cursor.start
    assert second is not None
    pages = PagesCursor(end=len(answer.results), seen=cursor.seen | frozenset(answer.ids))
    child = NewWindow(window.licences, second, second, window.sort, pages.to_json())
    is_last = window.max_upload is not None and second >= window.max_upload
    later = None if is_last else KeysetCursor(start=second + 1, rank=cursor.rank + taken.seen)
    return _step(window, answer, taken, later, children=(child,))


def _older_than_asked(
    window: Window, cursor: KeysetCursor, answer: Results, choices: FlickrChoices, start: int
) -> Step:
    """The site ignores `min_upload_date`: once may be a slip of it, twice and the rest is read by page numbers."""
    if not cursor.is_again:
        return _step(window, answer, Taken((), 0, {}), replace(cursor, is_again=True))
    younger = [result for result in answer.results if result.upload is None or result.upload >= start]
    taken = take(younger, choices, known=cursor.seen, rank=None)
    pages = replace(_by_pages(cursor, answer, None), counted_to=start)
    note = "the site does not keep to min_upload_date: read by page numbers"
    return _step(window, answer, taken, pages, note=note)


def _by_pages(cursor: KeysetCursor, answer: Results, start: int | None) -> PagesCursor:
    return PagesCursor(end=len(answer.results), seen=cursor.seen | frozenset(answer.ids), start=start)


def _countable(answer: Results, start: int | None) -> list[Result]:
    """The results less those without an id that an earlier answer told: there is nothing to know them again by."""
    return [
        result
        for result in answer.results
        if result.site_id is not None or start is None or result.upload is None or result.upload > start
    ]


def _next_start(uploads: list[int], max_upload: int | None) -> int | None:
    """Return the second the next answer begins with: the last one told. None where the order is none.

    Where a few results are out of place, some earlier second: what comes next may be out of place as well.
    """
    slips = sum(later < earlier for earlier, later in pairwise(uploads))
    if not uploads or slips > len(uploads) * _MOST_SLIPS:
        return None
    tail = sorted(uploads[-_TAIL:])
    second = tail[len(tail) // 4] if slips else uploads[-1]
    return second if max_upload is None else min(second, max_upload)


def _ids_from(answer: Results, second: int, start: int | None = None) -> frozenset[str]:
    """The ids that an answer from `second` on may tell again; those older than `start` are out of place."""
    return frozenset(
        result.site_id
        for result in answer.results
        if result.site_id is not None
        and (result.upload is None or result.upload >= second or (start is not None and result.upload < start))
    )


def _says_more(answer: Results) -> bool:
    return answer.total is not None and answer.total > len(answer.results)


def _pays_to_filter(window: Window, answer: Results, goes_on: int, choices: FlickrChoices) -> bool:
    """Whether to ask for the wanted licences only: when more than one answer is left. One tells what it refuses."""
    if window.licences is not None or choices.licence_filter is None or answer.total is None:
        return False
    told_again = len(_ids_from(answer, goes_on))
    return answer.total - len(answer.results) + told_again > choices.per_page


def _unshown(answer: Results) -> str | None:
    if not _says_more(answer):
        return None
    return f"the site says {answer.total} results more from here and shows {len(answer.results)}"


def _step(
    window: Window,
    answer: Results,
    taken: Taken,
    cursor: KeysetCursor | PagesCursor | None,
    *,
    children: tuple[NewWindow, ...] = (),
    note: str | None = None,
) -> Step:
    is_first = window.steps == 0 and window.total is None and answer.total is not None
    told_before = len(answer.results) - taken.seen
    is_whole = is_first and window.licences is None and window.min_upload is None and window.cursor is None
    return Step(
        photos=taken.photos,
        seen=taken.seen,
        refused=taken.refused,
        total=max(0, (answer.total or 0) - told_before) if is_first else None,
        query_total=answer.total if is_whole else None,
        cursor=None if cursor is None else cursor.to_json(),
        children=children,
        note=note,
    )
