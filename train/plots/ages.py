"""How good a run is on a test set: predicted against true age, and the error of each decade."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train.evaluation.metrics import DecadeMetrics
from train.plots.canvas import ACCENT, INK, QUIET, SECOND, plot

_MOST_POINTS = 5000  # more hide each other


def draw_ages(
    folder: Path,
    true: NDArray[np.float32],
    predicted: NDArray[np.float64],
    *,
    count: int,
    mae: float,
    per_decade: Mapping[str, DecadeMetrics],
    title: str,
) -> None:
    """Write predicted_against_true.png and error_per_decade.png into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = np.random.default_rng(0).permutation(len(true))[:_MOST_POINTS]
    name = f"{title}: MAE {mae:.2f} years, {count} faces"
    with plot(folder / "predicted_against_true.png", title=name, x="true age", y="predicted age") as axes:
        end = float(max(true.max(), predicted.max(), 1.0)) * 1.03
        axes.plot([0, end], [0, end], color=QUIET, linewidth=1.0)
        axes.scatter(true[shown], predicted[shown], s=7, alpha=0.45, color=SECOND, linewidths=0)
        axes.set_xlim(0, end)
        axes.set_ylim(0, end)
    with plot(folder / "error_per_decade.png", title=f"{title}: error by age", x="true age", y="years") as axes:
        places = np.arange(len(per_decade))
        axes.bar(places, [one["mae"] for one in per_decade.values()], color=SECOND, width=0.7, label="MAE")
        bias = [one["bias"] for one in per_decade.values()]
        axes.plot(places, bias, color=ACCENT, marker="o", markersize=4, linewidth=1.2, label="bias")
        axes.axhline(0, color=INK, linewidth=0.8)
        labels = [f"{name}\n{one['count']}" for name, one in per_decade.items()]
        axes.set_xticks(places, labels, fontsize=8)
        axes.legend(fontsize=8, frameon=False)
