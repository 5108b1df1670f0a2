"""Parallel coordinates as inline SVG: an axis a setting, the error last, a line a trial."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agegap.html import Html, element
from train.tuning.space import Choices, Range, Space

_STEP, _HEIGHT = 130.0, 300.0
_SIDE, _TOP, _BOTTOM = 60.0, 34.0, 18.0

_ERROR = "val MAE"


@dataclass(frozen=True)
class Line:
    """One trial."""

    values: Mapping[str, Any]
    error: float
    name: str


def parallel_coordinates(space: Space, lines: Sequence[Line]) -> Html:
    """Return the drawing; the better a trial, the stronger its line, the best one on top in another colour."""
    names = [*space, _ERROR]
    width = 2 * _SIDE + _STEP * (len(names) - 1)
    errors = sorted(line.error for line in lines)
    low, high = (errors[0], errors[-1]) if errors else (0.0, 1.0)
    # A few hopeless trials must not press all others together.
    high = min(high, errors[int(0.9 * (len(errors) - 1))] * 1.1) if errors else high
    drawn = [_axis(name, place, space, low=low, high=high) for place, name in enumerate(names)]
    for line in sorted(lines, key=lambda one: -one.error):
        rank = errors.index(line.error) / max(len(errors) - 1, 1)
        points = [
            f"{_SIDE + _STEP * place:.1f},{_up(_share(name, line, space, low=low, high=high)):.1f}"
            for place, name in enumerate(names)
        ]
        values = ", ".join(f"{name.partition('.')[2]} {_short(value)}" for name, value in line.values.items())
        drawn.append(
            element(
                "polyline",
                element("title", f"{line.name}: {line.error:.2f} years; {values}"),
                points=" ".join(points),
                class_="c1" if line.error == errors[0] else "c0",
                opacity=round(1.0 - 0.85 * rank, 2),
            )
        )
    return element(
        "svg", drawn, viewBox=f"0 0 {width:.0f} {_HEIGHT:.0f}", role="img", aria_label="parallel coordinates"
    )


def _axis(name: str, place: int, space: Space, *, low: float, high: float) -> Html:
    x = _SIDE + _STEP * place
    parts = [
        element("line", x1=x, x2=x, y1=_TOP, y2=_HEIGHT - _BOTTOM, class_="axis"),
        element("text", name.partition(".")[2] or name, x=x, y=14, text_anchor="middle"),
    ]
    for text, share in _ticks(name, space, low=low, high=high):
        parts.append(element("text", text, x=x + 4, y=_up(share) + 3))
    return element("g", parts)


def _ticks(name: str, space: Space, *, low: float, high: float) -> list[tuple[str, float]]:
    one = space.get(name)
    if isinstance(one, Choices):
        return [(_short(value), _place(one, value)) for value in one.values]
    bounds = Range(low, high) if one is None else one
    middle = math.sqrt(bounds.low * bounds.high) if bounds.log else (bounds.low + bounds.high) / 2
    return [(_short(value), _place(bounds, value)) for value in (bounds.low, middle, bounds.high)]


def _share(name: str, line: Line, space: Space, *, low: float, high: float) -> float:
    """Return how high on its axis a trial is, 0 at the lower end and 1 at the upper."""
    if name == _ERROR:
        return _place(Range(low, high), min(line.error, high))
    return _place(space[name], line.values[name]) if name in line.values else 0.0


def _place(one: Range | Choices, value: Any) -> float:
    if isinstance(one, Choices):
        return (one.values.index(value) + 0.5) / len(one.values)
    if one.log:
        return math.log(value / one.low) / math.log(one.high / one.low)
    return float((value - one.low) / ((one.high - one.low) or 1.0))


def _up(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
