"""Counting a crawl while it runs: what this run did, and what the catalog holds."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.sites.found import Step
from db.image_frontier import PhotoOutcome
from db.windows import StoredStep

STATES = {
    "names": ("done", "pending", "failed"),
    "windows": ("done", "leased", "pending", "failed"),
    "photos": ("done", "leased", "pending", "gone", "failed"),
}
"""What the result tells of each kind of row, in this order."""


@dataclass(frozen=True)
class Counts:
    """How many rows of a site are in which state; `queries` and `windows` are those of one list of names."""

    queries: Mapping[str, int] = field(default_factory=dict)
    windows: Mapping[str, int] = field(default_factory=dict)
    photos: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Tally:
    """What this run did; `before` is what the catalog held at its start, None until that has been counted."""

    site: str
    before: Counts | None = None
    after: Counts = field(default_factory=Counts)
    names_total: int = 0
    names_done: int = 0
    windows_done: int = 0
    windows_failed: int = 0
    windows_new: int = 0
    calls: int = 0
    calls_retried: int = 0
    photos_new: int = 0
    photos_known: int = 0
    photos_buried: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    images: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    bytes_kept: int = 0
    started: float = field(default_factory=time.monotonic)

    def count_step(self, step: Step, stored: StoredStep) -> None:
        """Count an answer that was stored."""
        self.photos_new += stored.new_photos
        self.photos_known += stored.known_photos
        self.photos_buried += stored.buried
        self.refused.update({str(reason): count for reason, count in step.refused.items()})
        self.windows_done += stored.is_window_done
        self.windows_new += len(step.children)
        self.names_done += stored.is_query_done

    def count_images(self, outcomes: Sequence[PhotoOutcome]) -> None:
        """Count what became of a batch of images."""
        for outcome in outcomes:
            self.images[outcome.state] += 1
            self.bytes_kept += outcome.byte_count or 0
            self.duplicates += outcome.duplicate_of is not None

    def result(self) -> dict[str, Any]:
        """Return the final tally: this run, and the state of the catalog after it."""
        after = self.after
        return {
            "site": self.site,
            "names": _states("names", after.queries),
            "windows": _states("windows", after.windows),
            "photos": _states("photos", after.photos),
            "this_run": {
                "names_searched": self.names_done,
                "api_calls": self.calls,
                "api_calls_retried": self.calls_retried,
                "photos_new": self.photos_new,
                "photos_known": self.photos_known,
                "photos_refused": dict(sorted(self.refused.items())),
                "photos_taken_down": self.photos_buried,
                "images_fetched": self.images["done"],
                "images_duplicate": self.duplicates,
                "images_gone": self.images["gone"],
                "images_failed": self.images["failed"],
                "megabytes": round(self.bytes_kept / 1e6, 3),
                "seconds": round(self.seconds, 3),
            },
        }

    def stats(self) -> dict[str, float]:
        """Return the numbers of this run under flat names, as Scrapy's stats have them."""
        flat: dict[str, float] = {}
        for name, value in self.result()["this_run"].items():
            if isinstance(value, Mapping):
                flat.update({f"agegap/{name}/{reason}": count for reason, count in value.items()})
            else:
                flat[f"agegap/{name}"] = value
        return flat

    @property
    def seconds(self) -> float:
        """Seconds since the crawl began."""
        return time.monotonic() - self.started


def _states(kind: str, counts: Mapping[str, int]) -> dict[str, int]:
    return {"total": sum(counts.values()), **{state: counts.get(state, 0) for state in STATES[kind]}}
