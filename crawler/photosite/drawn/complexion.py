"""The skin of a drawn head: its colour at this age, patches, wrinkles and pores, and the light on all of it."""

from dataclasses import dataclass

import cv2
import numpy as np

from crawler.photosite.drawn.ageing import AgeSigns
from crawler.photosite.drawn.brush import (
    Image,
    Points,
    blurred,
    ellipse,
    enlarged,
    fill,
    mixed,
    multiplied,
    shaded,
    shifted,
)
from crawler.photosite.drawn.creases import crease_map
from crawler.photosite.drawn.geometry import CENTRE_X, Expression, FaceShape
from crawler.photosite.drawn.identity import Colour, Identity
from crawler.photosite.drawn.skin import NEUTRAL, Light, shade_map, texture

# Light goes through skin: shadows are redder than the skin itself.
_RED_OF_SHADE = np.clip(NEUTRAL + (np.arange(256.0) - NEUTRAL) * 0.86, 0, 255).astype(np.uint8)


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How the drawing is done; the two styles differ in it."""

    crease_softness: float  # 0 sharp lines .. 1 soft ones of half the contrast
    crease_strength: float
    pore_grain: float
    strands: int
    skin_smoothing: bool  # a retoucher's soft focus over the skin


def skin_colour(identity: Identity, signs: AgeSigns) -> Colour:
    """Return the colour of the skin at this age: a child's is rosy, an old person's pale."""
    pale = mixed(identity.skin, (214, 196, 176), 0.22 * signs.pallor)
    return mixed(pale, (250, 196, 178), 0.16 * signs.blush)


def draw_skin(
    canvas: Image,
    identity: Identity,
    signs: AgeSigns,
    shape: FaceShape,
    *,
    skin: Colour,
    light: Light,
    expression: Expression,
    manner: Manner,
    rng: np.random.Generator,
) -> None:
    """Fill the head and put colour patches, wrinkles, pores and light on it."""
    left, top = (int(edge) - 2 for edge in shape.outline.min(axis=0))
    right, bottom = (int(edge) + 3 for edge in shape.outline.max(axis=0))
    window = canvas[top:bottom, left:right]
    face: Image = np.empty_like(window)
    _draw_patches(face, identity, signs, shape, skin=skin, origin=np.array([left, top], np.float64))
    creases = crease_map(identity, signs, shape, expression=expression, softness=manner.crease_softness)
    pores = texture(rng, manner.pore_grain * (0.5 + signs.lines), 2.5 + 5.0 * signs.blotches)
    shade = shade_map(identity, signs, shape, light)[top:bottom, left:right]
    shade = multiplied(shade, _weakened(creases[top:bottom, left:right], manner.crease_strength), NEUTRAL)
    shade = multiplied(shade, pores[top:bottom, left:right], NEUTRAL)
    face = multiplied(face, np.dstack((_RED_OF_SHADE[shade], shade, shade)), NEUTRAL)
    if manner.skin_smoothing:
        face = blurred(face, 5, 1.1)
    mask: Image = np.zeros(face.shape[:2], np.uint8)
    fill(mask, shifted(shape.outline, -left, -top), 255)
    cv2.copyTo(face, mask, window)


def _weakened(sheet: Image, strength: float) -> Image:
    """Return a shade map with `strength` times its contrast."""
    levels = np.clip(NEUTRAL + (np.arange(256.0) - NEUTRAL) * strength, 0, 255).astype(np.uint8)
    weaker: Image = levels[sheet]
    return weaker


def _draw_patches(
    face: Image, identity: Identity, signs: AgeSigns, shape: FaceShape, *, skin: Colour, origin: Points
) -> None:
    """Fill the face with skin: red cheeks of a child, spots of old age, a mole. `origin` is its place on the canvas."""
    rng = np.random.default_rng([identity.line_seed, 7])
    height, width = face.shape[:2]
    small: Image = np.empty((height // 4 + 1, width // 4 + 1, 3), np.uint8)
    small[:] = skin
    middle = np.array([CENTRE_X, 0.0]) - origin
    cheek_y = float(shape.nose_tip[1]) + 6
    rosy = mixed(skin, (236, 110, 100), 0.10 + 0.22 * signs.blush)
    for side in (-1, 1):
        fill(small, ellipse(shifted(middle, side * shape.half_width * 0.55, cheek_y) / 4, 7, 5.5), rosy)
    face[:] = enlarged(blurred(small, 9, 3.0), width, height)
    for _ in range(12):
        place = np.array([middle[0] + rng.uniform(-0.8, 0.8) * shape.half_width, rng.uniform(8, height - 30)])
        size, onset = rng.uniform(1.5, 4.5), rng.uniform(0.1, 0.9)
        strength = float(np.clip((signs.blotches - onset) * 2.5, 0, 1))
        if strength > 0.05:
            fill(face, ellipse(place, size, size * 0.8), mixed(skin, shaded(skin, 0.66), 0.75 * strength))
    mole = np.array([middle[0] + rng.uniform(-0.6, 0.6) * shape.half_width, height * rng.uniform(0.5, 0.8)])
    if rng.random() < 0.3 and signs.maturity > 0.2:
        fill(face, ellipse(mole, 1.8, 1.8), shaded(skin, 0.45))
