"""Wrinkles: where the lines of an ageing face run, drawn as dark and light strokes into one shade map.

Each person has an own pattern (from `line_seed`); age decides how deep, how long and how many.
"""

import numpy as np

from crawler.photosite.drawn.ageing import AgeSigns
from crawler.photosite.drawn.brush import Image, Points, blurred, points, rounded, shifted, stroke
from crawler.photosite.drawn.geometry import CANVAS_HEIGHT, CANVAS_WIDTH, CENTRE_X, Expression, FaceShape
from crawler.photosite.drawn.identity import Identity
from crawler.photosite.drawn.skin import NEUTRAL


def crease_map(
    identity: Identity, signs: AgeSigns, shape: FaceShape, *, expression: Expression, softness: float
) -> Image:
    """Return a shade map of all wrinkles; `softness` 0 is a sharp pen, 1 a soft brush with half the contrast."""
    rng = np.random.default_rng([identity.line_seed, 3])
    sheet: Image = np.full((CANVAS_HEIGHT, CANVAS_WIDTH), NEUTRAL, np.uint8)
    _forehead(sheet, rng, shape, signs.lines)
    _frown(sheet, rng, shape, signs.lines)
    for side in (-1, 1):
        _crows_feet(sheet, rng, shape, side=side, depth=min(signs.crows_feet + 0.25 * expression.smile, 1.2))
        _under_eye(sheet, shape, side=side, depth=signs.bags)
        _folds(sheet, shape, side=side, depth=min(signs.folds + 0.3 * expression.smile, 1.2), jowls=signs.jowls)
        _cheek_lines(sheet, rng, shape, side=side, depth=signs.hollow)
    _lip_lines(sheet, rng, shape, signs.thin_lips)
    width = 3 if softness < 0.5 else 5
    return blurred(sheet, width, 0.8 + 1.2 * softness)


def _line(sheet: Image, shape: FaceShape, corners: Points, *, depth: float, thickness: float) -> None:
    """Draw a groove: dark, with a light lip below it. `corners` are face points before yaw, x from the middle."""
    if depth < 0.04:
        return
    path = rounded(points(*(shape.on_face(x, y) for x, y in corners)), closed=False, times=2)
    stroke(sheet, shifted(path, 0.3, 1.8), NEUTRAL + 14 * depth, thickness)
    stroke(sheet, path, NEUTRAL - 50 * depth, thickness)


def _forehead(sheet: Image, rng: np.random.Generator, shape: FaceShape, depth: float) -> None:
    top = shape.hairline_y + 8
    bottom = float(shape.brows[0][1]) - 9
    for line in range(4):
        y = bottom + (top - bottom) * (line + 0.4 + 0.3 * rng.random()) / 4.2
        reach = shape.half_width * (0.34 + 0.26 * rng.random()) * (0.45 + 0.55 * depth)
        bend, shift = rng.uniform(-5, 3), rng.uniform(-8, 8)
        strength = depth * rng.uniform(0.7, 1.1) - 0.13 * line  # the upper lines come later
        path = points(
            (-reach + shift, y + 2),
            (-reach / 2 + shift, y + bend),
            (reach / 2 + shift, y + bend),
            (reach + shift, y + 2),
        )
        _line(sheet, shape, path, depth=min(strength, 1.0), thickness=1 + depth)


def _frown(sheet: Image, rng: np.random.Generator, shape: FaceShape, depth: float) -> None:
    y = float(shape.brows[0][1])
    for side in (-1, 1):
        x = side * rng.uniform(5, 8)
        path = points((x * 1.2, y - 12 * depth - 2), (x, y), (x * 0.9, y + 8))
        _line(sheet, shape, path, depth=0.8 * depth * rng.uniform(0.5, 1.1), thickness=1 + depth)


def _crows_feet(sheet: Image, rng: np.random.Generator, shape: FaceShape, *, side: int, depth: float) -> None:
    eye_x = float(abs(shape.eyes[1][0] - shape.eyes[0][0]) / 2 / max(np.cos(shape.yaw), 0.5))
    x, y = eye_x + shape.eye_half_width + 3, float(shape.eyes[0][1])
    for ray in range(4):
        angle = (-0.55 + 0.36 * ray) + rng.uniform(-0.1, 0.1)
        length = (6 + 13 * depth) * rng.uniform(0.7, 1.1)
        strength = depth * rng.uniform(0.6, 1.0) - 0.08 * (ray in (0, 3))
        end = (x + length * np.cos(angle), y + length * np.sin(angle))
        middle = ((x + end[0]) / 2, (y + end[1]) / 2 - 1)
        path = points(*((side * px, py) for px, py in ((x, y + 4 * (ray - 1.5) * 0.5), middle, end)))
        _line(sheet, shape, path, depth=strength, thickness=1)


def _under_eye(sheet: Image, shape: FaceShape, *, side: int, depth: float) -> None:
    eye_x, eye_y = (shape.eyes[0] if side < 0 else shape.eyes[1]) - (CENTRE_X, 0)
    reach = shape.eye_half_width
    for row, weight in ((0, 0.7), (1, 1.0)):
        y = eye_y + shape.eye_opening + 5 + 8 * row
        path = points((eye_x - reach, y - 2), (eye_x, y + 4), (eye_x + reach * 0.9, y - 1))
        path[:, 0] -= 0.3 * np.sin(shape.yaw) * reach
        _line(sheet, shape, path, depth=0.75 * depth * weight, thickness=1 + depth)


def _folds(sheet: Image, shape: FaceShape, *, side: int, depth: float, jowls: float) -> None:
    nose, mouth = shape.nose_tip, shape.mouth
    start = shape.nose_half_width + 4
    end = shape.mouth_half_width + 7
    path = points(
        (side * start, nose[1] - 5),
        (side * (start + 8), nose[1] + 6),
        (side * end, mouth[1] - 6),
        (side * (end + 2), mouth[1] + 3 + 5 * depth),
    )
    _line(sheet, shape, path, depth=1.05 * depth, thickness=1.5 + depth)
    corner = points(
        (side * (end - 6), mouth[1] + 5), (side * (end - 2), mouth[1] + 14), (side * (end - 3), mouth[1] + 24)
    )
    _line(sheet, shape, corner, depth=0.9 * jowls, thickness=1 + jowls)


def _cheek_lines(sheet: Image, rng: np.random.Generator, shape: FaceShape, *, side: int, depth: float) -> None:
    for _ in range(4):
        x, y = shape.half_width * rng.uniform(0.5, 0.72), shape.mouth[1] + rng.uniform(-38, 8)
        path = points((side * x, y), (side * (x + 4), y + 10), (side * (x + 2), y + 22))
        _line(sheet, shape, path, depth=0.6 * depth * rng.uniform(0.5, 1.0), thickness=1)


def _lip_lines(sheet: Image, rng: np.random.Generator, shape: FaceShape, depth: float) -> None:
    y = float(shape.mouth[1] - shape.lip_height)
    for place in np.linspace(-0.75, 0.75, 7):
        x = place * shape.mouth_half_width
        path = points((x, y - 8), (x + rng.uniform(-1, 1), y - 1))
        _line(sheet, shape, path, depth=0.5 * depth * rng.uniform(0.3, 1.0), thickness=1)
