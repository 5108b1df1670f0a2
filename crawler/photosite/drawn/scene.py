"""Everything in a drawn photo that is not the person: size, place, light, background, film and camera.

Two styles. `studio` is a clean, recent, evenly lit photo as labelled sets hold them. `album` is a crawled one: old,
grey or faded, grainy, blurred, any light, any background, and drawn with a softer hand, so that what a net learned
from studio photos carries over only in part.
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from crawler.photosite.drawn.brush import Image, blurred, ellipse, enlarged, fill, multiplied
from crawler.photosite.drawn.complexion import Manner
from crawler.photosite.drawn.geometry import Expression
from crawler.photosite.drawn.head import Dress
from crawler.photosite.drawn.identity import Colour, Identity
from crawler.photosite.drawn.skin import Light

Style = Literal["studio", "album"]
STYLES: tuple[Style, ...] = ("studio", "album")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One moment and one camera; everything random about a photo except who is in it and how old."""

    width: int
    height: int
    face_scale: float  # of the canvas
    roll: float  # radians
    offset_x: float  # of the face from the middle, share of the width
    offset_y: float
    expression: Expression
    light: Light
    dress: Dress
    manner: Manner
    exposure: float  # factor on brightness
    tint: Colour  # factors on red, green, blue, 1 = none
    greyness: float  # 0 colour .. 1 black and white
    fade: float  # 0 full contrast .. 1 washed out
    noise: float  # standard deviation of grain, grey levels
    blur: float  # pixels, standard deviation
    vignette: float
    jpeg_quality: int


def make_scene(identity: Identity, style: Style, rng: np.random.Generator) -> Scene:
    """Draw the circumstances of one photo."""
    album = style == "album"
    width = int(rng.integers(280, 356))  # at most 500 high: the site serves the whole photo as its medium size
    height = int(width * rng.uniform(1.15, 1.4))
    scale = width / 330 * (rng.uniform(0.78, 1.2) if album else rng.uniform(0.9, 1.2))
    smiles = rng.random() < 0.55
    open_mouth = smiles and rng.random() < 0.45
    side = 1.0 if rng.random() < 0.5 else -1.0
    grey = album and rng.random() < 0.4
    warm = rng.normal(0, 0.05 if album else 0.02)
    return Scene(
        width=width,
        height=height,
        face_scale=scale,
        roll=float(rng.normal(0, 0.11 if album else 0.07)),
        offset_x=float(rng.uniform(-0.06, 0.06)),
        offset_y=float(rng.uniform(-0.04, 0.04)),
        expression=Expression(
            yaw=float(np.clip(rng.normal(0, 0.17 if album else 0.12), -0.4, 0.4)),
            smile=float(rng.uniform(0.3, 1.0)) if smiles else float(rng.uniform(0, 0.15)),
            mouth_open=float(rng.uniform(0.4, 1.0)) if open_mouth else 0.0,
            squint=float(rng.uniform(0, 0.5)) * smiles,
            gaze=float(np.clip(rng.normal(0, 0.3), -0.8, 0.8)),
        ),
        light=Light(
            from_x=side * float(rng.uniform(0, 0.9 if album else 0.6)),
            from_y=float(rng.uniform(-0.8, 0.05)),
            hardness=float(rng.uniform(0.0, 0.75) if album else rng.uniform(0.35, 0.65)),
        ),
        dress=Dress(
            cloth=_colour(rng, 20, 230),
            collar=_colour(rng, 120, 250),
            has_collar=bool(rng.random() < 0.45),
            frame=_colour(rng, 10, 90),
            round_lens=bool(rng.random() < 0.5),
            wears_glasses=identity.wears_glasses and bool(rng.random() < 0.75),
        ),
        manner=_manner(album, rng),
        exposure=float(np.clip(rng.normal(1.0, 0.11 if album else 0.06), 0.7, 1.3)),
        tint=(1.0 + warm + (0.07 if album else 0.0), 1.0, 1.0 - warm - (0.12 if album else 0.0)),
        greyness=1.0 if grey else float(rng.uniform(0, 0.45) if album else rng.uniform(0, 0.1)),
        fade=float(rng.uniform(0, 0.35)) if album else 0.0,
        noise=float(rng.uniform(1.5, 6) if album else rng.uniform(0.5, 3)),
        blur=float(rng.uniform(0.3, 1.3) if album else rng.uniform(0, 0.5)),
        vignette=float(rng.uniform(0, 0.4)) if album else 0.0,
        jpeg_quality=int(rng.integers(60, 93) if album else rng.integers(86, 96)),
    )


def _manner(album: bool, rng: np.random.Generator) -> Manner:
    if album:
        return Manner(
            crease_softness=float(rng.uniform(0.5, 0.95)),
            crease_strength=float(rng.uniform(0.7, 1.05)),
            pore_grain=float(rng.uniform(0, 3)),
            strands=20,
            skin_smoothing=bool(rng.random() < 0.5),
        )
    return Manner(crease_softness=0.15, crease_strength=1.0, pore_grain=3.0, strands=70, skin_smoothing=False)


def draw_background(scene: Scene, style: Style, rng: np.random.Generator) -> Image:
    """Return an RGB picture of the photo's size: a lit wall in the studio, blurred things outdoors and at home."""
    low = (max(scene.width // 8, 2), max(scene.height // 8, 2))
    top, bottom = np.array(_colour(rng, 90, 225)), np.array(_colour(rng, 60, 215))
    if style == "studio":
        bottom = top * rng.uniform(0.7, 1.0)
    slope = np.linspace(0, 1, low[1])[:, None, None]
    small: Image = np.broadcast_to(top * (1 - slope) + bottom * slope, (low[1], low[0], 3)).astype(np.uint8)
    if style == "album":
        small = small.copy()
        for _ in range(int(rng.integers(3, 9))):
            place = rng.uniform(0, 1, 2) * low
            fill(small, ellipse(place, *rng.uniform(2, 14, 2), tilt=rng.uniform(0, 3)), _colour(rng, 30, 230))
        small = blurred(small, 5, float(rng.uniform(0.5, 2.0)))
    return enlarged(small, scene.width, scene.height)


def develop(photo: Image, scene: Scene, rng: np.random.Generator) -> Image:
    """Return the photo as film, lens and camera left it: blur, exposure, colour, fading, vignette, grain."""
    if scene.blur > 0.35:
        photo = blurred(photo, 0, scene.blur)
    gain = scene.exposure * (1 - 0.55 * scene.fade)
    lift = 62 * scene.fade
    # black and white, tint, exposure and fading are one 3x4 matrix on (red, green, blue, 1)
    luma = np.array([[0.299, 0.587, 0.114]] * 3)
    mix = np.diag(scene.tint) @ (np.eye(3) * (1 - scene.greyness) + luma * scene.greyness) * gain
    photo = cv2.transform(photo, np.hstack([mix, np.full((3, 1), lift)]))  # type: ignore[assignment]
    if scene.vignette > 0.02:
        photo = _darken_corners(photo, scene.vignette)
    grain = np.empty((scene.height // 2 + 1, scene.width // 2 + 1), np.int16)
    grain[:] = rng.normal(0, scene.noise * 1.4, grain.shape)
    grain_full = cv2.resize(grain, (scene.width, scene.height), interpolation=cv2.INTER_LINEAR)
    return cv2.add(photo, cv2.merge((grain_full, grain_full, grain_full)), dtype=cv2.CV_8U)  # type: ignore[return-value]


def _darken_corners(photo: Image, amount: float) -> Image:
    height, width = photo.shape[0] // 8, photo.shape[1] // 8
    x, y = np.linspace(-1, 1, width)[None, :], np.linspace(-1, 1, height)[:, None]
    mask = np.clip(255 * (1 - amount * 0.5 * (x * x + y * y)), 0, 255).astype(np.uint8)
    full = enlarged(mask, photo.shape[1], photo.shape[0])
    return multiplied(photo, np.repeat(full[:, :, None], 3, axis=2), 255)


def _colour(rng: np.random.Generator, low: float, high: float) -> Colour:
    """Return a colour between grey and half-way vivid: walls, cloth and trees seldom shine."""
    grey, vivid = rng.uniform(low, high), rng.uniform(0, 0.5)
    red, green, blue = (float(grey + (value - grey) * vivid) for value in rng.uniform(low, high, 3))
    return (red, green, blue)
