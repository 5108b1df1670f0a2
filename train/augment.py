"""Variation of training crops: one affine map, one lookup table and a few rarer faults an image, on uint8.

OpenCV on single 64-pixel crops costs about 100 microseconds an image; a batched `grid_sample` on a processor costs
ten times as much (reference: curation.md 3.2). The order follows a camera: pose, light, colour film or grey, then
what scanning and shrinking do to a print.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from train.settings import AugmentSettings

Images = NDArray[np.uint8]

_LEVELS = np.arange(256, dtype=np.float64)
_WHITE = 255.0
NUMBERS = (5, 7, 5, 5)
"""How many uniform numbers an image takes: for its pose, its light, the chances of the rarer faults, their amounts."""

ERASED_AREA = (0.02, 0.10)  # share of the crop; a face fills a third of it
ERASED_SHAPE = (0.4, 2.5)  # height by width
NOISE_LEVELS = (3.0, 14.0)  # standard deviation in grey levels: from a good scan to pushed film
LOW_RESOLUTION = (0.35, 0.8)  # a 64-pixel crop of a face that was 22 to 51 pixels wide
BLUR_SIDES = (0.008, 0.02)  # sigma as a share of the side


@dataclass(frozen=True)
class _Draws:
    """Uniform numbers in [0, 1) for a whole batch, drawn at once: a row an image."""

    affine: NDArray[np.float64]
    light: NDArray[np.float64]
    chance: NDArray[np.float64]
    amount: NDArray[np.float64]


def augment(images: Images, settings: AugmentSettings, *, rng: np.random.Generator) -> Images:
    """Return varied copies of `images` (B, S, S, 3); the same generator state gives the same bytes."""
    count = len(images)
    draws = _Draws(*(rng.random((count, columns)) for columns in NUMBERS))
    varied = np.empty_like(images)
    for row in range(count):
        varied[row] = _one(images[row], settings, draws, row, rng)
    return varied


def _one(image: Images, settings: AugmentSettings, draws: _Draws, row: int, rng: np.random.Generator) -> Images:
    chance, amount = draws.chance[row], draws.amount[row]
    image = _move(image, settings, draws.affine[row])
    image = _light(image, settings, draws.light[row])
    if chance[0] < settings.grey_probability:
        image = _grey(image)
    side = image.shape[0]
    if chance[1] < settings.low_resolution_probability:
        small = max(4, round(side * _between(LOW_RESOLUTION, amount[1])))
        image = cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        image = cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
    if chance[2] < settings.blur_probability:
        image = cv2.GaussianBlur(image, (0, 0), side * _between(BLUR_SIDES, amount[2]))  # type: ignore[assignment]
    if chance[3] < settings.noise_probability:
        image = _grain(image, _between(NOISE_LEVELS, amount[3]), rng)
    if chance[4] < settings.erase_probability:
        image = _erase(image, amount[4], rng)
    return image


def _move(image: Images, settings: AugmentSettings, u: NDArray[np.float64]) -> Images:
    """Flip, shift, scale and turn in one resampling, so that edges are softened once only."""
    side = image.shape[0]
    spread = 2 * u - 1
    angle = np.deg2rad(settings.rotate_degrees * spread[1])
    zoom = 1 + settings.scale * spread[2]
    cosine, sine = zoom * np.cos(angle), zoom * np.sin(angle)
    mirror = -1.0 if u[0] < settings.flip_probability else 1.0
    centre = (side - 1) / 2
    linear = np.array([[cosine * mirror, -sine], [sine * mirror, cosine]])
    offset = centre - linear @ np.array([centre, centre]) + settings.shift * side * spread[3:5]
    pose = np.column_stack([linear, offset])
    return cv2.warpAffine(  # type: ignore[return-value]
        image, pose, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )


def _light(image: Images, settings: AugmentSettings, u: NDArray[np.float64]) -> Images:
    """Exposure, contrast about the mean, gamma and a gain for each colour as one lookup table, then saturation."""
    spread = 2 * u - 1
    mean = float(image.mean())
    gain = (1 + settings.brightness * spread[0]) * (1 + settings.colour * spread[2:5])
    slope = 1 + settings.contrast * spread[1]
    shades = np.clip(((_LEVELS - mean) * slope + mean) / _WHITE, 0, 1) ** np.exp(settings.gamma * spread[5])
    table = np.clip(np.rint(shades[:, None] * gain[None, :] * _WHITE), 0, 255).astype(np.uint8)
    lit = cv2.LUT(image, table[None])
    if settings.saturation:
        share = 1 + settings.saturation * float(spread[6])
        lit = cv2.addWeighted(lit, share, _grey(lit), 1 - share, 0)
    return lit  # type: ignore[return-value]


def _grey(image: NDArray[Any]) -> Images:
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)  # type: ignore[return-value]


def _grain(image: Images, deviation: float, rng: np.random.Generator) -> Images:
    # One plane for all colours: film grain and the noise of a grey scan have no hue.
    grain = rng.standard_normal(image.shape[:2], dtype=np.float32) * deviation
    return np.clip(image + grain[..., None], 0, 255).astype(np.uint8)


def _erase(image: Images, amount: float, rng: np.random.Generator) -> Images:
    side = image.shape[0]
    area = _between(ERASED_AREA, amount) * side * side
    shape = np.exp(rng.uniform(*np.log(ERASED_SHAPE)))
    high = int(np.clip(round(float(np.sqrt(area * shape))), 1, side))
    wide = int(np.clip(round(float(np.sqrt(area / shape))), 1, side))
    top, left = int(rng.integers(side - high + 1)), int(rng.integers(side - wide + 1))
    erased = image.copy()
    erased[top : top + high, left : left + wide] = rng.integers(0, 256, 3, dtype=np.uint8)
    return erased


def _between(ends: tuple[float, float], amount: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * float(amount)
