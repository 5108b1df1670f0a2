"""Variation of training crops on the device that trains: what train/augment.py does, a whole batch at a time.

The same pose, light, grey, softness, grain and rectangles, by the same settings; not the same numbers. Low resolution
and blur take one strength a batch, because a batch is resampled to one size. A processor is ten times faster with
OpenCV, one crop after the other; a GPU would wait for it.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from train.augment import BLUR_SIDES, ERASED_AREA, ERASED_SHAPE, LOW_RESOLUTION, NOISE_LEVELS, NUMBERS
from train.batches import Places
from train.devices import Machine, normalise, to_input
from train.settings import AugmentSettings

WHITE = 255.0
_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, as OpenCV's grey
_BLUR_REACH = 3.0  # sigmas of a kernel


def varied_input(
    images: NDArray[np.uint8] | Tensor,
    settings: AugmentSettings,
    *,
    machine: Machine,
    seed: int | None,
    places: Places | None = None,
) -> Tensor:
    """Return crops (B, S, S, 3) uint8 as a normalised batch (B, 3, S, S) on the device, varied there by `seed`.

    `seed` None: the crops are as they should be. `places` says which images of a larger batch these are.
    """
    if seed is None:
        return to_input(images, machine)
    batch = torch.as_tensor(images).to(machine.device, non_blocking=True).permute(0, 3, 1, 2).float()
    generator = torch.Generator(machine.device).manual_seed(seed)
    return normalise(vary(batch, settings, generator=generator, places=places))


def device_seed(rng: np.random.Generator) -> int:
    """Return the seed by which the device varies a batch, from the generator of its step."""
    return int(rng.integers(1 << 63))


@torch.no_grad()
def vary(
    images: Tensor, settings: AugmentSettings, *, generator: torch.Generator, places: Places | None = None
) -> Tensor:
    """Return varied copies of `images` (B, 3, S, S), levels 0..255 as floats; a seed gives the same values again.

    `generator` is on the device of the images and seeded for this batch alone. Of the numbers of a larger batch these
    images take those at their `places`.
    """
    count, side = len(images) if places is None else places.count, images.shape[-1]
    mine = None if places is None or len(images) == count else torch.from_numpy(places.rows).to(images.device)

    def uniform(columns: int) -> Tensor:
        numbers = torch.rand(count, columns, generator=generator, device=images.device)
        return numbers if mine is None else numbers[mine]

    affine, light, chance, amount = (uniform(columns) for columns in NUMBERS)
    # A number that decides a size is drawn on the processor: to ask the device for it would make the host wait.
    here = torch.Generator().manual_seed(generator.initial_seed())
    resolution, softness = torch.rand(2, generator=here).tolist()
    images = move(images, poses(affine, settings, side=side))
    images = _light(images, settings, 2 * light - 1)
    images = _where(chance[:, 0] < settings.grey_probability, _grey(images).expand_as(images), images)
    if settings.low_resolution_probability:
        small = max(4, round(side * _between(LOW_RESOLUTION, resolution)))
        shrunk = functional.interpolate(images, size=(small, small), mode="bilinear", antialias=True)
        soft = functional.interpolate(shrunk, size=(side, side), mode="bilinear")
        images = _where(chance[:, 1] < settings.low_resolution_probability, soft, images)
    if settings.blur_probability:
        soft = _blur(images, side * _between(BLUR_SIDES, softness))
        images = _where(chance[:, 2] < settings.blur_probability, soft, images)
    if settings.noise_probability:
        # One plane for all colours: film grain and the noise of a grey scan have no hue.
        grain = torch.randn(count, 1, side, side, generator=generator, device=images.device)
        grain = grain if mine is None else grain[mine]
        low, high = NOISE_LEVELS
        deviation = (low + (high - low) * amount[:, 3])[:, None, None, None]
        noisy = (images + grain * deviation).clamp(0, WHITE)
        images = _where(chance[:, 3] < settings.noise_probability, noisy, images)
    if settings.erase_probability:
        images = _erase(images, chance[:, 4] < settings.erase_probability, amount[:, 4], uniform(6))
    return images


def poses(u: Tensor, settings: AugmentSettings, *, side: int) -> Tensor:
    """Return the map (B, 2, 3) from places of the crop to places of the varied one, in pixels, x before y."""
    spread = 2 * u - 1
    angle = math.radians(settings.rotate_degrees) * spread[:, 1]
    zoom = 1 + settings.scale * spread[:, 2]
    cosine, sine = zoom * torch.cos(angle), zoom * torch.sin(angle)
    mirror = torch.where(u[:, 0] < settings.flip_probability, -1.0, 1.0)
    linear = torch.stack([torch.stack([cosine * mirror, -sine], 1), torch.stack([sine * mirror, cosine], 1)], 1)
    centre = (side - 1) / 2
    offset = centre - linear.sum(dim=2) * centre + settings.shift * side * spread[:, 3:5]
    return torch.cat([linear, offset[:, :, None]], dim=2)


def move(images: Tensor, pose: Tensor) -> Tensor:
    """Return `images` (B, 3, S, S) moved by `pose` (B, 2, 3), bilinear, reflected at the edge: `cv2.warpAffine`."""
    side = images.shape[-1]
    back = torch.linalg.inv_ex(pose[:, :, :2]).inverse  # `inv` would make the host wait to look for singular ones
    places = torch.arange(side, dtype=images.dtype, device=images.device)
    y, x = torch.meshgrid(places, places, indexing="ij")
    to = torch.stack([x, y], dim=-1).view(1, -1, 2) - pose[:, None, :, 2]
    # A broadcast product and a sum, not a matrix product, whose TF32 would be a hundredth of a pixel off.
    source = (back[:, None] * to[:, :, None, :]).sum(dim=-1)
    grid = (source * (2 / (side - 1)) - 1).view(-1, side, side, 2)
    return functional.grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=True)


def _light(images: Tensor, settings: AugmentSettings, spread: Tensor) -> Tensor:
    """Exposure, contrast about the mean, gamma, a gain for each colour, then saturation."""

    def column(values: Tensor) -> Tensor:
        return values.reshape(len(images), -1, 1, 1)

    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    gain = column((1 + settings.brightness * spread[:, :1]) * (1 + settings.colour * spread[:, 2:5]))
    slope = column(1 + settings.contrast * spread[:, 1])
    exponent = column(torch.exp(settings.gamma * spread[:, 5]))
    shades = (((images - mean) * slope + mean) / WHITE).clamp(0, 1) ** exponent
    lit = (shades * gain * WHITE).clamp(0, WHITE)
    share = column(1 + settings.saturation * spread[:, 6])
    return (lit * share + _grey(lit) * (1 - share)).clamp(0, WHITE)


def _grey(images: Tensor) -> Tensor:
    weights = images.new_tensor(_LUMA)[:, None, None]
    return (images * weights).sum(dim=1, keepdim=True)


def _blur(images: Tensor, sigma: float) -> Tensor:
    reach = max(1, math.ceil(_BLUR_REACH * sigma))
    places = torch.arange(-reach, reach + 1, dtype=images.dtype, device=images.device)
    kernel = torch.exp(-0.5 * (places / sigma) ** 2)
    kernel = (kernel / kernel.sum()).expand(3, 1, 1, -1)
    padded = functional.pad(images, (reach,) * 4, mode="reflect")
    return functional.conv2d(functional.conv2d(padded, kernel, groups=3), kernel.mT, groups=3)


def _erase(images: Tensor, is_erased: Tensor, amount: Tensor, u: Tensor) -> Tensor:
    """Cover a rectangle of each chosen image with one colour; `u` (B, 6) is its shape, place and colour."""
    side = images.shape[-1]
    area = (ERASED_AREA[0] + (ERASED_AREA[1] - ERASED_AREA[0]) * amount) * side * side
    low, high = math.log(ERASED_SHAPE[0]), math.log(ERASED_SHAPE[1])
    shape = torch.exp(low + (high - low) * u[:, 0])
    tall, wide = ((area * form).sqrt().round().clamp(1, side) for form in (shape, 1 / shape))
    top, left = ((side - long + 1).mul(u[:, place]).floor() for long, place in ((tall, 1), (wide, 2)))
    places = torch.arange(side, device=images.device)
    in_rows = (places >= top[:, None]) & (places < (top + tall)[:, None])
    in_columns = (places >= left[:, None]) & (places < (left + wide)[:, None])
    covered = in_rows[:, None, :, None] & in_columns[:, None, None, :] & is_erased[:, None, None, None]
    return torch.where(covered, (u[:, 3:6] * 256).floor()[:, :, None, None], images)


def _where(chosen: Tensor, varied: Tensor, images: Tensor) -> Tensor:
    return torch.where(chosen[:, None, None, None], varied, images)


def _between(ends: tuple[float, float], amount: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * amount
