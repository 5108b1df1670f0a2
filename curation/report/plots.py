"""Small plots as inline SVG: no file, no script, coloured by the page's style in light and dark."""

import math
from collections.abc import Mapping, Sequence

from agegap.html import Html, element

# Units of the drawing. A narrow plot keeps its letters readable on a phone.
_WIDTH, _HEIGHT = 360, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 10, 24
_INNER_WIDTH, _INNER_HEIGHT = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
_MOST_LABELS = 7  # along the bottom, that they do not touch
_LOG_GROUND = 1 / 3
_LONGEST_GAP = 250  # numbers; a stray year 1066 must not make a thousand empty bars


def bars(title: str, values: Mapping[str, float], *, what: str, is_log: bool = False, top: float | None = None) -> Html:
    """Return a bar chart, one bar an entry, in the order of `values`; `is_log`: each line is ten times the one below.

    The highest line stands for `top`, or for a round number above the largest value. A logarithmic bar of 1 is still
    seen: the ground is a third.
    """
    if not values:
        return _figure(title, element("p", "nothing yet", class_="note"))
    top = top or _round_up(max(values.values()))
    if is_log:
        top = 10.0 ** max(1, math.ceil(math.log10(max(values.values()))))
    step = _INNER_WIDTH / len(values)
    marks = []
    for index, (name, value) in enumerate(values.items()):
        share = math.log(value / _LOG_GROUND, top / _LOG_GROUND) if is_log and value else value / top
        height = _INNER_HEIGHT * share
        if value:
            marks.append(
                element(
                    "rect",
                    element("title", f"{name}: {value:g} {what}"),
                    x=round(_LEFT + index * step + step * 0.08, 2),
                    y=round(_TOP + _INNER_HEIGHT - height, 2),
                    width=round(step * 0.84, 2),
                    height=round(height, 2),
                )
            )
    labels = [_label(name, _LEFT + (index + 0.5) * step) for index, name in _labelled(list(values))]
    grid = _log_grid(top) if is_log else _grid(0, top)
    return _figure(title, _svg(f"{title}: bars", [*grid, *marks, *labels]))


def bands(title: str, values: Mapping[int, Sequence[float]]) -> Html:
    """Return a line through the middle of (low, middle, high) by number, and a band from low to high around it."""
    if not values:
        return _figure(title, element("p", "nothing yet", class_="note"))
    numbers = sorted(values)
    low, high = min(min(value) for value in values.values()), max(max(value) for value in values.values())
    low, high = min(0.0, math.floor(low * 10) / 10), math.ceil(high * 10) / 10 or 0.1
    across = (numbers[-1] - numbers[0]) or 1

    def place(number: int, value: float) -> str:
        x = _LEFT + _INNER_WIDTH * (number - numbers[0]) / across
        return f"{x:.1f},{_TOP + _INNER_HEIGHT * (high - value) / (high - low):.1f}"

    upper = [place(number, values[number][-1]) for number in numbers]
    lower = [place(number, values[number][0]) for number in reversed(numbers)]
    middle = [place(number, values[number][1]) for number in numbers]
    says = element("title", "; ".join(f"{number}: {values[number][1]:.2f}" for number in numbers))
    marks = [
        element("polygon", says, points=" ".join([*upper, *lower])),
        element("polyline", points=" ".join(middle)),
    ]
    labels = [_label(str(numbers[0]), _LEFT, "start"), _label(str(numbers[-1]), _WIDTH - _RIGHT, "end")]
    return _figure(title, _svg(f"{title}: line and band", [*_grid(low, high), *marks, *labels]))


def line(title: str, points: Sequence[tuple[float, float]]) -> Html:
    """Return a line through (x, y) points in the order given."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    low, high = min(ys), max(ys)
    margin = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
    low, high = low - margin, high + margin
    across = (max(xs) - min(xs)) or 1.0
    place = [
        (_LEFT + _INNER_WIDTH * (x - min(xs)) / across, _TOP + _INNER_HEIGHT * (high - y) / (high - low))
        for x, y in points
    ]
    path = element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in place))
    last = element("circle", element("title", f"{ys[-1]:.4g}"), cx=f"{place[-1][0]:.1f}", cy=f"{place[-1][1]:.1f}", r=3)
    labels = [_label(f"{min(xs):g}", _LEFT, "start"), _label(f"{max(xs):g}", _WIDTH - _RIGHT, "end")]
    return _figure(f"{title} (last {ys[-1]:.3g})", _svg(f"{title}: line", [*_grid(low, high), path, last, *labels]))


def by_number(values: Mapping[int, int]) -> dict[str, float]:
    """Return counts by whole number as bars, the numbers between filled with zeros."""
    if not values:
        return {}
    if max(values) - min(values) > _LONGEST_GAP:
        return {str(number): values[number] for number in sorted(values)}
    return {str(number): values.get(number, 0) for number in range(min(values), max(values) + 1)}


def by_range(values: Mapping[int, int], edges: Sequence[int]) -> dict[str, float]:
    """Return how many counts of `values` lie from each edge up to the next (the last is open), less an empty end."""
    counts: dict[str, float] = {}
    for index, edge in enumerate(edges):
        end = edges[index + 1] if index + 1 < len(edges) else None
        name = f"{edge}+" if end is None else str(edge) if end == edge + 1 else f"{edge}-{end - 1}"
        counts[name] = sum(many for value, many in values.items() if edge <= value and (end is None or value < end))
    while counts and not counts[next(reversed(counts))]:
        counts.popitem()
    return counts


def _figure(title: str, child: Html) -> Html:
    return element("figure", element("figcaption", title), child, class_="plot")


def _svg(says: str, children: Sequence[Html]) -> Html:
    return element("svg", children, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img", aria_label=says)


def _grid(low: float, high: float) -> list[Html]:
    marks = []
    for part in (0.0, 0.5, 1.0):
        y = round(_TOP + _INNER_HEIGHT * (1 - part), 1)
        marks.append(element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="grid"))
        value = _short(low + (high - low) * part)
        marks.append(element("text", value, x=_LEFT - 5, y=y + 4, text_anchor="end"))
    return marks


def _log_grid(top: float) -> list[Html]:
    marks = []
    for power in range(round(math.log10(top)) + 1):
        share = math.log(10.0**power / _LOG_GROUND, top / _LOG_GROUND)
        y = round(_TOP + _INNER_HEIGHT * (1 - share), 1)
        marks.append(element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="grid"))
        marks.append(element("text", _short(10.0**power), x=_LEFT - 5, y=y + 4, text_anchor="end"))
    return marks


def _label(text: str, x: float, anchor: str = "middle") -> Html:
    return element("text", text, x=round(x, 1), y=_HEIGHT - 7, text_anchor=anchor)


def _labelled(names: list[str]) -> list[tuple[int, str]]:
    """Return the bars that get a label, by place: round numbers where all are consecutive numbers."""
    every = next(step for step in (1, 2, 5, 10, 20, 50, 100, len(names)) if len(names) / step <= _MOST_LABELS)
    if every > 1 and all(name.isdecimal() for name in names):
        return [(index, name) for index, name in enumerate(names) if int(name) % every == 0]
    return [(index, name) for index, name in enumerate(names) if index % every == 0]


def _short(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:.3g}"


def _round_up(value: float) -> float:
    """Return the next of 2, 4, 6, 8, 10, 20, 40... so that half of it is a whole number too."""
    scale = 1
    while value > 10 * scale:
        scale *= 10
    return next(step * scale for step in (2, 4, 6, 8, 10) if value <= step * scale)
