"""Where a window of Commons goes on, as the JSON the catalog keeps between two answers.

A batch may come in several answers, each with part of the facts of the same pages. A file is stored with the
answer that has its facts, so all that must be kept of a batch is which pages have been read: 50 numbers, not pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Cursor:
    """`following` is the site's `continue`; `read` the pages of an unfinished batch that are stored or refused.

    `seen` counts the results of all answers so far; `stop_at` those after which the window ends, because another
    one has read the rest; `is_counting` that the next ask is for the number of results; `is_subcategory` that the
    category's own subcategories are not to be asked for.
    """

    following: Mapping[str, str] = field(default_factory=dict)
    read: tuple[int, ...] = ()
    seen: int = 0
    stop_at: int | None = None
    total: int | None = None
    is_counting: bool = False
    is_subcategory: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the cursor as JSON, what is as it was at the start left out."""
        values = {
            "following": dict(self.following),
            "read": list(self.read),
            "seen": self.seen,
            "stop_at": self.stop_at,
            "total": self.total,
            "is_counting": self.is_counting,
            "is_subcategory": self.is_subcategory,
        }
        return {name: value for name, value in values.items() if value not in ({}, [], 0, None, False)} or {"seen": 0}


def read_cursor(stored: Mapping[str, Any] | None) -> Cursor:
    """Return the cursor of a window; a fresh window has none."""
    if not stored:
        return Cursor()
    return Cursor(
        following={str(key): str(value) for key, value in stored.get("following", {}).items()},
        read=tuple(stored.get("read", ())),
        seen=stored.get("seen", 0),
        stop_at=stored.get("stop_at"),
        total=stored.get("total"),
        is_counting=stored.get("is_counting", False),
        is_subcategory=stored.get("is_subcategory", False),
    )
