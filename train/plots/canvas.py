"""How all plots of a run look, and how they are written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agegap.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, QUIET, ACCENT, SECOND = "#22313f", "#8a99a6", "#c2452d", "#2a6f97"

_SIZE_INCHES = (7.0, 4.2)
_DOTS_PER_INCH = 110  # 770 pixels wide: sharp in a report column, 30 to 60 kB


@contextmanager
def plot(path: Path, *, title: str, x: str, y: str) -> Iterator["Axes"]:
    """Yield axes to draw on; write them to `path` as PNG, whole or not at all."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # No pyplot: it keeps figures and looks for a screen.
    figure = Figure(figsize=_SIZE_INCHES, dpi=_DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    axes.set_xlabel(x, color=INK)
    axes.set_ylabel(y, color=INK)
    axes.grid(visible=True, color="#e3e8ec", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, labelsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    yield axes
    with atomic_path(path) as part:
        figure.savefig(part, format="png", metadata={"Software": None})
