"""A Flickr in memory, with its limits and its tricks, and the driver that reads a query's windows to their end."""

import bisect
import json
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crawler.crawl_settings import CrawlSettings
from crawler.names import Name
from crawler.sites.flickr.site import FlickrSite
from crawler.sites.found import Refusal, SiteFault, Step
from db.window_rows import NewWindow, WantedQuery, Window

NOW = 1_790_000_000
API = "http://127.0.0.1/services/rest/"
PER_PAGE, CAP = 500, 4000


@dataclass(frozen=True, order=True)
class Photo:
    """A photo as the site sorts it."""

    upload: int
    photo_id: str
    licence: str = "4"


@dataclass
class Flickr:
    """Photos of one name. `before_call` may change them; `total_of` what the site says it found."""

    photos: list[Photo]
    before_call: Callable[["Flickr", int], None] | None = None
    total_of: Callable[[int], Any] = str
    change_params: Callable[[dict[str, str]], dict[str, str]] = dict
    change_record: Callable[[dict[str, Any]], dict[str, Any]] = dict
    cap: int = CAP
    calls: list[Mapping[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.photos = sorted(self.photos)

    def change(self, photos: list[Photo]) -> None:
        """Put other photos in place of all."""
        self.photos = sorted(photos)

    def answer(self, params: Mapping[str, str]) -> bytes:
        """Answer a search as the site does: inclusive bounds, 4,000 results, then the last page again."""
        if self.before_call is not None:
            self.before_call(self, len(self.calls))
        self.calls.append(params)
        params = self.change_params(dict(params))
        lowest = bisect.bisect_left(self.photos, Photo(int(params.get("min_upload_date", 0)), ""))
        highest = bisect.bisect_right(self.photos, Photo(int(params.get("max_upload_date", 2**40)), "~"))
        assert int(params.get("min_upload_date", 0)) <= int(params.get("max_upload_date", 2**40)), "illogical arguments"
        found = self.photos[lowest:highest]
        if licences := set(filter(None, params.get("license", "").split(","))):
            found = [photo for photo in found if photo.licence in licences]
        if params.get("sort") == "date-posted-desc":
            found.reverse()
        size = int(params["per_page"])
        assert 1 <= size <= PER_PAGE
        reachable = found[: self.cap]
        page = max(1, int(params["page"]))
        shown = min(page, -(-len(reachable) // size)) if len(found) > self.cap else page
        records = [self.change_record(_record(photo)) for photo in reachable[max(0, shown - 1) * size : shown * size]]
        envelope = {"page": page, "pages": -(-len(found) // size), "perpage": size, "total": self.total_of(len(found))}
        return json.dumps({"photos": {**envelope, "photo": records}, "stat": "ok"}).encode()


def _record(photo: Photo) -> dict[str, Any]:
    return {"id": photo.photo_id, "dateupload": str(photo.upload), "license": photo.licence, "media": "photo"}


@dataclass
class Crawl:
    """What came of reading a query: ids stored, results counted, calls made."""

    stored: set[str] = field(default_factory=set)
    seen: int = 0
    refused: dict[Refusal, int] = field(default_factory=dict)
    calls: int = 0
    unreachable: int = 0
    query_total: int | None = None
    notes: list[str] = field(default_factory=list)
    follow_ups: list[WantedQuery] = field(default_factory=list)
    windows: list[NewWindow] = field(default_factory=list)
    totals: list[int | None] = field(default_factory=list)
    seen_of: list[int] = field(default_factory=list)
    ranks: list[int | None] = field(default_factory=list)


def crawl(site: Flickr, *, most_calls: int = 2000, **settings: Any) -> Crawl:
    """Read all windows of one query as the crawler does: each cursor goes through JSON, as through the catalog."""
    reader = FlickrSite(CrawlSettings(**settings), planned_at=NOW)
    (wanted,) = reader.wanted_queries(Name("Marta_Quillon", "Marta Quillon"), {})
    done = Crawl()
    open_windows = deque([wanted.window])
    while open_windows:
        first = open_windows.popleft()
        done.windows.append(first)
        done.totals.append(None)
        done.seen_of.append(0)
        window: Window | None = _window(first)
        while window is not None:
            done.calls += 1
            assert done.calls <= most_calls, "the crawl does not end"
            ask = reader.ask(window, API)
            step = reader.read(window, site.answer(ask.params), {})
            assert not isinstance(step, SiteFault), step
            _count(done, step)
            done.seen_of[-1] += step.seen
            done.totals[-1] = step.total if done.totals[-1] is None else done.totals[-1]
            open_windows.extend(step.children)
            window = _next(window, step)
    return done


def _count(done: Crawl, step: Step) -> None:
    done.stored.update(photo.site_id for photo in step.photos)
    done.ranks += [photo.rank for photo in step.photos]
    done.seen += step.seen
    done.unreachable += step.unreachable
    for reason, count in step.refused.items():
        done.refused[reason] = done.refused.get(reason, 0) + count
    done.query_total = step.query_total if done.query_total is None else done.query_total
    done.notes += [step.note] if step.note else []
    done.follow_ups += step.follow_ups


def _window(new: NewWindow) -> Window:
    return Window(
        1, 1, 1, "Marta_Quillon", "Marta Quillon", '"Marta Quillon"', "phrase",
        new.licences, new.min_upload, new.max_upload, new.sort, _through_json(new.cursor), 0, None,
    )  # fmt: skip


def _next(window: Window, step: Step) -> Window | None:
    if step.cursor is None:
        return None
    total = window.total if window.total is not None else step.total
    return replace(window, cursor=_through_json(step.cursor), steps=window.steps + 1, total=total)


def _through_json(cursor: Mapping[str, Any] | None) -> Any:
    return None if cursor is None else json.loads(json.dumps(cursor))


def photos_of(count: int, *, seed: int, licences: str = "4", span_s: int = 400_000_000, first: int = 0) -> list[Photo]:
    """Return photos with random upload seconds and licences (of a string of ids with commas)."""
    chance = random.Random(seed)
    ids = licences.split(",")
    return [
        Photo(1_200_000_000 + chance.randrange(span_s), f"{first + number:011d}", chance.choice(ids))
        for number in range(count)
    ]
