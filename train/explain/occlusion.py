"""By how much the age said changes when a part of the face is covered: Zeiler & Fergus, ECCV 2014, section 4.2."""

import torch
from torch import Tensor

from train.explain.asking import Say

PATCH_SHARE = 8
"""The patch is an eighth of the side: about an eye of an `age` crop."""

_BATCH = 64


@torch.no_grad()
def occlusion(say: Say, image: Tensor, *, patch: int | None = None, stride: int | None = None) -> Tensor:
    """Return f(x) - f(x with a grey patch) in years, (S, S), each pixel the mean over the patches that cover it.

    Positive: what is there makes the face look older. `image` is normalised (3, S, S); patches step by half their side.
    """
    side = image.shape[-1]
    patch = patch or max(2, side // PATCH_SHARE)
    stride = stride or max(1, patch // 2)
    # The last patch ends at the edge, so that every pixel is covered.
    starts = sorted({*range(0, side - patch + 1, stride), side - patch})
    places = [(top, left) for top in starts for left in starts]
    whole = say(image[None])[0]
    total, count = torch.zeros(side, side, dtype=torch.float64), torch.zeros(side, side, dtype=torch.float64)
    for first in range(0, len(places), _BATCH):
        some = places[first : first + _BATCH]
        covered = image.repeat(len(some), 1, 1, 1)
        for row, (top, left) in enumerate(some):
            covered[row, :, top : top + patch, left : left + patch] = 0
        for (top, left), years in zip(some, (whole - say(covered)).double().cpu().tolist(), strict=True):
            total[top : top + patch, left : left + patch] += years
            count[top : top + patch, left : left + patch] += 1
    return total / count
