"""Counting a look-up while it runs, and its result."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from crawler.sites.wikidata.scoring import Verdict
from db.subjects import LookupCounts


@dataclass
class BirthsTally:
    """What this run did; `after` is what the catalog holds at its end."""

    after: LookupCounts = field(default_factory=lambda: LookupCounts({}, 0, 0, 0))
    looked_up: int = 0
    accepted: int = 0
    births: int = 0
    left_open: Counter[str] = field(default_factory=Counter)
    names_failed: int = 0
    calls: int = 0
    calls_retried: int = 0
    names_total: int = 0
    started: float = field(default_factory=time.monotonic)

    def count(self, verdict: Verdict) -> None:
        """Count one look-up."""
        self.looked_up += 1
        if verdict.accepted is None:
            self.left_open[verdict.why or "left open"] += 1
            return
        self.accepted += 1
        self.births += verdict.accepted.person.birth.year_min is not None

    def line(self) -> str:
        """Return how far the look-up is, as one line."""
        seconds = max(time.monotonic() - self.started, 1e-3)
        parts = [
            f"wikidata: names {self.looked_up}/{self.names_total}",
            f"{self.accepted} found",
            f"{self.births} with a birth date",
            f"{self.left_open.total()} left open",
            f"{self.calls / seconds:.1f} calls/s",
        ]
        return ", ".join([*parts, *([f"{self.names_failed} failed"] if self.names_failed else [])])

    def result(self) -> dict[str, Any]:
        """Return the final tally: this run, and what the catalog knows after it."""
        after = self.after
        return {
            "site": "wikidata",
            "names": {
                "total": sum(after.states.values()),
                **{state: after.states.get(state, 0) for state in ("done", "pending", "failed")},
                "accepted": after.accepted,
                "left_open": after.left_open,
                "nobody": after.nobody,
            },
            "this_run": {
                "looked_up": self.looked_up,
                "accepted": self.accepted,
                "births": self.births,
                "left_open": dict(sorted(self.left_open.items())),
                "failed": self.names_failed,
                "api_calls": self.calls,
                "api_calls_retried": self.calls_retried,
                "seconds": round(time.monotonic() - self.started, 3),
            },
        }

    def stats(self) -> dict[str, float]:
        """Return the numbers of this run under flat names, as Scrapy's stats have them."""
        flat: dict[str, float] = {}
        for name, value in self.result()["this_run"].items():
            if isinstance(value, dict):
                flat.update({f"agegap/{name}/{reason}": count for reason, count in value.items()})
            else:
                flat[f"agegap/{name}"] = value
        return flat
