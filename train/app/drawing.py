"""A distribution over ages as inline SVG: a bar a year, those of the interval in colour, a line at the age."""

import numpy as np
from numpy.typing import NDArray

from agegap.html import Html, element
from train.predict.answers import PredictedAge

_WIDTH, _HEIGHT, _GROUND = 404.0, 150.0, 20.0
_DECADE = 10


def distribution_drawing(shares: NDArray[np.float32], said: PredictedAge) -> Html:
    """Draw one distribution (A,) with what is said of it."""
    step = _WIDTH / len(shares)
    most = max(float(shares.max()), 1e-9)
    bars = []
    for year, share in enumerate(shares.tolist()):
        high = share / most * (_HEIGHT - 12)
        inside = "in" if said.low - 0.5 <= year <= said.high + 0.5 else "out"
        title = element("title", f"{year} years: {share:.1%}")
        bars.append(
            element(
                "rect",
                title,
                x=round(year * step, 2),
                y=round(_HEIGHT - high, 2),
                width=round(step * 0.84, 2),
                height=round(high, 2),
                class_=inside,
            )
        )
    ticks = [
        element("text", str(year), x=round((year + 0.5) * step, 1), y=_HEIGHT + 15, text_anchor="middle")
        for year in range(0, len(shares), _DECADE)
    ]
    at = round((said.age + 0.5) * step, 1)
    line = element("line", x1=at, x2=at, y1=0, y2=_HEIGHT, class_="age")
    ground = element("line", x1=0, x2=_WIDTH, y1=_HEIGHT, y2=_HEIGHT, class_="ground")
    return element(
        "svg",
        bars,
        ground,
        line,
        ticks,
        viewBox=f"-4 0 {_WIDTH + 12:g} {_HEIGHT + _GROUND:g}",
        role="img",
        aria_label=f"How likely each age is; {said.age:.0f} years are said",
        class_="ages",
    )
