"""Pictures of what was found in a net, as PNG."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agegap.files import atomic_path
from train.plots.canvas import ACCENT, INK, QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from train.geometric.landmarks import Landmarks
    from train.geometric.wrinkles import View

Picture = NDArray[np.uint8]
Field = NDArray[np.float64]

_DOTS_PER_INCH = 110
_TILE_INCHES = 1.05
_WIDE_INCHES = 2.0
_MOST = 99.0  # percentile of |years| that gets the full colour: one bright pixel must not hide the others


def draw_maps(path: Path, crop: Picture, maps: Mapping[str, Sequence[tuple[int, Field]]], *, title: str) -> None:
    """Write a sheet with a row for each layer: the face, then channels (number, map), each from black to white."""
    columns = 1 + max(len(row) for row in maps.values())
    with _sheet(path, len(maps), columns, tile=_TILE_INCHES, title=title) as grid:
        for row, (name, channels) in zip(grid, maps.items(), strict=True):
            _picture(row[0], crop, f"{name}\n{_size(channels)}")
            for axes, (number, field) in zip(row[1:], channels, strict=False):
                axes.imshow(field, cmap="gray", interpolation="nearest")
                axes.set_title(str(number), fontsize=6, color=QUIET, pad=2)


def draw_attribution(path: Path, crop: Picture, fields: Mapping[str, Field], *, title: str) -> None:
    """Write a sheet with the face and each field of years beside it: red made the face older, blue younger."""
    with _sheet(path, 1, 1 + len(fields), tile=_WIDE_INCHES, title=title, height=0.95) as grid:
        _picture(grid[0][0], crop, "the net's crop", size=8)
        for axes, (name, field) in zip(grid[0][1:], fields.items(), strict=True):
            end = float(np.percentile(np.abs(field), _MOST)) or 1.0
            _grey(axes, crop, field.shape[0])
            shown = axes.imshow(field, cmap="RdBu_r", vmin=-end, vmax=end, alpha=0.65, interpolation="bilinear")
            axes.set_title(name, fontsize=8, color=INK, pad=3)
            bar = axes.figure.colorbar(shown, ax=axes, shrink=0.8, pad=0.02)
            bar.ax.tick_params(labelsize=6, colors=QUIET)
            bar.outline.set_visible(False)


def draw_measures(path: Path, crop: Picture, points: "Landmarks", view: "View", *, title: str) -> None:
    """Write a sheet of the hand-made features: the points, the boxes on the upright view, the edges."""
    with _sheet(path, 1, 3, tile=_WIDE_INCHES, title=title) as grid:
        face, upright, edges = grid[0]
        _picture(face, crop, "points and distances", size=8)
        for point in (points.nose, points.mouth, points.chin):
            face.plot(*zip(points.middle, point, strict=True), color=ACCENT, linewidth=0.8)
        face.plot(*zip(points.left_eye, points.right_eye, strict=True), color=ACCENT, linewidth=0.8)
        face.scatter(*np.array(list(vars(points).values())).T, s=9, color=ACCENT)
        for axes, shown, name in ((upright, view.grey, "regions"), (edges, view.edges, "edges")):
            axes.imshow(shown, cmap="gray")
            axes.set_title(name, fontsize=8, color=INK, pad=2)
            for left, top, right, bottom in (box for boxes in view.boxes.values() for box in boxes):
                x, y = (left, right, right, left, left), (top, top, bottom, bottom, top)
                axes.plot(x, y, color=ACCENT, linewidth=0.8)


def _grey(axes: "Axes", crop: Picture, side: int) -> None:
    grey = crop.astype(np.float64).mean(axis=2)
    axes.imshow(grey, cmap="gray", vmin=0, vmax=255, extent=(-0.5, side - 0.5, side - 0.5, -0.5))


def _picture(axes: "Axes", crop: Picture, title: str, *, size: int = 6) -> None:
    axes.imshow(crop)
    axes.set_title(title, fontsize=size, color=INK, pad=2)


def _size(channels: Sequence[tuple[int, Field]]) -> str:
    return "x".join(str(side) for side in channels[0][1].shape) if channels else ""


@contextmanager
def _sheet(
    path: Path, rows: int, columns: int, *, tile: float, title: str, height: float = 1.18
) -> Iterator[list[list[Any]]]:
    """Yield axes in rows and columns; write them to `path`, whole or not at all."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = (columns * tile, rows * tile * height + 0.35)
    figure = Figure(figsize=size, dpi=_DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.ravel():
        axes.set_axis_off()
    figure.suptitle(title, fontsize=10, color=INK, x=0.01, ha="left")
    yield [list(row) for row in grid]
    with atomic_path(path) as part:
        figure.savefig(part, format="png", metadata={"Software": None})
