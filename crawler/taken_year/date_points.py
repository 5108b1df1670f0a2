"""One date of a date text: a year, a decade or a century, with the qualifiers around it."""

import re
from dataclasses import dataclass, replace

from crawler.taken_year.circa import Convention
from crawler.taken_year.words import vocabulary

_ROMAN = re.compile(r"(x{0,2})(ix|iv|v?i{0,3})(?:e|eme|th)?$")
MAYBE = frozenset({"probably", "possibly", "perhaps", "maybe", "uncertain", "vermutlich", "wohl"})
ORDINALS = {"first": "early", "1st": "early", "second": "late", "2nd": "late", "last": "late", "latter": "late"}
VERBS = frozenset({"digitised", "published", "built", "taken", "date_label", "photo"})
WORK_WORDS = frozenset(
    {"printed", "cast", "exhibited", "active", "completed", "manufactured", "modeled", "modelled", "drawn", "project",
     "designed", "fabricated", "made", "posthumously", "later", "and", "model", "additions", "with", "reproduced",
     "carved", "painted", "executed", "conceived", "produced", "issued", "edition", "first"}
)  # fmt: skip
SEASONAL = frozenset({"season", "winter", "holiday", "filler", "decade_lead"})


@dataclass(frozen=True)
class Point:
    """One date: its years, EDTF, unit ("year", "decade", "century"), and whether it is about, doubted or one-sided."""

    first: int
    last: int
    edtf: str
    unit: str
    circa: bool = False
    maybe: bool = False
    side: str = ""

    def before_christ(self) -> "Point":
        """Return the same date counted backwards."""
        return replace(self, first=-self.last, last=-self.first, edtf=f"{-self.last:05d}")

    @property
    def sign(self) -> str:
        """The EDTF sign of its qualifiers."""
        return "%" if self.circa and self.maybe else "~" if self.circa else "?" if self.maybe else ""


@dataclass
class Item:
    """A date or a range with the verbs before it and the sign that parts it from the one before."""

    points: tuple[Point, ...]
    verbs: set[str]
    separator: str


def number_of_century(token: str) -> int | None:
    """Return the number that "19th", "19" or "xix" means as a century, or None."""
    digits = token.rstrip("stndrh")
    if digits.isdecimal():
        return int(digits) if 1 <= int(digits) <= 21 and len(digits) <= 2 else None
    if token and (roman := _ROMAN.match(token)) and roman[0]:
        ones = {"ix": 9, "iv": 4, "": 0}.get(roman[2], 5 * ("v" in roman[2]) + roman[2].count("i"))
        return 10 * len(roman[1]) + ones or None
    return None


def part_of(first: int, last: int, unit: str, part: str, convention: Convention) -> tuple[int, int, str]:
    """Return first year, last year and EDTF of the early, mid or late part ("early-mid" too) of a decade or century."""
    shares = {"early": (0.0, convention.early_years / 10), "mid": (0.4, 0.7), "late": (0.7, 1.0)}
    if unit == "century":
        shares = {"early": (0.0, 0.5), "mid": (0.33, 0.67), "late": (0.5, 1.0)}
    elif unit == "year":
        return first, last, f"{first:04d}"
    size = last - first + 1
    opening, _, closing = part.partition("-")
    start, end = int(shares[opening][0] * size), int(shares[closing or opening][1] * size)
    return first + start, first + end - 1, f"{first + start:04d}/{first + end - 1:04d}"


def decade_suffix(text: str, end: int) -> int:
    """Return the length of what makes a decade of the number that ends at `end`: s, er Jahre; 0 for nothing."""
    for suffix in vocabulary().decade_suffixes:
        if text.startswith(suffix, end) and not text[end + len(suffix) : end + len(suffix) + 1].isalnum():
            return len(suffix)
    return 0
