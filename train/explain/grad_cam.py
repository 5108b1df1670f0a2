"""Which places of the last maps speak for an older face: Selvaraju et al., Grad-CAM, ICCV 2017, eq. 1 and 2.

Without its ReLU: an age is no class, and what makes a face look younger is as much part of the answer.
"""

import torch
from torch import Tensor, nn

from train.explain.asking import Say


def grad_cam(say_from_maps: Say, maps: Tensor) -> Tensor:
    """Return sum_c a_c A_c, (H, W), of the maps A (1, C, H, W) of one image; a_c is the mean gradient of map c.

    Positive places raise the age said, negative ones lower it, as far as it is linear in the maps.
    """
    asked = maps.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(say_from_maps(asked).sum(), asked)
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    return (weights * maps).sum(dim=1)[0].detach()


def enlarged(field: Tensor, side: int) -> Tensor:
    """Return a field (H, W) at (side, side), bilinear."""
    return nn.functional.interpolate(field[None, None], size=(side, side), mode="bilinear", align_corners=False)[0, 0]
