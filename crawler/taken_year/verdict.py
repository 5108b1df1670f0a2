"""What a rule says of a date, and how sure each kind of evidence is."""

from typing import NamedTuple

from crawler.taken_year.records import Role

POINT_AT = 0.9
"""Confidence from which a year is given: "if you would not bet 9 to 1 on a single year, do not give one"."""

WEAK = 0.8
"""Of a date that may well be the photo's, but not at 9 to 1; it is kept as evidence and gives no year."""

CIRCA_WIDTH = 2
"""Years to each side of an approximate one, as the annotation guideline has it."""


class Verdict(NamedTuple):
    """The role of a date by one rule; `confidence` below POINT_AT, or a role that dates no photo, rejects it."""

    role: Role
    rule: str
    confidence: float
    year_min: int | None = None
    year_max: int | None = None


DATING_ROLES: frozenset[Role] = frozenset({"taken", "caption", "event", "anniversary", "relative"})
"""Roles whose year is the year of the photo."""


def rejected(role: Role, rule: str) -> Verdict:
    """Return the verdict of a rule that found what else the date is of."""
    return Verdict(role, rule, 0.0)
