"""Features of one age should be nearer to each other than to any other age, by a margin: triplets, the worst of them.

    D(b, c) = ||e_b - e_c||^2,   T(a, p, n) = max(0, margin + D(a, p) - D(a, n))

a, p are of one age, n of another. Every ordered anchor-positive pair with every negative of the batch is a triplet;
the top K losses are summed. With u = 1 where T > 0,

    dT/de_a = 2u (e_n - e_p)      dT/de_p = 2u (e_p - e_a)      dT/de_n = 2u (e_a - e_n)

The deep-embedding paper, eq. 2 and 3; reference equations 1.3. It gives margin 0.5 and neither says K nor whether
features are normalised. Raw features of unit variance are 8,204 apart on average, so they are set to length 1 unless
`normalise` is False. K is of the whole batch as printed, or of each anchor-positive pair, as in Wang and Gupta,
Unsupervised Learning of Visual Representations using Videos, 2015, from where the margin comes (there K = 4).
"""

from typing import Literal

import torch
from torch import Tensor

from train.losses.numerics import at_least_float32, without_autocast

TopKScope = Literal["batch", "pair"]
"""`batch`: the K worst triplets of the batch. `pair`: the K worst negatives of each anchor-positive pair."""

MARGIN = 0.5
TOP_K = 4

_BLOCK = 1 << 24
"""Triplets looked at together: 64 MB in float32. A batch of 256 is one block."""


def triplet_loss(
    features: Tensor,
    ages: Tensor,
    *,
    margin: float = MARGIN,
    top_k: int = TOP_K,
    topk_scope: TopKScope = "batch",
    normalise: bool = True,
) -> Tensor:
    """Return the sum of the worst triplets of a batch, a scalar, from `features` (B, D) and `ages` (B,).

    A sum, not a mean, as printed; a batch without a triplet gives 0. Ages are compared as whole years, or as bins.
    Raises ValueError on shapes that do not fit, on `top_k` below 1 and on an unknown scope.
    """
    if features.ndim != 2 or ages.shape != features.shape[:1]:
        raise ValueError(f"ages must be (B,) for features (B, D); got {tuple(ages.shape)} for {tuple(features.shape)}")
    if top_k < 1:
        raise ValueError(f"top_k must be at least 1, not {top_k}")
    if topk_scope not in ("batch", "pair"):
        raise ValueError(f"topk_scope must be 'batch' or 'pair', not {topk_scope!r}")
    embedded = at_least_float32(features)
    if not len(embedded):
        return embedded.sum()
    if normalise:
        embedded = torch.nn.functional.normalize(embedded, dim=1)
    years = ages.round() if ages.is_floating_point() else ages
    distance = squared_distances(embedded)
    # Mined without gradient and then computed again for the few that count: no (B, B, B) tensor is kept for backward.
    worst = _mine(distance.detach(), years, margin=margin, top_k=top_k, scope=topk_scope)
    anchor, positive, negative = worst.unbind(1)
    losses = (margin + distance[anchor, positive] - distance[anchor, negative]).clamp(min=0)
    is_triplet = (years[anchor] == years[positive]) & (years[anchor] != years[negative]) & (anchor != positive)
    return losses.masked_fill(~is_triplet, 0.0).sum()


def squared_distances(embedded: Tensor) -> Tensor:
    """Return D (B, B) by the Gram matrix; never negative, and exactly 0 on the diagonal."""
    # Autocast would take the product to bfloat16, whose error is larger than the margin.
    with without_autocast(embedded):
        gram = embedded @ embedded.T
    length = gram.diagonal()
    apart = (length[:, None] + length[None, :] - 2 * gram).clamp(min=0)
    return apart.masked_fill(torch.eye(len(embedded), dtype=torch.bool, device=embedded.device), 0.0)


@torch.no_grad()
def _mine(distance: Tensor, years: Tensor, *, margin: float, top_k: int, scope: TopKScope) -> Tensor:
    """Return the rows (anchor, positive, negative) of the worst triplets, int64 (T, 3); some may be none at all."""
    count = len(years)
    same = years[:, None] == years[None, :]
    positive = same & ~torch.eye(count, dtype=torch.bool, device=years.device)
    nothing = -torch.inf
    values, places = [], []
    step = max(1, _BLOCK // (count * count))
    for start in range(0, count, step):
        rows = slice(start, min(start + step, count))
        losses = margin + distance[rows, :, None] - distance[rows, None, :]
        losses = losses.masked_fill(~positive[rows, :, None] | same[rows, None, :], nothing)
        if scope == "pair":
            found = losses.topk(min(top_k, count), dim=2)
            pairs = torch.arange(losses.shape[0] * count, device=years.device).view(-1, count, 1) * count
            place = (pairs + found.indices).flatten()
        else:
            found = losses.flatten().topk(min(top_k, losses.numel()))
            place = found.indices
        values.append(found.values.flatten())
        places.append(place + start * count * count)
    place = torch.cat(places)
    if scope == "batch":
        place = place[torch.cat(values).topk(min(top_k, len(place))).indices]
    within = place % (count * count)
    return torch.stack([place // (count * count), within // count, within % count], dim=1)
