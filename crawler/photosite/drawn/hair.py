"""Hair and beards: shapes around the head, thinning, receding and greying with the years."""

import numpy as np

from crawler.photosite.drawn.ageing import AgeSigns
from crawler.photosite.drawn.brush import (
    Image,
    Points,
    blurred,
    ellipse,
    fill,
    mixed,
    paste,
    points,
    rounded,
    shaded,
    shifted,
    stroke,
    strokes,
)
from crawler.photosite.drawn.geometry import CENTRE_X, TOP_Y, FaceShape
from crawler.photosite.drawn.identity import Colour, HairStyle, Identity

_GREY: Colour = (206, 204, 200)
_WHITE: Colour = (232, 230, 226)

VOLUME: dict[HairStyle, float] = {
    "short": 8,
    "parted": 12,
    "bob": 15,
    "long": 14,
    "curly": 20,
    "buzz": 3,
    "bun": 8,
}
"""Pixels of hair above the skull."""


def hair_colour(identity: Identity, signs: AgeSigns) -> Colour:
    """Return the colour of the hair at this age; a child's is lighter."""
    young = mixed(identity.hair, shaded(identity.hair, 1.35), 1 - signs.maturity)
    grey = mixed(_GREY, _WHITE, max(signs.grey - 0.6, 0) * 2)
    return mixed(young, grey, 0.92 * signs.grey)


def draw_back_hair(canvas: Image, identity: Identity, signs: AgeSigns, shape: FaceShape) -> None:
    """Draw what hangs behind the head; drawn first."""
    if signs.infant_hair < 0.6 or identity.hair_style not in ("bob", "long", "curly"):
        return
    dark = shaded(hair_colour(identity, signs), 0.72)
    half = shape.half_width + VOLUME[identity.hair_style] * 0.8
    bottom = shape.chin[1] + {"bob": -8, "long": 74, "curly": 18}.get(identity.hair_style, 0)
    corners = points(
        (CENTRE_X - half * 0.8, TOP_Y + 12),
        (CENTRE_X + half * 0.8, TOP_Y + 12),
        (CENTRE_X + half * 1.1, shape.temple_y),
        (CENTRE_X + half * 1.12, bottom),
        (CENTRE_X + half * 0.5, bottom + 6),
        (CENTRE_X - half * 0.5, bottom + 6),
        (CENTRE_X - half * 1.12, bottom),
        (CENTRE_X - half * 1.1, shape.temple_y),
    )
    fill(canvas, rounded(corners, closed=True), dark)


def draw_front_hair(
    canvas: Image, identity: Identity, signs: AgeSigns, shape: FaceShape, *, rng: np.random.Generator, strands: int
) -> None:
    """Draw the hair over the forehead and temples, with `strands` single lines."""
    fullness = signs.infant_hair
    colour = hair_colour(identity, signs)
    if fullness < 0.35:  # down on a newborn's skull: the skin shows through
        colour = mixed(shaded(identity.skin, 0.93), colour, 0.25 + 0.6 * fullness)
    volume = VOLUME[identity.hair_style] * (0.15 + 0.85 * fullness) * (1 - 0.5 * signs.recession)
    outer, inner = _crown(identity, signs, shape, volume)
    if identity.hair_style == "curly" and fullness > 0.5:
        _draw_curls(canvas, outer, colour, rng, size=6 + volume * 0.35)
    fill(canvas, np.concatenate([outer, inner[::-1]]), colour)
    _draw_strands(canvas, outer, inner, colour=colour, grey=signs.grey, rng=rng, count=strands)
    if identity.hair_style == "bun" and fullness > 0.6:
        fill(canvas, ellipse(np.array([CENTRE_X, TOP_Y - volume - 8]), 24, 19), shaded(colour, 0.9))


def _crown(identity: Identity, signs: AgeSigns, shape: FaceShape, volume: float) -> tuple[Points, Points]:
    """Return the outer edge of the hair and the hairline, both from left ear to right ear, equally many points."""
    half = shape.half_width
    turn = np.linspace(-1, 1, 33)
    angle = turn * 1.75  # a little below the temples on both sides
    # the skull's own edge, looked up by angle about a point between the temples, and the hair's volume on it
    edge = shape.outline - (CENTRE_X, shape.temple_y)
    edge_angle = np.arctan2(edge[:, 0], -edge[:, 1])
    order = np.argsort(edge_angle)
    radius = np.interp(angle, edge_angle[order], np.hypot(edge[:, 0], edge[:, 1])[order])
    radius += 1.5 + volume * (1 - 0.35 * np.abs(turn))
    outer_x = CENTRE_X + radius * np.sin(angle)
    outer_y = shape.temple_y - radius * np.cos(angle)
    bald = signs.recession
    lean = 6.0 * np.sin(shape.yaw)
    fringe = 0.8 * (float(shape.brows[0][1]) - 6 - shape.hairline_y) if identity.has_fringe and bald < 0.35 else 0.0
    line_y = shape.hairline_y + fringe - 1.1 * bald**1.5 * (shape.hairline_y - TOP_Y + volume)
    corner_y = shape.hairline_y + 0.5 * fringe + 6 - bald * 0.95 * (shape.hairline_y - TOP_Y)
    side_y = shape.temple_y
    parting = identity.parting * half * 0.3
    # hairline by |turn|: middle of the forehead, corner, temple, sideburn
    bend = np.abs(turn)
    inner_x = CENTRE_X + lean + np.interp(bend, [0, 0.4, 0.72, 1], [0, 0.66, 0.90, 0.93]) * half * np.sign(turn)
    inner_y = np.interp(bend, [0, 0.4, 0.72, 1], [line_y, corner_y, side_y - 18 - 14 * bald, side_y + 16])
    if identity.hair_style in ("parted", "bob", "long", "bun"):
        inner_y -= 10 * np.exp(-0.5 * ((inner_x - CENTRE_X - parting) / 14) ** 2) * (1 - bald)
    inner_y = np.maximum(inner_y, outer_y + 1.5)
    outer = np.stack([outer_x, outer_y], axis=1)
    inner = np.stack([inner_x, inner_y], axis=1)
    if identity.hair_style in ("bob", "long") and signs.infant_hair > 0.6:  # locks down the sides
        drop = (40 if identity.hair_style == "bob" else 70) * np.clip((bend - 0.82) / 0.18, 0, 1)
        outer[:, 1] += drop
        inner[:, 1] += drop
        inner[:, 0] += (outer[:, 0] - inner[:, 0]) * 0.7 * np.clip((bend - 0.85) / 0.15, 0, 1)
    return outer, inner


def _draw_strands(
    canvas: Image, outer: Points, inner: Points, *, colour: Colour, grey: float, rng: np.random.Generator, count: int
) -> None:
    """Draw single hairs from the crown to the hairline, dark to light, some of them white."""
    start = rng.integers(1, len(outer) - 1, count)
    toward = np.clip(start + rng.integers(-1, 2, count), 0, len(inner) - 1)
    begin, reach = rng.uniform(0.0, 0.4, (count, 1)), rng.uniform(0.55, 0.95, (count, 1))
    root = outer[start] + (inner[start] - outer[start]) * begin
    tip = outer[start] + (inner[toward] - outer[start]) * reach
    bend = (root + tip) / 2 + rng.uniform(-1.5, 1.5, (count, 2))
    lines = np.stack([root, bend, tip], axis=1)
    tones = [shaded(colour, 0.84), shaded(colour, 0.92), shaded(colour, 1.1), mixed(colour, _WHITE, 0.1 + 0.4 * grey)]
    for tone, group in zip(tones, np.array_split(lines, len(tones)), strict=True):
        strokes(canvas, list(group), tone)


def _draw_curls(canvas: Image, outer: Points, colour: Colour, rng: np.random.Generator, *, size: float) -> None:
    for place in outer[::2]:
        radius = size * rng.uniform(0.7, 1.15)
        fill(
            canvas,
            ellipse(shifted(place, *rng.uniform(-2, 2, 2)), radius, radius),
            shaded(colour, rng.uniform(0.8, 1.1)),
        )


def draw_beard(
    canvas: Image, identity: Identity, signs: AgeSigns, shape: FaceShape, *, rng: np.random.Generator, skin: Colour
) -> None:
    """Draw the beard this person wears; children have none. `canvas` is the head with the mouth not yet on it."""
    amount = max(signs.maturity - 0.75, 0) * 4
    if identity.beard == "none" or amount <= 0:
        return
    colour = mixed(hair_colour(identity, signs), skin, 0.15 + 0.85 * (1 - amount))
    if identity.beard == "stubble":
        colour = mixed(colour, skin, 0.62)
    x, y = shape.mouth
    half = shape.mouth_half_width
    top = y - shape.lip_height - 3
    if identity.beard in ("moustache", "full", "goatee"):
        moustache = points(
            (x - half * 1.1, y + 3),
            (x - half * 0.7, top - 3),
            (x, top - 6),
            (x + half * 0.7, top - 3),
            (x + half * 1.1, y + 3),
            (x + half * 0.4, top + 3),
            (x, top + 1),
            (x - half * 0.4, top + 3),
        )
        fill(canvas, rounded(moustache, closed=True, times=2), colour)
    if identity.beard in ("full", "stubble"):
        _draw_jaw_beard(canvas, shape, colour, opacity=215 if identity.beard == "full" else 120)
    if identity.beard == "goatee":
        chin_y = shape.chin[1] - 2
        tuft = points(
            (x - half * 0.5, y + shape.lip_height * 1.6 + 4),
            (x + half * 0.5, y + shape.lip_height * 1.6 + 4),
            (x + half * 0.55, chin_y),
            (x - half * 0.55, chin_y),
        )
        fill(canvas, rounded(tuft, closed=True), colour)
    if identity.beard != "stubble":
        for _ in range(24):
            place = points((x + rng.uniform(-1, 1) * half, top - 4 + rng.uniform(0, 1) * 4))[0]
            stroke(
                canvas,
                np.stack([place, shifted(place, rng.uniform(-2, 2), 4)]),
                shaded(colour, rng.uniform(0.7, 1.2)),
                1,
            )


def _draw_jaw_beard(canvas: Image, shape: FaceShape, colour: Colour, *, opacity: int) -> None:
    """Cover the jaw below the cheeks, leaving the mouth free, with a soft upper edge."""
    top = int(shape.mouth[1]) - 26
    jaw = shape.outline[shape.outline[:, 1] > top + 6]
    window = canvas[top : int(jaw[:, 1].max()) + 4]
    mask = np.zeros(window.shape[:2], np.uint8)
    fill(mask, jaw - (0, top), opacity)
    x, y = shape.mouth - (0, top)
    half = shape.half_width
    cheeks = points(
        (x - half * 0.9, -20),
        (x + half * 0.9, -20),
        (x + half * 0.62, y - 6),
        (x + half * 0.42, y + 12),
        (x, y + shape.lip_height * 1.5 + 7),
        (x - half * 0.42, y + 12),
        (x - half * 0.62, y - 6),
    )
    fill(mask, rounded(cheeks, closed=True), 0)
    layer = np.empty_like(window)
    layer[:] = colour
    paste(window, layer, blurred(mask, 7, 2.2))
