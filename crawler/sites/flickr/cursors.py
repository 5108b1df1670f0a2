"""Where a window goes on, as the catalog keeps it (JSON)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class KeysetCursor:
    """Go on from upload second `start` (None: the window's own start); `seen` are ids that are not to be counted again.

    `rank` is the place of the next result, `is_again` whether this answer was doubted and is asked for once more.
    """

    start: int | None = None
    seen: frozenset[str] = frozenset()
    rank: int = 0
    is_again: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        again = {"again": True} if self.is_again else {}
        return {"from": self.start, "seen": sorted(self.seen), "rank": self.rank, **again}


@dataclass(frozen=True)
class PagesCursor:
    """Go on behind place `end` of the results, by page numbers.

    `seen` are the ids of this direction, a run without a gap from its first result on; `below` those that were read
    from the other end, `below_count` how many results those were; `told` are more ids that were counted elsewhere.
    `reached` is the farthest place that brought news, `stale` how many answers in a row brought none. `tries` counts
    looks for the place where pages join, `gaps` all of them. Results older than `counted_to` were counted before.
    `start` narrows the window's own start.
    """

    end: int = 0
    seen: frozenset[str] = frozenset()
    start: int | None = None
    below: frozenset[str] = frozenset()
    below_count: int = 0
    told: frozenset[str] = frozenset()
    reached: int = 0
    stale: int = 0
    tries: int = 0
    gaps: int = 0
    counted_to: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object; what is as by default is left out."""
        words: dict[str, Any] = {
            "seen": sorted(self.seen),
            "from": self.start,
            "below": sorted(self.below),
            "below_count": self.below_count,
            "told": sorted(self.told),
            "reached": self.reached,
            "stale": self.stale,
            "tries": self.tries,
            "gaps": self.gaps,
            "counted_to": self.counted_to,
        }
        return {"end": self.end, **{word: value for word, value in words.items() if value}}


def read_cursor(words: Mapping[str, Any] | None) -> KeysetCursor | PagesCursor:
    """Return the cursor that `words` of the catalog mean; None is the start of a window."""
    if words is None:
        return KeysetCursor()
    if "end" not in words:
        return KeysetCursor(
            start=words.get("from"),
            seen=_ids(words.get("seen", ())),
            rank=words.get("rank", 0),
            is_again=words.get("again", False),
        )
    return PagesCursor(
        end=words["end"],
        seen=_ids(words.get("seen", ())),
        start=words.get("from"),
        below=_ids(words.get("below", ())),
        below_count=words.get("below_count", 0),
        told=_ids(words.get("told", ())),
        reached=words.get("reached", words["end"]),
        stale=words.get("stale", 0),
        tries=words.get("tries", 0),
        gaps=words.get("gaps", 0),
        counted_to=words.get("counted_to"),
    )


def _ids(words: Iterable[str]) -> frozenset[str]:
    return frozenset(words)
