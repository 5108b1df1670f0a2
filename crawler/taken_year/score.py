"""The raw score of an answer: log-odds that its year is right, from the rule's own figure, agreement and conflict.

calibration.py turns it into how often answers of that score were right.
"""

import math

from crawler.taken_year.calibration import confidence_of, kind_of
from crawler.taken_year.records import TakenYear

_CLOSEST = 0.0005  # no rule is so sure that its odds leave 2000 to 1


def score_of(share: float) -> float:
    """Return the log-odds of a rule's figure."""
    share = min(max(share, _CLOSEST), 1.0 - _CLOSEST)
    return round(math.log(share / (1.0 - share)), 4)


def calibrated(taken: TakenYear) -> float:
    """Return the calibrated confidence of an answer that has a year, 0.0 for one without."""
    if taken.year is None:
        return 0.0
    return confidence_of(taken.score, kind_of(source=taken.source, is_range=taken.precision == "range"))
