"""Where things are in a drawn face: identity, signs of age, expression and a turn of the head become points.

The drawing happens on a canvas of CANVAS_WIDTH x CANVAS_HEIGHT pixels with an upright head; `photo.py` then turns,
scales and places the canvas in the photo. Proportions of child and adult heads follow the usual tables of figure
drawing: an adult's eyes are in the middle of the head, a newborn's clearly below it.
"""

import math
from dataclasses import dataclass

import numpy as np

from crawler.photosite.drawn.ageing import AgeSigns
from crawler.photosite.drawn.brush import Points, points, rounded
from crawler.photosite.drawn.identity import Identity

CANVAS_WIDTH, CANVAS_HEIGHT = 320, 416
CENTRE_X = 160.0
TOP_Y = 96.0  # of the skull; hair may rise above it


@dataclass(frozen=True, kw_only=True)
class Expression:
    """What the face does at this moment."""

    yaw: float  # radians, + looks to the right of the photo
    smile: float  # 0 none .. 1 broad
    mouth_open: float  # 0 closed .. 1 teeth show
    squint: float  # 0 eyes wide .. 1 nearly shut
    gaze: float  # -1 left .. 1 right


@dataclass(frozen=True, kw_only=True)
class FaceShape:
    """Points and lengths of one face on the canvas, in pixels. Pairs are (left on screen, right on screen)."""

    outline: Points
    half_width: float
    head_height: float
    eyes: Points  # (2, 2) centres
    eye_half_width: float
    eye_opening: float  # half the height of the open eye
    eye_tilt: float
    brows: Points  # (2, 2) centres
    brow_half_width: float
    nose_root: Points
    nose_tip: Points
    nose_half_width: float
    mouth: Points
    mouth_half_width: float
    mouth_corner_lift: float
    lip_height: float
    chin: Points
    ears: Points  # (2, 2) centres
    ear_half_height: float
    hairline_y: float
    temple_y: float
    yaw: float

    def on_face(self, x: float, y: float) -> tuple[float, float]:
        """Return the canvas place of a point of the face surface; `x` in pixels from its middle line, before yaw."""
        return (_turned(x, self.half_width, self.yaw), y)


def face_shape(identity: Identity, signs: AgeSigns, expression: Expression) -> FaceShape:
    """Return the face of this person with these signs of age and this expression."""
    grown, mature = signs.growth, signs.maturity

    def grow(child: float, adult: float) -> float:
        return child + (adult - child) * grown

    head = grow(176, 214) * (1 + 0.035 * identity.face_length)
    half = grow(76, 76) * (1 + 0.045 * identity.face_width)
    yaw = expression.yaw

    def at(x: float, share_of_head: float, depth: float = 0.0) -> tuple[float, float]:
        return (_turned(x, half, yaw) + depth * math.sin(yaw), TOP_Y + share_of_head * head)

    eye_y = grow(0.595, 0.505) + 0.006 * signs.hood
    nose_y = grow(0.735, 0.690) + 0.008 * identity.nose_length * mature + 0.014 * signs.cartilage
    mouth_y = grow(0.835, 0.805) + 0.006 * signs.jowls
    eye_x = half * grow(0.475, 0.43) * (1 + 0.05 * identity.eye_spacing)
    brow_y = eye_y - grow(0.098, 0.085) * (1 + 0.16 * identity.brow_height) + 0.016 * signs.hood
    opening = grow(0.062, 0.040) * head * (1 + 0.14 * identity.eye_size)
    opening *= (1 - 0.34 * signs.hood) * (1 - 0.45 * expression.squint)
    mouth_half = half * grow(0.29, 0.365) * (1 + 0.09 * identity.mouth_width) * (1 + 0.18 * expression.smile)
    lip = head * grow(0.036, 0.034) * (1 + 0.28 * identity.lip_fullness * mature) * (1 - 0.5 * signs.thin_lips)
    ear_half = head * grow(0.105, 0.115) * (1 + 0.1 * identity.ear_size + 0.2 * signs.cartilage)
    ear_y = TOP_Y + head * (eye_y + 0.09)
    return FaceShape(
        outline=_outline(identity, signs, half, head, yaw),
        half_width=half,
        head_height=head,
        eyes=points(at(-eye_x, eye_y), at(eye_x, eye_y)),
        eye_half_width=half * grow(0.245, 0.205) * (1 + 0.09 * identity.eye_size),
        eye_opening=max(opening, 2.2),
        eye_tilt=0.06 * identity.eye_tilt - 0.07 * signs.hood,
        brows=points(at(-eye_x * 1.04, brow_y), at(eye_x * 1.04, brow_y)),
        brow_half_width=half * grow(0.24, 0.29),
        nose_root=np.array(at(0, eye_y - 0.01, 4.0)),
        nose_tip=np.array(at(0, nose_y, grow(8.0, 17.0))),
        nose_half_width=half * grow(0.165, 0.205) * (1 + 0.14 * identity.nose_width + 0.14 * signs.cartilage),
        mouth=np.array(at(0, mouth_y, 3.0)),
        mouth_half_width=mouth_half,
        mouth_corner_lift=6.5 * expression.smile - 2.2 * signs.jowls - 0.3,
        lip_height=lip,
        chin=np.array(at(0, 0.975, 2.0)),
        ears=points((CENTRE_X - half * 1.0 * math.cos(yaw), ear_y), (CENTRE_X + half * 1.0 * math.cos(yaw), ear_y)),
        ear_half_height=ear_half,
        hairline_y=TOP_Y + head * grow(0.20, 0.165),
        temple_y=TOP_Y + head * (eye_y - 0.06),
        yaw=yaw,
    )


def _turned(x: float, half_width: float, yaw: float) -> float:
    """Return the canvas x of a face point: the head is a cylinder that is 0.8 as deep as wide."""
    inside = max(1 - (x / half_width) ** 2, 0.0)
    return CENTRE_X + x * math.cos(yaw) + 0.55 * half_width * (math.sqrt(inside) - 0.35) * math.sin(yaw)


def _outline(identity: Identity, signs: AgeSigns, half: float, head: float, yaw: float) -> Points:
    mature, jowls, hollow, blush = signs.maturity, signs.jowls, signs.hollow, signs.blush
    jaw = 0.86 + 0.07 * identity.jaw_width * mature + 0.07 * jowls + 0.06 * blush - 0.02 * mature
    chin = 0.42 + 0.09 * identity.chin_width * mature + 0.05 * blush + 0.09 * jowls
    cheek = 0.985 + 0.03 * identity.cheek_fullness * (1 - hollow) + 0.05 * blush - 0.07 * hollow
    right = [
        (0.48, -0.022),
        (0.87, 0.095),
        (1.03, 0.30),
        (1.0 - 0.035 * hollow, 0.50),
        (cheek, 0.66),
        (jaw, 0.83 + 0.015 * jowls),
        (chin, 0.985),
        (0.16, 1.012),
    ]
    lean = 5.0 * math.sin(yaw)  # the chin leads when the head turns
    corners = [(CENTRE_X + x * half + lean * y, TOP_Y + y * head) for x, y in right]
    corners += [(CENTRE_X - x * half + lean * y, TOP_Y + y * head) for x, y in reversed(right)]
    return rounded(points(*corners), closed=True)
