"""How wide "circa" is: a rule of each house that writes it, kept as data in circa.json.

Of 19,122 Carnegie dates "c. YYYY" half mean three years to each side and half five; Tate stores the bare year; the
annotation guideline says two. So the width is a setting of the source, never a fact of the word.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

_JULIAN = (300, 1582)
"""First year in which the two calendars differ by a day or more in that direction, last full year before the change."""


@dataclass(frozen=True)
class Convention:
    """One house's way of turning words into years; widths are years to each side."""

    single: int
    """Of "c. 1955"."""
    uncertain: int
    """Of "1955?"."""
    span: int
    """Of "c. 1953-1965"."""
    decade: int
    """Of "c. 1940s"."""
    early_years: int = 4
    """Years in the early part of a decade."""
    counts_printing: bool = False
    """Whether "1972, printed 2010" runs to 2010."""
    julian_shift: int = 0
    """Added to years of the Julian calendar: -1 where a catalogue's software turned 1520 into 1519."""
    span_from_year: int = 10_000
    """First year of a span that is not widened, if it also ends in `span_to_year` or later."""
    span_to_year: int = 0

    def widened(self, first: int, last: int, *, unit: str, is_circa: bool, is_uncertain: bool) -> tuple[int, int]:
        """Return the interval as the house means it."""
        width = 0
        if is_circa:
            width = {"year": self.single, "decade": self.decade}.get(
                unit, self.span if first < self.span_from_year or last < self.span_to_year else 0
            )
        elif is_uncertain and unit == "year":
            width = self.uncertain
        return self._shifted(first) - width, self._shifted(last) + width

    def _shifted(self, year: int) -> int:
        return year + self.julian_shift if _JULIAN[0] <= year <= _JULIAN[1] else year


@lru_cache(maxsize=1)
def conventions() -> dict[str, Convention]:
    """Read circa.json: the conventions by the name their source begins with."""
    text = resources.files(__package__).joinpath("circa.json").read_text("utf-8")
    return {name: Convention(**fields) for name, fields in json.loads(text).items()}


_CARNEGIE_STYLE = re.compile(r"(?i)\bc\. \d{3,4}\b(?! ?s)")


def convention_of(source: str | None, text: str | None = None) -> Convention:
    """Return the convention of a source ("cmoa", "tate"); of a bare date text without one, that of its spelling.

    "c. 1953" with a blank is Carnegie's house style; other spellings of a bare text are taken as written.
    """
    known = conventions()
    if source:
        for name, convention in known.items():
            if source.lower().startswith(name):
                return convention
    if text is None:
        return known["guideline"]
    return known["cmoa"] if _CARNEGIE_STYLE.search(text) else known["as written"]
