"""Variation of training crops: one affine map, one lookup table and a few rarer faults an image, on uint8.

OpenCV on single crops, each read where it lies and written where it is wanted; a batched `grid_sample` on a processor
costs ten times as much (reference: curation.md 3.2). What is arithmetic over few numbers is done for the whole batch at
once: poses, and tables of light. The order follows a camera: pose, light, colour film or grey, then
what scanning and shrinking do to a print.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from train.batches import Places, all_places
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
    """Uniform numbers in [0, 1), a row an image; and a seed for what takes a number a pixel."""

    affine: NDArray[np.float64]
    light: NDArray[np.float64]
    chance: NDArray[np.float64]
    amount: NDArray[np.float64]
    seed: NDArray[np.int64]


def augment(
    images: Images | Sequence[Images],
    settings: AugmentSettings,
    *,
    rng: np.random.Generator,
    places: Places | None = None,
) -> Images:
    """Return varied copies (B, S, S, 3) of crops (S, S, 3); the same generator state gives the same bytes.

    `places` says which images of a larger batch these are: each is varied as it would be among all of them.
    """
    places = places or all_places(len(images))
    draws = _drawn(rng, places)
    poses = _poses(draws.affine, settings, side=images[0].shape[0])
    varied = np.empty((len(images), *images[0].shape), np.uint8)
    for image, pose, out in zip(images, poses, varied, strict=True):
        _move(image, pose, out)
    means = np.array([sum(cv2.mean(image)[:3]) / 3 for image in varied])
    tables = _tables(draws.light, means, settings)
    for row, image in enumerate(varied):
        _shade(image, tables[row], 2 * draws.light[row, 6] - 1, settings)
        _spoil(image, settings, draws, row)
    return varied


def _drawn(rng: np.random.Generator, places: Places) -> _Draws:
    # All numbers of the batch are drawn, whoever's images these are: an image's own do not depend on its neighbours.
    affine, light, chance, amount = (rng.random((places.count, columns))[places.rows] for columns in NUMBERS)
    return _Draws(affine, light, chance, amount, rng.integers(1 << 63, size=places.count)[places.rows])


def _spoil(image: Images, settings: AugmentSettings, draws: _Draws, row: int) -> None:
    """Make grey, coarse, soft, grainy or covered by chance, in place."""
    chance, amount = draws.chance[row], draws.amount[row]
    if chance[0] < settings.grey_probability:
        image[...] = _grey(image)
    side = image.shape[0]
    if chance[1] < settings.low_resolution_probability:
        small = max(4, round(side * _between(LOW_RESOLUTION, amount[1])))
        coarse = cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA)
        cv2.resize(coarse, (side, side), dst=image, interpolation=cv2.INTER_LINEAR)
    if chance[2] < settings.blur_probability:
        image[...] = cv2.GaussianBlur(image, (0, 0), side * _between(BLUR_SIDES, amount[2]))
    has_grain, is_covered = chance[3] < settings.noise_probability, chance[4] < settings.erase_probability
    if has_grain or is_covered:
        rng = np.random.default_rng(int(draws.seed[row]))
        if has_grain:
            _grain(image, _between(NOISE_LEVELS, amount[3]), rng)
        if is_covered:
            _erase(image, amount[4], rng)


def _poses(u: NDArray[np.float64], settings: AugmentSettings, *, side: int) -> NDArray[np.float64]:
    """Return the maps (B, 2, 3) that flip, shift, scale and turn, in pixels."""
    spread = 2 * u - 1
    angle = np.deg2rad(settings.rotate_degrees * spread[:, 1])
    zoom = 1 + settings.scale * spread[:, 2]
    cosine, sine = zoom * np.cos(angle), zoom * np.sin(angle)
    mirror = np.where(u[:, 0] < settings.flip_probability, -1.0, 1.0)
    linear = np.stack([np.stack([cosine * mirror, -sine], 1), np.stack([sine * mirror, cosine], 1)], 1)
    centre = (side - 1) / 2
    offset = centre - linear.sum(axis=2) * centre + settings.shift * side * spread[:, 3:5]
    return np.concatenate([linear, offset[:, :, None]], axis=2)


def _move(image: Images, pose: NDArray[np.float64], out: Images) -> None:
    """Move all at once in one resampling, so that edges are softened once only."""
    side = image.shape[0]
    cv2.warpAffine(image, pose, (side, side), dst=out, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def _tables(u: NDArray[np.float64], means: NDArray[np.float64], settings: AugmentSettings) -> Images:
    """Return lookup tables (B, 256, 3): exposure, contrast about the mean, gamma and a gain for each colour."""
    spread = 2 * u - 1
    gain = (1 + settings.brightness * spread[:, :1]) * (1 + settings.colour * spread[:, 2:5])
    slope, mean = 1 + settings.contrast * spread[:, 1:2], means[:, None]
    shades = np.clip(((_LEVELS - mean) * slope + mean) / _WHITE, 0, 1) ** np.exp(settings.gamma * spread[:, 5:6])
    return np.clip(np.rint(shades[:, :, None] * gain[:, None, :] * _WHITE), 0, 255).astype(np.uint8)


def _shade(image: Images, table: Images, spread: float, settings: AugmentSettings) -> None:
    cv2.LUT(image, table[None], dst=image)
    if settings.saturation:
        share = 1 + settings.saturation * spread
        cv2.addWeighted(image, share, _grey(image), 1 - share, 0, dst=image)


def _grey(image: NDArray[Any]) -> Images:
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)  # type: ignore[return-value]


def _grain(image: Images, deviation: float, rng: np.random.Generator) -> None:
    # One plane for all colours: film grain and the noise of a grey scan have no hue.
    grain = rng.standard_normal(image.shape[:2], dtype=np.float32) * np.float32(deviation)
    image[...] = np.clip(image + grain[..., None], 0, 255)


def _erase(image: Images, amount: float, rng: np.random.Generator) -> None:
    side = image.shape[0]
    area = _between(ERASED_AREA, amount) * side * side
    shape = np.exp(rng.uniform(*np.log(ERASED_SHAPE)))
    high = int(np.clip(round(float(np.sqrt(area * shape))), 1, side))
    wide = int(np.clip(round(float(np.sqrt(area / shape))), 1, side))
    top, left = int(rng.integers(side - high + 1)), int(rng.integers(side - wide + 1))
    image[top : top + high, left : left + wide] = rng.integers(0, 256, 3, dtype=np.uint8)


def _between(ends: tuple[float, float], amount: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * float(amount)
