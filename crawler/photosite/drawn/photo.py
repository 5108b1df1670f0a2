"""One drawn photo: a person of an age in a scene."""

from typing import cast

import cv2
import numpy as np

from crawler.photosite.drawn.ageing import age_signs
from crawler.photosite.drawn.brush import Image, paste
from crawler.photosite.drawn.geometry import CANVAS_HEIGHT, CANVAS_WIDTH, CENTRE_X, TOP_Y
from crawler.photosite.drawn.head import draw_head
from crawler.photosite.drawn.identity import make_identity
from crawler.photosite.drawn.scene import STYLES, Scene, Style, develop, draw_background, make_scene

_FACE_CENTRE_Y = TOP_Y + 112  # of the canvas; about the bridge of the nose


def draw_photo(identity_seed: int, age: float, photo_seed: int, *, style: Style = "studio") -> Image:
    """Draw this person at `age` years; return uint8 RGB (height, width, 3), about 400x320.

    The same arguments give the same pixels. Raises ValueError for an age outside 0..95 or an unknown style.
    """
    photo, _ = _draw(identity_seed, age, photo_seed, style)
    return photo


def draw_jpeg(identity_seed: int, age: float, photo_seed: int, *, style: Style = "studio") -> bytes:
    """Draw the photo and return it as JPEG bytes of the quality its camera had."""
    photo, scene = _draw(identity_seed, age, photo_seed, style)
    _, encoded = cv2.imencode(".jpg", photo[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, scene.jpeg_quality])
    return encoded.tobytes()


def photo_size(identity_seed: int, photo_seed: int, *, style: Style = "studio") -> tuple[int, int]:
    """Return (width, height) of the photo without drawing it."""
    scene = make_scene(make_identity(identity_seed), style, _generator(photo_seed))
    return scene.width, scene.height


def _generator(photo_seed: int) -> np.random.Generator:
    return np.random.default_rng([photo_seed, 23])


def _draw(identity_seed: int, age: float, photo_seed: int, style: Style) -> tuple[Image, Scene]:
    if style not in STYLES:
        raise ValueError(f"style {style!r} is not one of {', '.join(STYLES)}")
    identity, rng = make_identity(identity_seed), _generator(photo_seed)
    signs = age_signs(identity, age)
    scene = make_scene(identity, style, rng)
    head, alpha = draw_head(
        identity,
        signs,
        expression=scene.expression,
        light=scene.light,
        dress=scene.dress,
        manner=scene.manner,
        rng=rng,
    )
    photo = draw_background(scene, style, rng)
    matrix = _placement(scene)
    size = (scene.width, scene.height)
    placed = cast(Image, cv2.warpAffine(cv2.merge((head, alpha)), matrix, size, flags=cv2.INTER_LINEAR))
    paste(photo, placed[:, :, :3], placed[:, :, 3])
    return develop(photo, scene, rng), scene


def _placement(scene: Scene) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Return the 2x3 matrix from canvas to photo: turn about the face, scale, move; the shoulders reach the edge."""
    cosine, sine = np.cos(scene.roll) * scene.face_scale, np.sin(scene.roll) * scene.face_scale
    # never higher than lets the body fill the bottom of the photo
    room = (CANVAS_HEIGHT - _FACE_CENTRE_Y) * scene.face_scale * np.cos(scene.roll)
    room -= abs(np.sin(scene.roll)) * 0.5 * CANVAS_WIDTH * scene.face_scale
    x = scene.width * (0.5 + scene.offset_x)
    y = max(scene.height * (0.5 + scene.offset_y), scene.height - room + 2)
    return np.array(
        [
            [cosine, -sine, x - cosine * CENTRE_X + sine * _FACE_CENTRE_Y],
            [sine, cosine, y - sine * CENTRE_X - cosine * _FACE_CENTRE_Y],
        ]
    )
