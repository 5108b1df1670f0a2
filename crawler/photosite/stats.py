"""What the site saw: it counts for itself, so that a crawl can be checked by another road than its own tally."""

from collections import Counter
from typing import Any


class SiteStats:
    """Counts of calls, refusals and images since the start or the last reset."""

    def __init__(self) -> None:
        self.calls = 0
        self.by_method: Counter[str] = Counter()
        self.api_refused: Counter[str] = Counter()
        self.image_requests = 0
        self.image_refused: Counter[str] = Counter()
        self.image_bytes = 0
        self.served: Counter[str] = Counter()

    def count_call(self, method: str) -> None:
        """Count a call of the API, whatever comes of it."""
        self.calls += 1
        self.by_method[method] += 1

    def count_image(self, photo_id: str, size: int) -> None:
        """Count an image that was sent whole."""
        self.served[photo_id] += 1
        self.image_bytes += size

    def as_dict(self, largest_calls: dict[str, int], *, with_photos: bool) -> dict[str, Any]:
        """Return the counts as JSON has them; `with_photos` adds how often each photo was sent whole."""
        content: dict[str, Any] = {
            "calls": self.calls,
            "calls_by_method": dict(self.by_method),
            "api_refused": dict(self.api_refused),
            "largest_calls_in_a_window": max(largest_calls.values(), default=0),
            "largest_calls_by_key": largest_calls,
            "image_requests": self.image_requests,
            "images_served": self.served.total(),
            "image_bytes": self.image_bytes,
            "image_refused": dict(self.image_refused),
            "photos_served": len(self.served),
            "photos_served_again": sum(count > 1 for count in self.served.values()),
        }
        if with_photos:
            content["served"] = dict(self.served)
        return content
