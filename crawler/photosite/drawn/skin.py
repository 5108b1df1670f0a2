"""Light on a drawn face: a height field of bumps, its slopes, and how bright each place of the skin is.

The face is a half egg with Gaussian bumps (nose, cheeks, chin, brow ridge) and dents (eye sockets, folds). Its
brightness is Lambert's law with one lamp and some light from everywhere. Computed at half the canvas' size.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from crawler.photosite.drawn.ageing import AgeSigns
from crawler.photosite.drawn.brush import Image, enlarged
from crawler.photosite.drawn.geometry import CANVAS_HEIGHT, CANVAS_WIDTH, CENTRE_X, TOP_Y, FaceShape
from crawler.photosite.drawn.identity import Identity

NEUTRAL = 128
"""Value of a shade map that leaves the skin's colour as it is."""

_LAMP_DISTANCE = 1.1  # in front of the face, where from_x and from_y are 1 at the side and below
_X = np.arange(0, CANVAS_WIDTH, 2, dtype=np.float32) + 0.5
_Y = np.arange(0, CANVAS_HEIGHT, 2, dtype=np.float32) + 0.5


@dataclass(frozen=True, kw_only=True)
class Light:
    """One lamp and the light around it."""

    from_x: float  # -1 from the left .. 1 from the right
    from_y: float  # -1 from above .. 1 from below
    hardness: float  # 0 flat, everywhere .. 1 one hard lamp


def shade_map(identity: Identity, signs: AgeSigns, shape: FaceShape, light: Light) -> Image:
    """Return uint8 (CANVAS_HEIGHT, CANVAS_WIDTH): NEUTRAL keeps a colour, less darkens, more lightens."""
    height = _heights(identity, signs, shape)
    slope_y, slope_x = np.gradient(height, 2.0)
    # the light a flat place gets is the unit: dividing by it also cancels the length of the lamp's vector
    x, y = light.from_x / _LAMP_DISTANCE, light.from_y / _LAMP_DISTANCE
    facing = (1 - slope_x * x - slope_y * y) / np.sqrt(1 + slope_x * slope_x + slope_y * slope_y)
    lit = np.maximum(facing, 0)
    shade = (1 - light.hardness) * (0.62 + 0.38 * lit) + light.hardness * (0.3 + 0.7 * lit)
    small = np.clip(shade * NEUTRAL, 0, 255).astype(np.uint8)
    return enlarged(small, CANVAS_WIDTH, CANVAS_HEIGHT)


def _heights(identity: Identity, signs: AgeSigns, shape: FaceShape) -> NDArray[np.float32]:
    half, head = shape.half_width, shape.head_height
    x = (_X - CENTRE_X - 4 * np.sin(shape.yaw)) / (half * 1.08)
    y = (_Y - (TOP_Y + 0.5 * head)) / (head * 0.56)
    egg = np.sqrt(np.maximum(1 - x[None, :] ** 2 - y[:, None] ** 2, 0.02))
    height: NDArray[np.float32] = (egg * half * 0.62).astype(np.float32)
    mature = signs.maturity
    nose_x, nose_y = shape.nose_tip
    root_x, root_y = shape.nose_root
    (left_x, eye_y), (right_x, _) = shape.eyes
    mouth_x, mouth_y = shape.mouth
    ridge = 4.0 + 5.0 * mature
    _bump(height, (nose_x + root_x) / 2, (nose_y + root_y) / 2 + 4, 5.5, (nose_y - root_y) * 0.42, ridge)
    _bump(height, nose_x, nose_y - 3, shape.nose_half_width * 0.62, 7.5, 6.0 + 3.0 * mature)
    for eye_x, side in ((left_x, -1), (right_x, 1)):
        _bump(height, eye_x, eye_y - 2, shape.eye_half_width * 1.0, shape.eye_opening * 1.5, -4.0 - 2.0 * signs.hollow)
        _bump(height, eye_x, eye_y, shape.eye_half_width * 0.7, shape.eye_opening * 0.8, 2.0)
        _bump(height, eye_x, eye_y + shape.eye_opening + 8, shape.eye_half_width * 0.8, 5.0, 2.4 * signs.bags)
        _bump(height, eye_x, eye_y + shape.eye_opening + 14, shape.eye_half_width, 3.5, -2.2 * signs.bags)
        _bump(height, eye_x, shape.brows[0][1], half * 0.3, 6.0, 2.5 * mature * (1.0 if identity.is_male else 0.5))
        cheek_x = mouth_x + side * half * 0.56
        fullness = 4.0 + 2.0 * identity.cheek_fullness + 4.5 * signs.blush - 6.0 * signs.hollow
        _bump(height, cheek_x, (nose_y + mouth_y) / 2 - 10, half * 0.26, head * 0.085, fullness)
        _bump(height, mouth_x + side * half * 0.62, mouth_y + 6, half * 0.16, head * 0.07, -3.0 * signs.hollow)
        _bump(height, mouth_x + side * half * 0.56, mouth_y + 22, half * 0.17, 11.0, 5.0 * signs.jowls)
    _bump(height, mouth_x, mouth_y, shape.mouth_half_width * 0.9, shape.lip_height * 1.6, 3.0)
    _bump(height, mouth_x, mouth_y + shape.lip_height + 8, half * 0.26, 4.5, -2.4)
    _bump(
        height, shape.chin[0], shape.chin[1] - 12, half * (0.2 + 0.06 * identity.chin_width), 10.0, 3.5 + 1.5 * mature
    )
    return height


def _bump(height: NDArray[np.float32], x: float, y: float, spread_x: float, spread_y: float, amount: float) -> None:
    """Add a Gaussian bump in place, touching only the part of the field it reaches."""
    left, right = int((x - 3 * spread_x) / 2), int((x + 3 * spread_x) / 2) + 1
    top, bottom = int((y - 3 * spread_y) / 2), int((y + 3 * spread_y) / 2) + 1
    left, top = max(left, 0), max(top, 0)
    across = np.exp(-0.5 * ((_X[left:right] - x) / spread_x) ** 2)
    down = np.exp(-0.5 * ((_Y[top:bottom] - y) / spread_y) ** 2) * amount
    height[top:bottom, left:right] += down[:, None] * across[None, :]


def texture(rng: np.random.Generator, grain: float, blotches: float) -> Image:
    """Return a shade map of uneven skin: fine pores of strength `grain`, broad patches of strength `blotches`."""
    fine = rng.normal(0, 1, (CANVAS_HEIGHT // 4, CANVAS_WIDTH // 4)).astype(np.float32)
    broad = rng.normal(0, 1, (CANVAS_HEIGHT // 16, CANVAS_WIDTH // 16)).astype(np.float32)
    size = (CANVAS_WIDTH, CANVAS_HEIGHT)
    sum_of_both = cv2.resize(fine, size, interpolation=cv2.INTER_LINEAR) * grain
    sum_of_both += cv2.resize(broad, size, interpolation=cv2.INTER_CUBIC) * blotches
    rough: Image = np.clip(NEUTRAL + sum_of_both, 0, 255).astype(np.uint8)
    return rough
