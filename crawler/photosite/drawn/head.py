"""One person on an empty canvas: all parts in the order in which they cover each other."""

from dataclasses import dataclass

import cv2
import numpy as np

from crawler.photosite.drawn.ageing import AgeSigns
from crawler.photosite.drawn.brush import (
    Image,
    fill,
    points,
    rounded,
    shaded,
)
from crawler.photosite.drawn.complexion import Manner, draw_skin, skin_colour
from crawler.photosite.drawn.features import draw_brow, draw_ear, draw_eye, draw_glasses, draw_mouth, draw_nose
from crawler.photosite.drawn.geometry import CANVAS_HEIGHT, CANVAS_WIDTH, CENTRE_X, Expression, FaceShape, face_shape
from crawler.photosite.drawn.hair import draw_back_hair, draw_beard, draw_front_hair
from crawler.photosite.drawn.identity import Colour, Identity
from crawler.photosite.drawn.skin import Light


@dataclass(frozen=True, kw_only=True)
class Dress:
    """What the person wears in this photo."""

    cloth: Colour
    collar: Colour
    has_collar: bool
    frame: Colour
    round_lens: bool
    wears_glasses: bool


def draw_head(
    identity: Identity,
    signs: AgeSigns,
    *,
    expression: Expression,
    light: Light,
    dress: Dress,
    manner: Manner,
    rng: np.random.Generator,
) -> tuple[Image, Image]:
    """Return (RGB canvas, alpha 0..255), both CANVAS_HEIGHT x CANVAS_WIDTH, of an upright head and shoulders."""
    shape = face_shape(identity, signs, expression)
    canvas: Image = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH, 3), np.uint8)
    canvas[:] = _KEY
    skin = skin_colour(identity, signs)
    draw_back_hair(canvas, identity, signs, shape)
    _draw_body(canvas, shape, skin, dress)
    for side in (-1, 1):
        draw_ear(canvas, shape, side=side, skin=skin)
    draw_skin(canvas, identity, signs, shape, skin=skin, light=light, expression=expression, manner=manner, rng=rng)
    draw_beard(canvas, identity, signs, shape, rng=rng, skin=skin)
    draw_nose(canvas, shape, skin)
    draw_mouth(canvas, identity, signs, shape, expression=expression, skin=skin)
    for side in (-1, 1):
        draw_eye(canvas, identity, signs, shape, side=side, expression=expression, skin=skin)
        draw_brow(canvas, identity, signs, shape, side=side, skin=skin, rng=rng)
    draw_front_hair(canvas, identity, signs, shape, rng=rng, strands=manner.strands)
    if dress.wears_glasses:
        draw_glasses(canvas, shape, frame=dress.frame, round_lens=dress.round_lens)
    return canvas, _outside_of(canvas)


_KEY = (104, 98, 93)
"""What the canvas is before anything is drawn: a dull grey, so that a trace of it at an edge is not seen."""


def _outside_of(canvas: Image) -> Image:
    """Return the mask of the person: all that a flood of the untouched grey from the top corners does not reach."""
    flood = np.zeros((CANVAS_HEIGHT + 2, CANVAS_WIDTH + 2), np.uint8)
    for corner in ((0, 0), (CANVAS_WIDTH - 1, 0)):
        cv2.floodFill(canvas, flood, corner, (0, 0, 0), flags=4 | cv2.FLOODFILL_MASK_ONLY | (255 << 8))
    person = cv2.bitwise_not(flood[1:-1, 1:-1])
    # one pixel inside: the outermost one is half grey
    return cv2.erode(person, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


def _draw_body(canvas: Image, shape: FaceShape, skin: Colour, dress: Dress) -> None:
    chin_y = float(shape.chin[1])
    neck = shape.half_width * (0.42 + 0.2 * (shape.head_height - 176) / 38)
    shoulder_y = chin_y + 26 + 18 * (shape.head_height - 176) / 38
    body = points(
        (CENTRE_X - neck, shoulder_y - 6),
        (CENTRE_X + neck, shoulder_y - 6),
        (CENTRE_X + 92, shoulder_y + 16),
        (CENTRE_X + 140, shoulder_y + 44),
        (CENTRE_X + 156, CANVAS_HEIGHT + 90),
        (CENTRE_X - 156, CANVAS_HEIGHT + 90),
        (CENTRE_X - 140, shoulder_y + 44),
        (CENTRE_X - 92, shoulder_y + 16),
    )
    fill(canvas, rounded(body, closed=True), dress.cloth)
    throat = points(
        (CENTRE_X - neck, chin_y - 40),
        (CENTRE_X + neck, chin_y - 40),
        (CENTRE_X + neck * 1.05, shoulder_y),
        (CENTRE_X, shoulder_y + 24),
        (CENTRE_X - neck * 1.05, shoulder_y),
    )
    fill(canvas, throat, shaded(skin, 0.82))
    under = points(
        (CENTRE_X - neck * 1.05, chin_y - 40),
        (CENTRE_X + neck * 1.05, chin_y - 40),
        (CENTRE_X + neck, chin_y + 2),
        (CENTRE_X, chin_y + 22),
        (CENTRE_X - neck, chin_y + 2),
    )
    fill(canvas, rounded(under, closed=True), shaded(skin, 0.68))
    if dress.has_collar:
        for side in (-1, 1):
            flap = points(
                (CENTRE_X + side * neck * 1.1, shoulder_y - 10),
                (CENTRE_X, shoulder_y + 26),
                (CENTRE_X + side * neck * 0.7, shoulder_y + 42),
                (CENTRE_X + side * neck * 1.6, shoulder_y + 8),
            )
            fill(canvas, flap, dress.collar)
