"""Reading a window by page numbers, where upload times cannot tell its photos apart: within one second, mostly.

Pages shift when photos before them go away, and whoever asks for page after page loses one photo for each. So each
page here overlaps the last one by a few results: as long as it holds an id that is known, nothing lies between. If it
does not, the page before it is asked for again, from farther back.

Flickr shows 4,000 results of a search. A second with more is read from both ends (8,000), one with more than that
licence by licence; what is beyond is counted as unreachable.
"""

from dataclasses import dataclass, replace

from crawler.sites.flickr.asking import NEWEST_FIRST
from crawler.sites.flickr.choices import FlickrChoices
from crawler.sites.flickr.cursors import PagesCursor
from crawler.sites.flickr.results import Result, Results, Taken, take
from crawler.sites.flickr.words import LICENCES, RESULT_CAP
from crawler.sites.found import Step
from db.window_rows import NewWindow, Window

_OVERLAPS = (5, 50, 500, 1_000_000)
"""Results by which a page goes back behind what is known: a few, then more for each try, then to the start."""

_MOST_GAPS = 12  # a site that never joins its pages would be asked for ever


_MOST_STALE = 2  # so many answers in a row without news, and the site only repeats itself


@dataclass(frozen=True)
class Page:
    """A page of `size` results: number `number`, from 1."""

    number: int
    size: int

    @property
    def start(self) -> int:
        """How many results come before it."""
        return (self.number - 1) * self.size

    @property
    def end(self) -> int:
        """How many there are up to its last."""
        return self.number * self.size


def page_at(place: int, *, most: int) -> Page:
    """Return the page of at most `most` results that begins at `place` or before and ends as far behind as can be."""
    pages = [Page(place // most + 1, most)]
    for number in range(2, place + 2):
        size = min(most, place // (number - 1))
        pages.append(Page(number, size))
        if size < most:  # from here on they only get smaller
            break
    return max(pages, key=lambda page: page.end)


def page_of(cursor: PagesCursor, *, per_page: int) -> Page:
    """Return the page to ask for; without a gap to close it ends behind the last one, if need be with less overlap."""
    if cursor.tries:
        return page_at(max(0, cursor.end - _OVERLAPS[cursor.tries]), most=per_page)
    pages = (page_at(max(0, cursor.end - overlap), most=per_page) for overlap in range(_OVERLAPS[0], -1, -1))
    return next(page for page in pages if page.end > cursor.end)


@dataclass(frozen=True)
class _Turn:
    """One answer: the window, the cursor it was asked at and the one after it, and what is new in it."""

    window: Window
    cursor: PagesCursor
    later: PagesCursor
    answer: Results | None
    taken: Taken
    choices: FlickrChoices

    @property
    def licences(self) -> list[str]:
        """The licences to split the window by; none where it is of one licence already."""
        wanted = (self.window.licences or self.choices.licence_filter or ",".join(LICENCES)).split(",")
        return wanted if len(wanted) > 1 else []


def pages_step(window: Window, cursor: PagesCursor, answer: Results | None, choices: FlickrChoices) -> Step:
    """Return what an answer to `window` at `cursor` brought; None for "excessive offset", which is the cap."""
    page = page_of(cursor, per_page=choices.per_page)
    nothing = Taken((), 0, {})
    if answer is None:
        return _at_the_cap(_Turn(window, cursor, cursor, None, nothing, choices), shown=cursor.reached)
    ids = frozenset(answer.ids)
    is_joined = page.start == 0 or bool(ids & cursor.seen) or cursor.gaps >= _MOST_GAPS
    is_doubtful = not answer.results and (answer.total or 0) > page.start and cursor.gaps < _MOST_GAPS
    if (answer.results and not is_joined) or (is_doubtful and not cursor.tries):
        back = _look_farther_back(cursor)
        return _step(_Turn(window, cursor, back, answer, nothing, choices), back)
    has_news = bool(ids - cursor.seen - cursor.below) or page.end <= cursor.reached
    has_met = bool(ids & cursor.below)
    later = replace(
        cursor,
        end=page.end,
        seen=cursor.seen | (ids - cursor.below),
        tries=0,
        reached=max(cursor.reached, page.end) if has_news else cursor.reached,
        stale=0 if has_news else cursor.stale + 1,
    )
    known = cursor.seen | cursor.below | cursor.told
    taken = take(_countable(answer, cursor), choices, known=known, rank=None)
    turn = _Turn(window, cursor, later, answer, taken, choices)
    shown = page.start + len(answer.results) if has_news else cursor.reached
    total = answer.total
    if total is not None and total > 2 * RESULT_CAP and turn.licences:
        return _by_licence(turn)
    if has_met and (total is None or cursor.below_count + len(later.seen) >= total):
        return _step(turn, None)
    if answer.results and page.end < RESULT_CAP:
        if has_news and not (answer.is_full or (total is not None and shown < total)):
            return _step(turn, None)
        # Photos that came in before this page push known ones into it: no news is not the end yet.
        if has_news or (total is not None and total > page.end and not has_met and later.stale <= _MOST_STALE):
            return _step(turn, later)
    return _at_the_cap(turn, shown=shown, has_met=has_met)


def _look_farther_back(cursor: PagesCursor) -> PagesCursor:
    return replace(cursor, tries=min(cursor.tries + 1, len(_OVERLAPS) - 1), gaps=cursor.gaps + 1)


def _countable(answer: Results, cursor: PagesCursor) -> list[Result]:
    return [
        result
        for result in answer.results
        if cursor.counted_to is None or result.upload is None or result.upload >= cursor.counted_to
    ]


def _at_the_cap(turn: _Turn, *, shown: int, has_met: bool = False) -> Step:
    """Nothing new comes from here on; where the site has more, it is read from the other end, then by licence."""
    window, cursor = turn.window, turn.later
    total = turn.answer.total if turn.answer is not None else window.total
    shown = min(shown, RESULT_CAP)
    if total is None or has_met or cursor.below_count + shown >= total:
        return _step(turn, None)
    if window.sort != NEWEST_FIRST:
        other = PagesCursor(
            start=cursor.start, below=cursor.seen, below_count=shown, told=cursor.told, counted_to=cursor.counted_to
        )
        child = NewWindow(window.licences, window.min_upload, window.max_upload, NEWEST_FIRST, other.to_json())
        return _step(turn, None, children=(child,))
    if turn.licences:
        return _by_licence(turn)
    missing = total - cursor.below_count - shown
    note = f"the site has {total} results of this window and shows {total - missing} of them"
    return replace(_step(turn, None), note=note, unreachable=missing)


def _by_licence(turn: _Turn) -> Step:
    window, cursor = turn.window, turn.later
    told = cursor.seen | cursor.below | cursor.told
    known = PagesCursor(told=told, start=cursor.start, counted_to=cursor.counted_to)
    children = tuple(
        NewWindow(licence, window.min_upload, window.max_upload, cursor=known.to_json()) for licence in turn.licences
    )
    return _step(turn, None, children=children)


def _step(turn: _Turn, goes_on: PagesCursor | None, *, children: tuple[NewWindow, ...] = ()) -> Step:
    window, cursor, answer = turn.window, turn.cursor, turn.answer
    total = answer.total if answer is not None and window.steps == 0 and window.total is None else None
    if total is not None and answer is not None:
        # Less what other windows have counted: below, or before this one began, or by licence as far as it shows.
        told = len(cursor.seen) if cursor.end else len(answer.results) - turn.taken.seen
        total = max(0, total - (cursor.below_count or told))
    return Step(
        photos=turn.taken.photos,
        seen=turn.taken.seen,
        refused=turn.taken.refused,
        total=total,
        cursor=None if goes_on is None else goes_on.to_json(),
        children=children,
    )
