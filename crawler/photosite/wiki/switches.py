"""Faults of the wikis that a test can switch on while they run, and what was asked of them.

`POST /_control/wiki` with a JSON object of fields changes them, `GET` shows them with the counts.
"""

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass
class WikiFaults:
    """Each `..._every` is a number n: every n-th call or request has the fault; 0 none, 1 all."""

    lag_every: int = 0  # maxlag error for calls that say maxlag; `lag_s` is what it is compared with
    lag_s: float = 7.5
    ratelimited_every: int = 0  # the API's own limit: HTTP 200 with an error
    too_many_every: int = 0  # HTTP 429 before the API is reached
    readonly_every: int = 0
    busy_every: int = 0  # searches the search engine has no room for
    cut_every: int = 0  # JSON that ends in the middle
    image_429_every: int = 0
    retry_after_s: int = 5  # what every refusal says; 0 says nothing
    needs_contact: bool = False  # refuse a User-Agent without an address or @, as Wikimedia does at times
    counts: Counter[str] = field(default_factory=Counter)

    def change(self, values: dict[str, Any]) -> None:
        """Set some of the fields; raise ValueError for what is no field or of another type."""
        kinds = {one.name: type(getattr(self, one.name)) for one in fields(self) if one.name != "counts"}
        for name, value in values.items():
            if name not in kinds or not isinstance(value, (int, float) if kinds[name] is float else kinds[name]):
                raise ValueError(f"{name}={value!r}: the fields are {', '.join(kinds)}")
        for name, value in values.items():
            setattr(self, name, value)

    def strikes(self, name: str) -> bool:
        """Count one chance of a fault and say whether it happens."""
        self.counts[f"chances of {name}"] += 1
        every: int = getattr(self, f"{name}_every")
        if every <= 0 or self.counts[f"chances of {name}"] % every:
            return False
        self.counts[name] += 1
        return True

    def as_dict(self) -> dict[str, Any]:
        """Return the switches and the counts."""
        content = asdict(self)
        content["counts"] = {name: count for name, count in self.counts.items() if not name.startswith("chances")}
        return content
