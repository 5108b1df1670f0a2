"""What the windows of a crawl take and give, in plain values.

A window is a part of a query that is read from its start to its end; a step is one answer of the site within it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DEFAULT_SORT = "date-posted-asc"


@dataclass(frozen=True)
class NewWindow:
    """A window that is still to be made: which part of a query, and where in it to begin."""

    licences: str | None = None  # comma list sent to the site; None: no filter
    min_upload: int | None = None  # Unix seconds, inclusive
    max_upload: int | None = None
    sort: str = DEFAULT_SORT
    cursor: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class WantedQuery:
    """A subject, what is to be typed into a site's search for it, and the window that reading begins with."""

    name: str
    display_name: str
    text: str
    kind: str = "phrase"
    window: NewWindow = field(default_factory=NewWindow)


@dataclass(frozen=True)
class Window:
    """A window in the hands of a worker. `steps` answers of it are stored; `total` is what the site said first."""

    id: int
    query_id: int
    subject_id: int
    name: str
    display_name: str
    text: str
    kind: str
    licences: str | None
    min_upload: int | None
    max_upload: int | None
    sort: str
    cursor: Mapping[str, Any] | None
    steps: int
    total: int | None
    attempts: int = 0  # runs in which it failed since its last answer


@dataclass(frozen=True)
class StepRows:
    """One answer as rows.

    `photos` are rows of `photo` (less `site`, `found_at`) in the order of the results, `ranks` their places; some may
    have been seen before. `refused` counts the results that are not in `photos`, by reason, and `seen` all of them,
    as the site module counts; the catalog itself counts a photo once a query.
    `total` is what the site says for this window, less what other windows have counted already; `query_total` what
    it says for the whole query without a filter. `cursor` is where the window goes on; None: it is done.
    `unreachable` counts results the site says it has and never shows. `queries` are of the same subject.
    """

    photos: Sequence[Mapping[str, Any]]
    ranks: Sequence[int | None]
    seen: int
    refused: Mapping[str, int]
    total: int | None
    query_total: int | None
    cursor: Mapping[str, Any] | None
    children: Sequence[NewWindow] = ()
    queries: Sequence[WantedQuery] = ()
    note: str | None = None
    unreachable: int = 0


@dataclass(frozen=True)
class StoredStep:
    """What came of storing a step. `buried` photos are under a tombstone and were not stored."""

    new_photos: int
    known_photos: int
    buried: int
    is_window_done: bool
    is_query_done: bool
    window: Window | None = None  # as it goes on, still in the worker's hands; None: it is done


@dataclass(frozen=True)
class Coverage:
    """What became of a query's results: `site_total` is the sum of all that follows it but `note`.

    `site_total` is None when the site was not asked yet. `missing` is what no reason explains: 0 when a crawl is
    complete. `refused` has two reasons of the catalog's own: "buried" (under a tombstone) and "removed" (stored
    once, taken down or dropped by a sync since).
    """

    name: str
    query_text: str
    kind: str
    state: str
    site_total: int | None
    catalogued: int
    refused: Mapping[str, int]
    filtered_out: int  # kept out by a licence filter that was sent to the site
    unreachable: int
    missing: int
    note: str | None
