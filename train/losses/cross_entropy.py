"""The class an age falls into, as a plain classification: classes are ages, or bins of ages.

    L = -log Q_t,   Q = softmax(f),   dL/df_p = Q_p - 1[p = t]

With label smoothing e the target is (1-e) 1[p = t] + e / C (Szegedy et al., Rethinking the Inception Architecture,
2016, section 7). Rothe et al., DEX, 2015, train ages so and answer with the expected age; reference equations 1.3, 1.4.
"""

import torch
from torch import Tensor

from train.losses.numerics import at_least_float32

NO_CLASS = -1
"""Target of a face whose age is in no class, as in the gaps between the groups of Adience."""


def cross_entropy(logits: Tensor, targets: Tensor, *, label_smoothing: float = 0.0) -> Tensor:
    """Return -log Q_t of each row in nats: (B,) from logits (B, C) and whole classes `targets` (B,).

    A target of NO_CLASS costs 0. Raises ValueError on targets that are no whole numbers of that shape; a class beyond
    the last raises it where the check costs no wait for a device.
    """
    if targets.shape != logits.shape[:1] or targets.is_floating_point():
        raise ValueError(f"targets must be whole classes (B,); got {targets.dtype} {tuple(targets.shape)}")
    if targets.device.type == "cpu" and bool((targets >= logits.shape[1]).any()):
        raise ValueError(f"a target of {int(targets.max())} is beyond the last of {logits.shape[1]} classes")
    log_q = torch.log_softmax(at_least_float32(logits), dim=1)
    targets = targets.to(device=logits.device, dtype=torch.int64)
    said = -log_q.gather(1, targets.clamp(min=0)[:, None])[:, 0]
    if label_smoothing:
        said = (1 - label_smoothing) * said - label_smoothing * log_q.mean(dim=1)
    return said.masked_fill(targets < 0, 0.0)
