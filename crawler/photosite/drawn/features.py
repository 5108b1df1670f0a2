"""Eyes, brows, nose, mouth, ears, glasses: what is drawn on top of the shaded skin."""

import numpy as np

from crawler.photosite.drawn.ageing import AgeSigns
from crawler.photosite.drawn.brush import (
    Image,
    Points,
    ellipse,
    fill,
    mixed,
    paste,
    points,
    rounded,
    shaded,
    shifted,
    stroke,
)
from crawler.photosite.drawn.geometry import Expression, FaceShape
from crawler.photosite.drawn.identity import Colour, Identity

_GREY_HAIR: Colour = (214, 212, 208)


def draw_eye(
    canvas: Image,
    identity: Identity,
    signs: AgeSigns,
    shape: FaceShape,
    *,
    side: int,
    expression: Expression,
    skin: Colour,
) -> None:
    """Draw one eye; `side` -1 is the left one on screen."""
    centre = shape.eyes[0] if side < 0 else shape.eyes[1]
    narrow = np.cos(shape.yaw) * (1 + 0.25 * side * np.sin(shape.yaw))
    half, opening = shape.eye_half_width * narrow, shape.eye_opening
    inner, outer = centre[0] - side * half, centre[0] + side * half
    tilt = shape.eye_tilt * half
    y = centre[1]
    upper = points(
        (inner, y + 1.5 + tilt),
        (inner + side * half * 0.45, y - opening * 1.25),
        (outer - side * half * 0.45, y - opening * 1.2),
        (outer, y - 0.5 - tilt),
    )
    lower = points(
        (outer, y - 0.5 - tilt),
        (outer - side * half * 0.5, y + opening * 1.0),
        (inner + side * half * 0.5, y + opening * 1.0),
        (inner, y + 1.5 + tilt),
    )
    upper, lower = rounded(upper, closed=False), rounded(lower, closed=False)
    almond = np.concatenate([upper, lower])
    white = mixed((236, 232, 228), shaded(skin, 1.1), 0.12 + 0.18 * signs.pallor)
    _draw_eyeball(canvas, identity, shape, almond, centre=centre, white=white, gaze=expression.gaze)
    dark = shaded(skin, 0.32)
    stroke(canvas, upper, mixed(dark, skin, 0.15 * signs.pallor), 3 if identity.is_male else 3.5)
    stroke(canvas, lower, shaded(skin, 0.62), 1)
    lid = shifted(upper, 0, -3.0 - 0.28 * opening + 4.0 * signs.hood)
    stroke(canvas, lid, shaded(skin, 0.66 - 0.08 * signs.hood), 1.4 + signs.hood)
    if signs.hood > 0.15:  # the fold of the lid hangs over the outer corner
        hang = points(
            (outer - side * half * 0.7, y - opening - 3), (outer + side * 2, y - 1), (outer + side * 4, y + 3)
        )
        stroke(canvas, rounded(hang, closed=False), shaded(skin, 0.78 - 0.12 * signs.hood), 2)


def _draw_eyeball(
    canvas: Image, identity: Identity, shape: FaceShape, almond: Points, *, centre: Points, white: Colour, gaze: float
) -> None:
    margin = 4
    left, top = np.floor(almond.min(axis=0)).astype(int) - margin
    right, bottom = np.ceil(almond.max(axis=0)).astype(int) + margin
    window = canvas[top:bottom, left:right]
    ball = np.empty_like(window)
    ball[:] = white
    radius = shape.eye_half_width * 0.48
    place = centre - (left, top) + (gaze * shape.eye_half_width * 0.22, -0.06 * radius)
    fill(ball, ellipse(place, radius, radius), shaded(identity.iris, 0.6))
    fill(ball, ellipse(place, radius * 0.82, radius * 0.82), identity.iris)
    fill(ball, ellipse(place, radius * 0.42, radius * 0.42), (16, 13, 12))
    fill(ball, ellipse(shifted(place, -0.3 * radius, -0.35 * radius), radius * 0.2, radius * 0.2), (250, 250, 250))
    ball[: max(int(place[1] - radius * 0.65), 0)] = np.array(shaded(white, 0.8), np.uint8)  # shadow of the lid
    mask = np.zeros(window.shape[:2], np.uint8)
    fill(mask, almond - (left, top), 255)
    paste(window, ball, mask)


def draw_brow(
    canvas: Image,
    identity: Identity,
    signs: AgeSigns,
    shape: FaceShape,
    *,
    side: int,
    skin: Colour,
    rng: np.random.Generator,
) -> None:
    """Draw one eyebrow as a soft bar and single hairs."""
    centre = shape.brows[0] if side < 0 else shape.brows[1]
    half = shape.brow_half_width * np.cos(shape.yaw) * (1 + 0.25 * side * np.sin(shape.yaw))
    arch = 3.0 + 3.0 * identity.brow_arch - 2.0 * signs.hood
    thick = (2.2 + 2.6 * signs.maturity) * (1 + 0.35 * identity.brow_thickness)
    hair = mixed(mixed(identity.hair, _GREY_HAIR, 0.75 * signs.grey), skin, 0.18 + 0.5 * (1 - signs.infant_hair))
    inner, outer = centre[0] - side * half, centre[0] + side * half
    line = rounded(
        points((inner, centre[1] + 2), (centre[0], centre[1] - arch), (outer, centre[1] + 2 + 3 * signs.hood)),
        closed=False,
    )
    count = len(line)
    taper = np.interp(np.arange(count), [0, count * 0.3, count - 1], [0.75, 1.0, 0.25])[:, None]
    edge = np.array([[0.0, 1.0]]) * taper * thick
    bar = np.concatenate([line - edge, (line + edge)[::-1]])
    fill(canvas, bar, mixed(hair, skin, 0.25))
    for place in rng.integers(0, count, 9):
        root = line[place] + (0, rng.uniform(-0.8, 0.8) * thick * taper[place, 0])
        stroke(
            canvas, points(tuple(root), (root[0] + side * 5, root[1] - rng.uniform(-0.5, 2.5))), shaded(hair, 0.75), 1
        )


def draw_nose(canvas: Image, shape: FaceShape, skin: Colour) -> None:
    """Draw nostrils, wings and the shadow below; the bridge itself is light and shade of `skin.py`."""
    x, y = shape.nose_tip
    half = shape.nose_half_width
    turn = np.sin(shape.yaw)
    shadow = shaded(skin, 0.70)
    stroke(
        canvas,
        rounded(
            points(
                (x - half * 0.75, y + 2), (x - half * 0.3, y + 5.5), (x + half * 0.3, y + 5.5), (x + half * 0.75, y + 2)
            ),
            closed=False,
        ),
        shadow,
        2,
    )
    for side in (-1, 1):
        near = 1 + 0.35 * side * turn
        wing = points(
            (x + side * half * 0.85 * near, y - 8),
            (x + side * half * 1.12 * near, y - 2),
            (x + side * half * 0.9 * near, y + 4),
            (x + side * half * 0.6 * near, y + 3),
        )
        stroke(canvas, rounded(wing, closed=False), shaded(skin, 0.66), 1.6)
        nostril = np.array([x + side * half * 0.46 * near, y + 2.5])
        fill(canvas, ellipse(nostril, half * 0.24, 2.3, tilt=side * 0.25), shaded(skin, 0.36))


def draw_mouth(
    canvas: Image, identity: Identity, signs: AgeSigns, shape: FaceShape, *, expression: Expression, skin: Colour
) -> None:
    """Draw the lips, and teeth where the mouth is open."""
    x, y = shape.mouth
    half, lip = shape.mouth_half_width * np.cos(shape.yaw), shape.lip_height
    lift = shape.mouth_corner_lift
    gap = 9.0 * expression.mouth_open
    # colour leaves the lips with age; a child's are redder
    red = mixed(
        (196, 96, 92), shaded(skin, 0.82), 0.28 + 0.3 * (identity.is_male * signs.maturity) + 0.3 * signs.pallor
    )
    left, right = (x - half, y - lift), (x + half, y - lift)
    bow = [(x - half * 0.32, y - lip * 1.15), (x, y - lip * 0.75), (x + half * 0.32, y - lip * 1.15)]
    seam = [(x + half * 0.45, y + 0.6), (x, y + 1.2), (x - half * 0.45, y + 0.6)]
    low_seam = [(px, py + gap) for px, py in seam]
    base = [(x - half * 0.5, y + gap + lip * 1.05), (x, y + gap + lip * 1.5), (x + half * 0.5, y + gap + lip * 1.05)]
    if gap > 1:
        inside = rounded(points(left, *seam[::-1], right, *low_seam), closed=True, times=2)
        fill(canvas, inside, (70, 28, 28))
        teeth = points(left, *seam[::-1], right, *((px, py + gap * 0.62) for px, py in seam))
        fill(canvas, rounded(teeth, closed=True, times=2), mixed((238, 234, 226), (216, 202, 168), signs.pallor))
    fill(canvas, rounded(points(left, *bow, right, *seam), closed=True, times=2), shaded(red, 0.88))
    fill(canvas, rounded(points(left, *low_seam[::-1], right, *base[::-1]), closed=True, times=2), red)
    line = rounded(points(left, *seam[::-1], right), closed=False)
    stroke(canvas, line, shaded(red, 0.45), 1.6)
    shine = points((x - half * 0.25, y + gap + lip * 0.75), (x + half * 0.25, y + gap + lip * 0.75))
    stroke(canvas, shine, mixed(red, (255, 236, 230), 0.3), 1.5)


def draw_ear(canvas: Image, shape: FaceShape, *, side: int, skin: Colour) -> None:
    """Draw one ear; it is drawn before the head, which covers its inner half."""
    centre = shape.ears[0] if side < 0 else shape.ears[1]
    half = shape.ear_half_height
    width = half * 0.48 * max(1 - 1.6 * side * np.sin(shape.yaw), 0.1)
    fill(canvas, ellipse(centre, width, half, tilt=side * 0.14), shaded(skin, 0.86))
    stroke(
        canvas, ellipse(shifted(centre, side, 0), width * 0.62, half * 0.7, tilt=side * 0.14), shaded(skin, 0.66), 1.6
    )


def draw_glasses(canvas: Image, shape: FaceShape, *, frame: Colour, round_lens: bool) -> None:
    """Draw a frame around both eyes, the bridge and the temples."""
    half, tall = shape.eye_half_width * 1.42, shape.eye_half_width * (1.2 if round_lens else 0.95)
    for side, centre in ((-1, shape.eyes[0]), (1, shape.eyes[1])):
        rim = ellipse(shifted(centre, side * 1.5, 2.5), half * np.cos(shape.yaw), tall)
        stroke(canvas, np.concatenate([rim, rim[:1]]), frame, 2.4)
        start = shifted(centre, side * half * np.cos(shape.yaw), -1.0)
        stroke(canvas, points(tuple(start), (shape.ears[(side + 1) // 2][0], start[1] - 3)), frame, 2)
    inner = points((shape.eyes[0][0] + half, shape.eyes[0][1] - 1), (shape.eyes[1][0] - half, shape.eyes[1][1] - 1))
    stroke(canvas, inner, frame, 2.4)
