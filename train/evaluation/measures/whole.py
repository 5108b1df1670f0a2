"""All measures of one table of predictions, ready for evaluation.json."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.bins import BINS
from train.evaluation.measures.groups import Groups, evaluate_groups
from train.evaluation.measures.people import Doubt, mean_doubt
from train.evaluation.measures.reliability import reliability
from train.evaluation.metrics import STD_FLOOR, cs_curve, epsilon_error, evaluate_ages, mae
from train.evaluation.said_table import SaidTable


def measure_table(
    table: SaidTable,
    shares: NDArray[np.float32],
    *,
    scale: float | None,
    native: Groups | None = None,
    native_bins: str = "",
    rated_std: NDArray[np.floating] | None = None,
) -> dict[str, Any]:
    """Return all measures of `table`, whose `shares` (N, C) are given at full precision.

    `native` are the groups a net with the classes `native_bins` chose; `rated_std` the spread of the raters of each
    face in years, NaN where unknown: without any the ε-error is None.
    """
    error = table.said - table.age
    people = table.people
    known = None if rated_std is None else np.isfinite(rated_std)
    groups = {
        name: evaluate_groups(table.age, table.said, shares, bins, native=native if name == native_bins else None)
        for name, bins in BINS.items()
    }
    return {
        **evaluate_ages(table.age, table.said, table.low, table.high),
        "people": int(people.max()) + 1,
        "cs": cs_curve(error),
        "mae_of_median": mae(table.age, table.median),
        "mae_of_likeliest": mae(table.age, table.likeliest),
        "epsilon_error": None
        if known is None or rated_std is None or not known.any()
        else epsilon_error(table.age[known], rated_std[known], table.said[known], std_floor=STD_FLOOR),
        "epsilon_faces": 0 if known is None else int(known.sum()),
        "mean_interval_width": float((table.high - table.low).mean()),
        "calibration": reliability(shares, table.age, scale=scale),
        "groups": groups,
        "confidence": confidence(table),
    }


def confidence(table: SaidTable, *, seed: int = 0) -> dict[str, list[float]]:
    """Return the 95 % interval [low, high] of the main measures, people drawn with replacement."""
    error = table.said - table.age
    per_face = {
        "mae": np.abs(error),
        "bias": error,
        "cs5": np.abs(error) <= 5,
        "coverage90": (table.low <= table.age) & (table.age <= table.high),
        "mae_of_median": np.abs(table.median - table.age),
    }
    people = table.people
    return {name: _ends(mean_doubt(values, people, seed=seed)) for name, values in per_face.items()}


def _ends(doubt: Doubt) -> list[float]:
    return [doubt.low, doubt.high]
