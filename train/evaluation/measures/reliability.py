"""Whether intervals hold what they promise at every level, not at 90 % alone.

A central interval of level p should hold the age of a share p of the faces. The factor measured for 90 % is used at all
levels: what it cannot mend is the shape of the distributions, and that is what the curve shows.
"""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from train.evaluation.calibration import interval_at

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Levels of the table."""

CURVE = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""Levels of the curve and of its mean distance from the diagonal."""


class LevelMetrics(TypedDict):
    """Of one level."""

    coverage: float
    width: float
    """Mean width in years."""


class Reliability(TypedDict):
    """What `reliability` measures; ready for JSON."""

    levels: dict[str, LevelMetrics]
    """By percent: "50", "80", "90", "95"."""
    curve: dict[str, float]
    """Coverage by percent, "5" to "95"."""
    calibration_error: float
    """Mean of |coverage - level| over the curve."""


def reliability(shares: NDArray[np.float32], ages: NDArray[np.floating], *, scale: float | None) -> Reliability:
    """Measure the intervals of distributions (N, C) against true `ages` (N,); `scale` as in `said_ages`."""
    curve, levels = {}, {}
    for level in CURVE:
        low, high = interval_at(shares, scale=scale, coverage=level)
        covered = float(((low <= ages) & (ages <= high)).mean())
        name = f"{round(100 * level)}"
        curve[name] = covered
        if level in LEVELS:
            levels[name] = LevelMetrics(coverage=covered, width=float((high - low).mean()))
    off = np.abs(np.array(list(curve.values())) - np.array(CURVE))
    return Reliability(levels=levels, curve=curve, calibration_error=float(off.mean()))
