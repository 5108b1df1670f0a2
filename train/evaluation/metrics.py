"""How good predicted ages are, in the measures the field compares: numpy in, numbers out.

Ages in years and never rounded; shares are 0..1, not percent. Reference equations 1.4.
"""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

CS_TOLERANCE = 5.0
"""Years; CS(5) is the cumulative score papers report."""

CURVE_TOLERANCES = tuple(range(1, 11))
"""Years of the curve CS(1) to CS(10)."""

STD_FLOOR = 0.1
"""Years; an apparent age on which all raters agreed would make any error at all count as 1."""


class DecadeMetrics(TypedDict):
    """Error on the faces of one decade of true age."""

    count: int
    mae: float
    bias: float


class AgeMetrics(TypedDict):
    """What `evaluate_ages` measures; ready for JSON."""

    count: int
    mae: float
    """Mean absolute error, years."""
    median_error: float
    """Median absolute error, years."""
    bias: float
    """Mean of predicted - true, years; above 0 the faces are said too old."""
    cs5: float
    """Share of faces with an absolute error of at most 5 years."""
    coverage90: float | None
    """Share of faces whose true age lies in their 90 % interval; None where no interval was given."""
    per_decade: dict[str, DecadeMetrics]
    """By decade of true age, "0-9", "10-19"...; decades without a face are left out."""


def mae(true: ArrayLike, predicted: ArrayLike) -> float:
    """Return the mean absolute error in years."""
    return float(np.abs(_errors(true, predicted)).mean())


def bias(true: ArrayLike, predicted: ArrayLike) -> float:
    """Return the mean of predicted - true in years."""
    return float(_errors(true, predicted).mean())


def cumulative_score(errors: ArrayLike, tolerance: float = CS_TOLERANCE) -> float:
    """Return CS(tolerance): the share of `errors` (signed or absolute, years) of at most `tolerance`, inclusive."""
    values = _values("errors", errors)
    return float((np.abs(values) <= tolerance).mean())


def cs_curve(errors: ArrayLike, tolerances: Sequence[int] = CURVE_TOLERANCES) -> dict[str, float]:
    """Return CS(tolerance) of each whole number of years, by its text: "1" to "10"."""
    return {str(years): cumulative_score(errors, years) for years in tolerances}


def interval_coverage(true: ArrayLike, low: ArrayLike, high: ArrayLike) -> float:
    """Return the share of true ages within their interval, ends included."""
    ages, bottom, top = _values("true", true), _values("low", low), _values("high", high)
    _same_length(true=ages, low=bottom, high=top)
    return float(((bottom <= ages) & (ages <= top)).mean())


def epsilon_error(
    rated_mean: ArrayLike, rated_std: ArrayLike, predicted: ArrayLike, *, std_floor: float = STD_FLOOR
) -> float:
    """Return the mean of 1 - exp(-(x - mu)^2 / 2 s^2), the ChaLearn error for apparent ages; 0 is best, 1 worst.

    `rated_mean` and `rated_std` are of the raters of each face; a smaller std than `std_floor` counts as that.
    """
    error = _errors(rated_mean, predicted)
    std = np.maximum(_values("rated_std", rated_std), std_floor)
    _same_length(rated_mean=error, rated_std=std)
    return float(-np.expm1(-0.5 * (error / std) ** 2).mean())


def per_decade(true: ArrayLike, predicted: ArrayLike) -> dict[str, DecadeMetrics]:
    """Return count, MAE and bias by decade of true age, youngest first; decades without a face are left out."""
    error = _errors(true, predicted)
    decade = (np.floor(_values("true", true) / 10) * 10).astype(int)
    table: dict[str, DecadeMetrics] = {}
    for start in np.unique(decade):
        of_decade = error[decade == start]
        table[f"{start}-{start + 9}"] = DecadeMetrics(
            count=int(of_decade.size), mae=float(np.abs(of_decade).mean()), bias=float(of_decade.mean())
        )
    return table


def evaluate_ages(
    true: ArrayLike, predicted: ArrayLike, low: ArrayLike | None = None, high: ArrayLike | None = None
) -> AgeMetrics:
    """Return all measures of `predicted` ages (N,) against `true` ages (N,), with their 90 % interval if given.

    Raises ValueError where there is no face, where lengths differ, or where a value is not a finite number.
    """
    if (low is None) != (high is None):
        raise ValueError("an interval needs both low and high")
    error = _errors(true, predicted)
    return AgeMetrics(
        count=int(error.size),
        mae=mae(true, predicted),
        median_error=float(np.median(np.abs(error))),
        bias=bias(true, predicted),
        cs5=cumulative_score(error),
        coverage90=None if low is None or high is None else interval_coverage(true, low, high),
        per_decade=per_decade(true, predicted),
    )


def _errors(true: ArrayLike, predicted: ArrayLike) -> NDArray[np.float64]:
    """Return predicted - true (N,), checked."""
    ages, said = _values("true", true), _values("predicted", predicted)
    _same_length(true=ages, predicted=said)
    return said - ages


def _values(name: str, values: ArrayLike) -> NDArray[np.float64]:
    # float64 also for float32 input: an error of exactly 5 must not depend on how a sum was rounded.
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not array.size:
        raise ValueError(f"{name} must be a row of at least one number, not of shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds {int((~np.isfinite(array)).sum())} values that are not finite")
    return array


def _same_length(**arrays: NDArray[np.float64]) -> None:
    if len({array.size for array in arrays.values()}) > 1:
        raise ValueError("lengths differ: " + ", ".join(f"{name} {array.size}" for name, array in arrays.items()))
