"""One face, all there is to see: what the net says, its maps, and where the years come from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from train.backbones.frame import Backbone
from train.explain.asking import saying, saying_from_maps
from train.explain.attribution import Attributed, gradient_times_input, integrated_gradients
from train.explain.grad_cam import enlarged, grad_cam
from train.explain.maps import feature_maps, strongest
from train.explain.occlusion import occlusion

Field = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Looked:
    """What was found; fields are (S, S) in years a pixel, of Grad-CAM without a unit."""

    age: float
    maps: dict[str, list[tuple[int, Field]]]
    """Of each layer the channels that differ most over the face, with their maps (H, W)."""
    shapes: dict[str, tuple[int, int, int]]
    """Channels, height and width of each layer."""
    fields: dict[str, Field]
    integrated: Attributed


def look_at(net: Backbone, image: Tensor, *, bins: str, layers: Sequence[str], channels: int, steps: int) -> Looked:
    """Look into `net` with one normalised image (3, S, S) on its device; the net is left in evaluation mode."""
    net.eval()
    say = saying(net, bins)
    found = {name: maps[0] for name, maps in feature_maps(net, image[None], layers).items()}
    found = {name: maps for name, maps in found.items() if maps.ndim == 3}
    integrated = integrated_gradients(say, image, steps=steps)
    with torch.no_grad():
        last = net.trunk(image[None]).float()
    fields = {
        "gradient x input": gradient_times_input(say, image).sum(dim=0),
        "integrated gradients": integrated.years.sum(dim=0),
        "Grad-CAM": enlarged(grad_cam(saying_from_maps(net, bins), last), image.shape[-1]),
        "occlusion": occlusion(say, image),
    }
    return Looked(
        age=integrated.age,
        maps={name: [(one, _field(maps[one])) for one in strongest(maps, channels)] for name, maps in found.items()},
        shapes={name: (maps.shape[0], maps.shape[1], maps.shape[2]) for name, maps in found.items()},
        fields={name: _field(field) for name, field in fields.items()},
        integrated=integrated,
    )


def _field(values: Tensor) -> Field:
    return values.detach().double().cpu().numpy()
