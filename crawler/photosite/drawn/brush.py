"""The few strokes everything is drawn with: smooth curves and filled shapes at sub-pixel places."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Points = NDArray[np.float64]
"""Shape (n, 2): x to the right, y down, in pixels."""

_SHIFT = 4  # cv2 takes coordinates in sixteenths of a pixel
_SIXTEENTHS = 1 << _SHIFT
_COSINES = np.cos(np.linspace(0, 2 * np.pi, 20, endpoint=False))
_SINES = np.sin(np.linspace(0, 2 * np.pi, 20, endpoint=False))


def points(*pairs: tuple[float, float]) -> Points:
    """Return the pairs as an array of points."""
    return np.array(pairs, np.float64)


def rounded(corners: Points, *, closed: bool, times: int = 3) -> Points:
    """Return a smooth curve along `corners` by cutting corners (Chaikin 1974); open ends stay where they are."""
    curve: Points = _corner_cutter(len(corners), closed, times) @ corners
    return curve


@lru_cache(maxsize=256)
def _corner_cutter(count: int, closed: bool, times: int) -> NDArray[np.float64]:
    """Return the matrix that cuts the corners of a line of `count` points `times` times; a photo asks 100 times."""
    weights = np.eye(count)
    for _ in range(times):
        following = np.roll(weights, -1, axis=0) if closed else weights[1:]
        current = weights if closed else weights[:-1]
        cut = np.empty((2 * len(current), count))
        cut[0::2] = 0.75 * current + 0.25 * following
        cut[1::2] = 0.25 * current + 0.75 * following
        weights = cut if closed else np.concatenate([weights[:1], cut, weights[-1:]])
    return weights


def fill(image: Image, outline: Points, colour: Any) -> None:
    """Fill a polygon, its edge anti-aliased."""
    cv2.fillPoly(image, [_fixed(outline)], colour, cv2.LINE_AA, _SHIFT)


def stroke(image: Image, line: Points, colour: Any, thickness: float) -> None:
    """Draw a line; one thinner than a pixel is drawn one pixel wide."""
    cv2.polylines(image, [_fixed(line)], False, colour, max(round(thickness), 1), cv2.LINE_AA, _SHIFT)


def strokes(image: Image, lines: Sequence[Points], colour: Any) -> None:
    """Draw many thin lines of one colour at once."""
    cv2.polylines(image, [_fixed(line) for line in lines], False, colour, 1, cv2.LINE_AA, _SHIFT)


def shifted(places: Points, x: float, y: float) -> Points:
    """Return the point or points moved by (x, y)."""
    moved: Points = places + np.array([x, y])
    return moved


def ellipse(centre: Points, half_width: float, half_height: float, *, tilt: float = 0.0) -> Points:
    """Return the outline of an ellipse; `tilt` in radians, clockwise on the screen."""
    x, y = half_width * _COSINES, half_height * _SINES
    cosine, sine = np.cos(tilt), np.sin(tilt)
    return np.stack([centre[0] + x * cosine - y * sine, centre[1] + x * sine + y * cosine], axis=1)


def shaded(colour: tuple[float, float, float], factor: float) -> tuple[float, float, float]:
    """Return `colour` made darker (factor below 1) or lighter (above 1)."""
    red, green, blue = (min(max(value * factor, 0.0), 255.0) for value in colour)
    return (red, green, blue)


def mixed(
    first: tuple[float, float, float], second: tuple[float, float, float], share: float
) -> tuple[float, float, float]:
    """Return the colour `share` of the way from `first` to `second`."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return (red, green, blue)


def paste(canvas: Image, layer: Image, mask: Image) -> None:
    """Put `layer` on `canvas` in place where `mask` (0..255, same height and width) says so."""
    alpha = cv2.merge((mask, mask, mask))
    over = cv2.multiply(layer, alpha, scale=1 / 255)
    under = cv2.multiply(canvas, cv2.bitwise_not(alpha), scale=1 / 255)
    cv2.add(over, under, dst=canvas)


# cv2's own types say no more than "some array": these three say what comes out.


def blurred(image: Image, width: int, sigma: float) -> Image:
    """Return the image softened with a Gaussian of `sigma` pixels, `width` x `width` (0: as wide as needed)."""
    return cast(Image, cv2.GaussianBlur(image, (width, width), sigma))


def enlarged(image: Image, width: int, height: int) -> Image:
    """Return the image stretched to width x height, smooth between its pixels."""
    return cast(Image, cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR))


def multiplied(image: Image, factors: Image, unit: int) -> Image:
    """Return the image times `factors` (same shape), where the value `unit` stands for one."""
    return cast(Image, cv2.multiply(image, factors, scale=1 / unit))


def _fixed(line: Points) -> NDArray[np.int32]:
    return np.rint(line * _SIXTEENTHS).astype(np.int32)
