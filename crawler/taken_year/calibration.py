"""From the raw score of an answer to how often answers of that score are right: calibration.json, fitted on data.

A score is log-odds by the rules' own reckoning. `benchmarks/fit_taken_year.py` measures, on dates whose truth nobody
of this project wrote, how often each score was right, and writes the curves down with where they come from.
"""

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

SUREST = 0.995
"""No answer is surer than this: evidence in words is never certain, and no set here has enough rows to say more."""

_FILE = "calibration.json"
_STEEPEST = 30.0  # log-odds beyond which a float says 0 or 1


@dataclass(frozen=True)
class Curve:
    """A logistic curve: the share of right answers of a score is sigmoid(`slope` * score + `shift`).

    Slope 1 and shift 0 take scores at their word. It rises strictly, so that the surer of two answers stays so.
    """

    slope: float
    shift: float

    def at(self, score: float) -> float:
        """Return the share at `score`."""
        return to_share(self.slope * score + self.shift)


AT_ITS_WORD = Curve(1.0, 0.0)
"""The curve of a kind of which there were too few answers."""


def confidence_of(score: float, kind: str) -> float:
    """Return how often answers of this `score` and `kind` are right, 0 to SUREST, three decimals.

    `kind` is the kind of evidence the answer stands on (`kind_of`); one without a curve is taken at its word.
    """
    return round(min(curves().get(kind, AT_ITS_WORD).at(score), SUREST), 3)


def kind_of(*, source: str | None, is_range: bool) -> str:
    """Return the kind of an answer for calibration: the field it stands on, and whether it is the middle of a range."""
    field = source or "none"
    return f"{field}:range" if is_range else field


def to_share(score: float) -> float:
    """Return the share of log-odds."""
    return 1.0 / (1.0 + math.exp(-min(max(score, -_STEEPEST), _STEEPEST)))


@lru_cache(maxsize=1)
def curves() -> dict[str, Curve]:
    """Return the fitted curve of each kind of answer that has one."""
    return {kind: Curve(**curve) for kind, curve in provenance()["curves"].items()}


def provenance() -> dict[str, Any]:
    """Return the whole of calibration.json: the curves, the rules' version they hold for, the data and the day."""
    found: dict[str, Any] = json.loads(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))
    return found
