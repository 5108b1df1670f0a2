"""A logistic curve through answers that were right or wrong: Platt's scaling, drawn towards the scores' own word.

Platt 1999, "Probabilistic outputs for support vector machines", with normal priors on slope (around 1) and shift
(around 0) in place of his smoothed targets: where scores hardly differ, data alone would make the slope anything.
"""

from collections.abc import Sequence

from crawler.taken_year.calibration import Curve, to_share

SLOPE_SPREAD = 0.25
"""Standard deviation of the prior of the slope: it stays above 0 however the answers fall, so that order is kept."""

SHIFT_SPREAD = 2.0
"""Of the shift: from 0.5 to 0.88 and back is one such step."""

LEAST_SLOPE = 0.1
_STEPS = 50  # Newton's method needs fewer than ten


def fit_curve(scored: Sequence[tuple[float, bool]]) -> Curve:
    """Return the likeliest curve of answers given as (score, is right), by Newton's method."""
    slope, shift = 1.0, 0.0
    for _ in range(_STEPS):
        slope_rise, shift_rise = -(slope - 1.0) / SLOPE_SPREAD**2, -shift / SHIFT_SPREAD**2
        both, slope_bend, shift_bend = 0.0, SLOPE_SPREAD**-2, SHIFT_SPREAD**-2
        for score, is_right in scored:
            share = to_share(slope * score + shift)
            weight = share * (1.0 - share)
            slope_rise += (is_right - share) * score
            shift_rise += is_right - share
            slope_bend += weight * score * score
            both += weight * score
            shift_bend += weight
        whole = slope_bend * shift_bend - both * both
        slope += (shift_bend * slope_rise - both * shift_rise) / whole
        shift += (slope_bend * shift_rise - both * slope_rise) / whole
    return Curve(round(max(slope, LEAST_SLOPE), 4), round(shift, 4))
