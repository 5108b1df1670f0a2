"""How large a synthetic site is: its names, and how many photos each has."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agegap.errors import WrongUse
from crawler.photosite.chance import shares

MOST_SMALL = 400
"""Photos of a name that is not large: 1 to so many, small numbers more often."""

MOST_NAMES = 160_000
MOST_EACH = 1_000_000

_STARTS = [start + vowel for start in "BDFGKLMNPR" for vowel in "aeio"][:20]
_ENDS = [f"{start}{end}" for start in "bdfgklmnrs" for end in ("ar", "el")]
_COUNT_SALT = 11


@dataclass(frozen=True)
class Plan:
    """`names` names, the first `large` of them with `each` photos, the others with 1 to MOST_SMALL."""

    names: int
    large: int
    each: int
    seed: int = 0


def read_plan(text: str, *, seed: int) -> Plan:
    """Read NAMES,LARGE,EACH; raise WrongUse with what is wrong."""
    parts = text.split(",")
    if len(parts) != 3 or not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        raise WrongUse(f"--big {text}: write NAMES,LARGE,EACH, for example --big 2000,30,20000")
    names, large, each = map(int, parts)
    if not 1 <= names <= MOST_NAMES or large > names or not 1 <= each <= MOST_EACH:
        raise WrongUse(f"--big {text}: NAMES is 1 to {MOST_NAMES:,}, LARGE at most NAMES, EACH 1 to {MOST_EACH:,}")
    return Plan(names, large, each, seed)


def name_of(number: int) -> str:
    """Return the name of this number as a names list has it, two words that no other name has in this order.

    The parts of a name run through their combinations, so that neighbours share their first word.
    """
    base = len(_STARTS) * len(_ENDS)
    given, family = divmod(number, base)
    return f"{_word(given)}_{_word(family)}"


def _word(number: int) -> str:
    return _STARTS[number // len(_ENDS)] + _ENDS[number % len(_ENDS)]


def photo_counts(plan: Plan) -> NDArray[np.int64]:
    """Return how many photos each name owns."""
    drawn = shares(np.arange(plan.names, dtype=np.uint64), plan.seed * 1000 + _COUNT_SALT)
    counts = np.floor(MOST_SMALL**drawn).astype(np.int64)
    counts[: plan.large] = plan.each
    return counts
