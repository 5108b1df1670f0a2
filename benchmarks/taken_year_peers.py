"""Other ways from a text to a year, from PyPI (`pip install 'agegap[bench-dates]'`), each behind one function.

Settings as in the comparisons that others published: English for dateparser (its own default is a guess that costs
50 times as long), a year required; the first date that is found counts.
"""

import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import FrameType
from typing import Any

from benchmarks.taken_year_measures import Score
from benchmarks.taken_year_sets import Case

Reader = Callable[[str], int | None]

_YEAR = re.compile(r"(?<!\d)(?:1[0-9]|20)\d\d(?!\d)")


@dataclass(frozen=True)
class Peer:
    """A reader, the package it needs (None: none), and how the reader is made of it."""

    name: str
    package: str | None
    make: Callable[[Any], Reader]


@dataclass(frozen=True)
class PeerScore:
    """A peer's score on the rows it finished of `rows`."""

    score: Score
    rows: int
    finished: int
    cpu_s: float


def _first_year(_package: Any) -> Reader:
    def read(text: str) -> int | None:
        match = _YEAR.search(text)
        return int(match[0]) if match else None

    return read


def _search_dates(search: Any) -> Reader:
    settings = {"REQUIRE_PARTS": ["year"]}

    def read(text: str) -> int | None:
        found = search.search_dates(text, languages=["en"], settings=settings)
        return int(found[0][1].year) if found else None

    return read


def _datefinder(package: Any) -> Reader:
    def read(text: str) -> int | None:
        found = next(iter(package.find_dates(text)), None)
        return int(found.year) if found is not None else None

    return read


def _dateutil(parser: Any) -> Reader:
    def read(text: str) -> int | None:
        return int(parser.parse(text, fuzzy=True).year)

    return read


def _edtf(package: Any) -> Reader:
    def read(text: str) -> int | None:
        words = package.text_to_edtf(text)
        if not words:
            return None
        date = package.parse_edtf(words)
        first, last = date.lower_strict().tm_year, date.upper_strict().tm_year
        return int(first + last) // 2

    return read


def _htmldate(package: Any) -> Reader:
    def read(text: str) -> int | None:
        page = f"<html><body><p>{text.replace('<', ' ')}</p></body></html>"
        found = package.find_date(page, original_date=True, extensive_search=True, min_date="1840-01-01")
        return int(found[:4]) if found else None

    return read


PEERS = (
    Peer("first-year regex", None, _first_year),
    Peer("htmldate", "htmldate", _htmldate),
    Peer("dateparser search_dates (en, year required)", "dateparser.search", _search_dates),
    Peer("datefinder", "datefinder", _datefinder),
    Peer("dateutil fuzzy", "dateutil.parser", _dateutil),
    Peer("edtf text", "edtf", _edtf),
)


def reader_of(peer: Peer) -> Reader | None:
    """Return the reader of a peer, None where its package is not installed."""
    if peer.package is None:
        return peer.make(None)
    if find_spec(peer.package.partition(".")[0]) is None:
        return None
    return peer.make(import_module(peer.package))


def score_peer(read: Reader, cases: Sequence[Case], *, limit_s: float) -> PeerScore:
    """Score a reader on the rows it finishes within `limit_s` CPU seconds; main thread only (SIGPROF)."""
    answers: list[tuple[Case, int | None]] = []
    started = time.process_time()
    with _alarm(limit_s):
        for case in cases:
            answers.append((case, _read(read, case.text)))  # noqa: PERF401  what was finished stays at the alarm
    score = Score(
        points=sum(year is not None for _, year in answers),
        right=sum(year is not None and case.is_right(year) for case, year in answers),
        answerable=sum(case.has_truth for case, _ in answers),
    )
    return PeerScore(score, len(cases), len(answers), time.process_time() - started)


def _read(read: Reader, text: str) -> int | None:
    try:
        return read(text)
    except TimeUp:
        raise
    except Exception:  # noqa: BLE001  peers raise what they like on odd texts; that is an answer, too: none
        return None


class TimeUp(BaseException):
    """The time of a peer is over; no Exception, so that no peer swallows it."""


@contextmanager
def _alarm(limit_s: float) -> Iterator[None]:
    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        yield
    except TimeUp:
        pass
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
