"""Drawings as inline SVG: sharp at any size, the colours of the page, a few kilobytes each."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agegap.html import Html, element

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 420.0, 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 10.0, 10.0, 34.0
_TICKS = 5
COLOURS = 4
"""Classes c0..c3 of the style; a fifth line begins again with the first."""


@dataclass(frozen=True)
class Frame:
    """The ranges of both axes and their names."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_name: str
    y_name: str

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point is drawn."""
        across = (x - self.x[0]) / ((self.x[1] - self.x[0]) or 1)
        up = (y - self.y[0]) / ((self.y[1] - self.y[0]) or 1)
        return (
            round(_LEFT + across * (_WIDTH - _LEFT - _RIGHT), 1),
            round(_HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM), 1),
        )


def lines(
    curves: Mapping[str, Points], *, x_name: str, y_name: str, y_from_zero: bool = True, diagonal: bool = False
) -> Html:
    """Draw each curve in its colour, the names in a key below where there are several; `diagonal` adds y = x."""
    points = [point for curve in curves.values() for point in curve]
    lowest = 0.0 if y_from_zero else min(y for _, y in points)
    frame = Frame(_range(points, 0), (min(lowest, _range(points, 1)[0]), _range(points, 1)[1]), x_name, y_name)
    inside: list[Html] = []
    if diagonal:
        frame = Frame((0, 1), (0, 1), x_name, y_name)
        inside.append(_segment(frame, (0, 0), (1, 1), "axis"))
    for number, curve in enumerate(curves.values()):
        shown = " ".join(",".join(map(str, frame.place(x, y))) for x, y in curve if math.isfinite(y))
        inside.append(element("polyline", points=shown, class_=f"c{number % COLOURS}"))
    drawn = _drawing(frame, inside)
    return Html(drawn + key(list(curves))) if len(curves) > 1 else drawn


def scatter(points: Points, *, x_name: str, y_name: str) -> Html:
    """Draw dots and the line on which both are equal, on one scale for both axes."""
    end = max([1.0, *(max(point) for point in points)]) * 1.02
    frame = Frame((0, end), (0, end), x_name, y_name)
    places = (frame.place(*point) for point in points)
    dots = [element("circle", cx=x, cy=y, r=1.8, opacity=0.45, class_="c0") for x, y in places]
    return _drawing(frame, [_segment(frame, (0, 0), (end, end), "axis"), *dots])


def bars(heights: Mapping[str, float], second: Mapping[str, float], *, y_name: str, names: tuple[str, str]) -> Html:
    """Draw a bar each and a dot for the `second` value; names of both in a key below."""
    values = [*heights.values(), *second.values(), 0.0]
    low, high = min(values), max(values)
    frame = Frame((0, max(1, len(heights))), (low * 1.05, high * 1.08 or 1.0), "", y_name)
    inside: list[Html] = []
    for number, (name, height) in enumerate(heights.items()):
        left, top = frame.place(number + 0.15, max(height, 0))
        right, ground = frame.place(number + 0.85, min(height, 0))
        middle = (left + right) / 2
        inside.append(
            element("rect", x=left, y=top, width=right - left, height=max(0.5, ground - top), rx=2, class_="c0")
        )
        inside.append(element("text", name, x=middle, y=_HEIGHT - _BOTTOM + 15, text_anchor="middle"))
        if name in second:
            inside.append(element("circle", cx=middle, cy=frame.place(0, second[name])[1], r=4, class_="c1"))
    inside.append(_segment(frame, (0, 0), (frame.x[1], 0), "axis"))
    return Html(_drawing(frame, inside, x_ticks=False) + key(names))


def key(names: Sequence[str]) -> Html:
    """Return the names of curves beside their colours."""
    shown = [element("span", element("i", class_=f"c{number % COLOURS}"), name) for number, name in enumerate(names)]
    return element("div", shown, class_="key")


def _drawing(frame: Frame, inside: Sequence[Html], *, x_ticks: bool = True) -> Html:
    parts: list[Html] = []
    for value in _ticks(*frame.y):
        parts.append(_segment(frame, (frame.x[0], value), (frame.x[1], value), "grid"))
        at = frame.place(frame.x[0], value)
        parts.append(element("text", f"{value:g}", x=at[0] - 5, y=at[1] + 4, text_anchor="end"))
    for value in _ticks(*frame.x) if x_ticks else ():
        at = frame.place(value, frame.y[0])
        parts.append(element("text", _short(value), x=at[0], y=_HEIGHT - _BOTTOM + 15, text_anchor="middle"))
    parts.append(element("text", frame.x_name, x=_WIDTH - _RIGHT, y=_HEIGHT - 4, text_anchor="end"))
    parts.append(element("text", frame.y_name, x=_LEFT + 4, y=_TOP + 8))
    label = f"{frame.y_name} against {frame.x_name}".strip()
    return element("svg", parts, inside, viewBox=f"0 0 {_WIDTH:g} {_HEIGHT:g}", role="img", aria_label=label)


def _segment(frame: Frame, start: tuple[float, float], end: tuple[float, float], name: str) -> Html:
    (x1, y1), (x2, y2) = frame.place(*start), frame.place(*end)
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=name)


def _range(points: Points, axis: int) -> tuple[float, float]:
    values = [point[axis] for point in points if math.isfinite(point[axis])] or [0.0, 1.0]
    low, high = min(values), max(values)
    return (low, high) if high > low else (low, low + 1.0)


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers within a range, about five."""
    rough = (high - low) / _TICKS
    power = 10 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    step = min((power * factor for factor in (1, 2, 5, 10) if power * factor >= rough), default=power)
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 10) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _short(value: float) -> str:
    return f"{value / 1000:g}k" if value >= 10_000 else f"{value:g}"
