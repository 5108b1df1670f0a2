"""The figures of an evaluation that fit on a terminal; evaluation.json and the report have all of them."""

from collections.abc import Mapping
from typing import Any

_PLAIN = (
    *("count", "people", "mae", "median_error", "mae_of_median", "bias", "cs5", "epsilon_error"),
    *("coverage90", "mean_interval_width"),
)


def summary(measured: Mapping[str, Any]) -> dict[str, Any]:
    """Return the main figures with their 95 % intervals, the decades, and the age groups in one line each."""
    sure = measured.get("confidence", {})
    lines: dict[str, Any] = {}
    for name in _PLAIN:
        value = measured.get(name)
        if value is None:
            continue
        lines[name] = f"{value:.3f} (95 %: {sure[name][0]:.3f} to {sure[name][1]:.3f})" if name in sure else value
    lines["per_decade"] = {
        name: f"MAE {one['mae']:.2f}, bias {one['bias']:+.2f}, {one['count']} faces"
        for name, one in measured["per_decade"].items()
    }
    for name, found in (measured.get("groups") or {}).items():
        if found:
            score = found["native"]
            lines[f"groups_{name}"] = (
                f"exact {score['exact']:.3f}, one-off {score['one_off']:.3f} of {found['count']} faces"
            )
    return lines
